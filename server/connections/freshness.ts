/** When tokens have to be renewed. Pure: all times are ms since 1970. */
import type { Provider } from '#providers/provider.ts'
import type { StoredGrant } from './connection.ts'

const DEFAULT_BUFFER_S = 300
/** Of the longest silence that a session is known to have survived: beyond it, it is likelier dead than not worth asking. */
const IDLE_SHARE = 0.8
/** No session is set to end sooner than after 15 minutes without use (Salesforce's shortest), whatever little was learned so far. */
const SHORTEST_SESSION_MS = 15 * 60_000

/** Renewing ahead of time is done with when somebody else has done it meanwhile. */
const JUST_RENEWED_MS = 60_000

/** What the caller knows against the stored token. */
export interface Need {
  /** A token that was asked for after the call began. */
  force: boolean
  /** The provider refused the token of this version. */
  notVersion?: number | undefined
  /** With `force`: nobody says that the token stopped working, it is only renewed in good time. */
  ahead?: boolean | undefined
}

export function isExpired(grant: StoredGrant, now: number): boolean {
  return grant.expiresAt !== undefined && grant.expiresAt <= now
}

/**
 * Whether the token should be renewed without anything against it yet.
 * - With a known end (`expires_at`): within the provider's buffer before it, five minutes unless the catalogue says otherwise, and at most half of
 *   the token's life (a token of five minutes would be renewed by every call).
 * - Without one (Salesforce: sessions slide with use, so age says nothing): never by age. Only after a silence longer than 0.8 × the longest one
 *   that a token of this grant has survived; as long as nothing was learned, a dead session shows by a 401, and is renewed then.
 */
export function isDue(grant: StoredGrant, provider: Provider, lastUsedAt: number, now: number): boolean {
  if (grant.expiresAt !== undefined) {
    const lifeMs = Math.max(0, grant.expiresAt - grant.refreshedAt)
    return grant.expiresAt - now <= Math.min((provider.token_expiration_buffer ?? DEFAULT_BUFFER_S) * 1000, lifeMs / 2)
  }
  if (grant.longestIdleMs <= 0) return false
  const idleMs = now - Math.max(lastUsedAt, grant.refreshedAt)
  return idleMs > IDLE_SHARE * Math.max(grant.longestIdleMs, SHORTEST_SESSION_MS)
}

export function needsRefresh(grant: StoredGrant, need: Need, provider: Provider, lastUsedAt: number, now: number): boolean {
  const forced = need.force && !(need.ahead === true && now - grant.refreshedAt < JUST_RENEWED_MS)
  return forced || isRefused(grant, need) || isDue(grant, provider, lastUsedAt, now)
}

/** Whether the access token is known to have stopped working. `force` is its caller's word for it. */
export function hasStopped(grant: StoredGrant, need: Need, now: number): boolean {
  return (need.force && need.ahead !== true) || isRefused(grant, need) || isExpired(grant, now)
}

export function isRefused(grant: StoredGrant, need: Need): boolean {
  return need.notVersion !== undefined && grant.version <= need.notVersion
}
