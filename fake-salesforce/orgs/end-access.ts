import type { App, Grant, State } from '../state.ts'

/** Ends sessions, of one org or of all; refresh tokens stay good. Returns how many ended. */
export function expireSessions(state: State, orgKey?: string): number {
  let ended = 0
  for (const [value, token] of state.accessTokens) {
    if (orgKey !== undefined && token.orgKey !== orgKey) continue
    state.accessTokens.delete(value)
    ended += 1
  }
  return ended
}

/** Deletes an approval with its refresh token and every session that came from it. */
export function killGrant(state: State, grant: Grant): void {
  state.grants.delete(grant.id)
  for (const [value, token] of state.accessTokens) if (token.grantId === grant.id) state.accessTokens.delete(value)
}

/** Revokes every approval of a user, as an admin does on the user's page. Returns how many. */
export function revokeUser(state: State, username: string): number {
  const own = [...state.grants.values()].filter((grant) => grant.username === username)
  for (const grant of own) killGrant(state, grant)
  for (const [value, token] of state.accessTokens) if (token.username === username) state.accessTokens.delete(value)
  return own.length
}

/** Everything that a new org id makes void: codes, approvals, sessions, cursors, jobs. */
export function wipeAccess(state: State, orgKey: string): void {
  for (const [key, code] of state.codes) if (code.orgKey === orgKey) state.codes.delete(key)
  for (const grant of [...state.grants.values()]) if (grant.orgKey === orgKey) killGrant(state, grant)
  for (const [key, token] of state.accessTokens) if (token.orgKey === orgKey) state.accessTokens.delete(key)
  for (const [key, cursor] of state.cursors) if (cursor.orgKey === orgKey) state.cursors.delete(key)
  for (const [key, job] of state.jobs) if (job.orgKey === orgKey) state.jobs.delete(key)
  for (const [key, deploy] of state.deploys) if (deploy.orgKey === orgKey) state.deploys.delete(key)
}

/** Deletes an app as Setup does: its approvals, sessions and codes go with it (M). */
export function removeApp(state: State, app: App): void {
  for (const grant of [...state.grants.values()]) if (grant.app === app) killGrant(state, grant)
  for (const [key, code] of state.codes) if (code.app === app) state.codes.delete(key)
  for (const [key, token] of state.accessTokens) if (token.app === app) state.accessTokens.delete(key)
  state.apps.delete(app.developerName)
}
