import type { Org, State } from '../state.ts'
import { appByName } from './add-app.ts'
import { defaultHost, orgByKey } from './add-org.ts'
import { userByName } from './add-user.ts'
import { killGrant, removeApp } from './end-access.ts'

/** `redirect`: the former host sends browsers on; `gone` (default): nothing knows it any more, and it answers 420. */
export type FormerHost = 'gone' | 'redirect'

/**
 * Gives an org another My Domain name, or a whole host: its `instance_url` changes, its id and tokens do not. A sandbox keeps the name of its
 * production org until its next refresh, so each org is renamed by itself. Means nothing where each org has a port.
 */
export function renameMyDomain(state: State, orgKey: string, name: string, formerHost: FormerHost = 'gone'): string {
  const org = orgByKey(state, orgKey)
  const host = name.includes('.')
    ? name
    : defaultHost(org.kind === 'sandbox' ? `${name}-${org.sandboxName}` : name, org.kind, org.sandboxName ?? '')
  if ([...state.orgs.values()].some((one) => one.myDomainHost === host)) throw new Error(`the host ${host} is taken`)
  org.formerHosts = [...org.formerHosts.filter((one) => one !== host), org.myDomainHost]
  org.formerHostsRedirect = formerHost === 'redirect'
  org.myDomainHost = host
  return host
}

/** Moves the org to another instance: same id, same host, another `InstanceName`. */
export function migrateOrg(state: State, orgKey: string, instanceName: string): void {
  orgByKey(state, orgKey).instanceName = instanceName
}

/** The org ends. Its host says so to everybody (`answers`, default), or is no longer known at all (`gone`: 420). */
export function deleteOrg(state: State, orgKey: string, host: 'answers' | 'gone' = 'answers'): void {
  const org: Org = orgByKey(state, orgKey)
  org.deleted = true
  if (host === 'gone') org.formerHosts = [...org.formerHosts, org.myDomainHost]
}

export interface Outage {
  /** So many requests get 503. */
  requests?: number
  /** Requests get 503 for so long, by the fake's clock. */
  ms?: number
}

/** Salesforce is down, for a number of requests or for a time; `knobs.faultsApplyTo` narrows which requests. */
export function outage(state: State, { requests, ms }: Outage): void {
  if (requests !== undefined) state.knobs.fail503Times = requests
  if (ms !== undefined) state.knobs.outageUntil = state.clock.now() + ms
}

/** Deactivates a user: sessions are dead, refreshing says "inactive user". */
export function deactivateUser(state: State, username: string): void {
  userByName(state, username).active = false
}

/** A new password ends the user's sessions; refresh tokens survive (M) unless `revokeTokens`. */
export function changePassword(state: State, username: string, revokeTokens = false): void {
  userByName(state, username)
  for (const [value, token] of state.accessTokens) if (token.username === username) state.accessTokens.delete(value)
  if (!revokeTokens) return
  for (const grant of [...state.grants.values()]) if (grant.username === username) killGrant(state, grant)
}

/** Revokes what one user gave to one app. Returns how many approvals that were. */
export function revokeApproval(state: State, username: string, developerName: string): number {
  const app = appByName(state, developerName)
  const own = [...state.grants.values()].filter((grant) => grant.username === username && grant.app === app)
  for (const grant of own) killGrant(state, grant)
  return own.length
}

/** Deletes an app with its approvals. */
export function removeAppByName(state: State, developerName: string): void {
  removeApp(state, appByName(state, developerName))
}
