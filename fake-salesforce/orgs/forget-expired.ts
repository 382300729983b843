import type { State } from '../state.ts'

/** Above so many entries the dead ones are dropped; a practice org may run for weeks. */
const MANY = 1000

/** Drops what can never be used again. Cheap to call: it does nothing while there is little. */
export function forgetExpired(state: State): void {
  const now = state.clock.now()
  const { pending, codes, accessTokens, grants, cursors, jobs } = state
  if (pending.size > MANY) for (const [key, one] of pending) if (one.expiresAt < now) pending.delete(key)
  if (codes.size > MANY) for (const [key, one] of codes) if (one.expiresAt < now) codes.delete(key)
  if (accessTokens.size > MANY) for (const [key, one] of accessTokens) if (one.expiresAt < now) accessTokens.delete(key)
  if (grants.size > MANY) {
    const alive = new Set([...accessTokens.values()].map((token) => token.grantId))
    for (const [key, one] of grants) if (one.refreshToken === null && !alive.has(key)) grants.delete(key)
  }
  for (const map of [cursors, jobs]) {
    for (const key of map.keys()) {
      if (map.size <= MANY) break
      map.delete(key)
    }
  }
}
