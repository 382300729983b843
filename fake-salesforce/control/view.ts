import type { State } from '../state.ts'

/** What `GET /__/state` shows: orgs, users, apps with their keys and secrets, and counts; never a token. */
export function viewOf(state: State): Record<string, unknown> {
  const rows: Record<string, Record<string, number>> = {}
  for (const [orgKey, types] of state.rows) rows[orgKey] = Object.fromEntries([...types].map(([type, list]) => [type, list.length]))
  return {
    now: state.clock.now(),
    knobs: state.knobs,
    browser: state.browser,
    orgs: Object.fromEntries(state.orgs),
    users: Object.fromEntries(state.users),
    apps: Object.fromEntries(state.apps),
    grants: [...state.grants.values()].map(({ id, app, username, orgKey, createdAt, lastUsedAt }) => ({
      id,
      app: app.developerName,
      username,
      orgKey,
      createdAt,
      lastUsedAt,
    })),
    sessions: state.accessTokens.size,
    rows,
  }
}
