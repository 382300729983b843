import type { Provider } from '#providers/provider.ts'
import type { StoredGrant } from './connection.ts'
import type { RecordedFailure } from './connection-row.ts'
import { hasStopped, needsRefresh, type Need } from './freshness.ts'

/** An unknown outcome rests this long: by then the first request has certainly ended, on our side and on the provider's. */
export const UNKNOWN_OUTCOME_MS = 120_000

export type Step =
  /** Nothing to do: the row holds a token that fits. */
  | { kind: 'serve' }
  | { kind: 'broken' }
  | { kind: 'cooling' }
  /** The last request's outcome is unknown, and it is too early to try again. */
  | { kind: 'rest'; forMs: number }
  /** The further attempt that an unknown outcome allows has had an unknown outcome too. */
  | { kind: 'give-up' }
  /** `again`: after an unknown outcome, for the one time that is allowed. */
  | { kind: 'request'; again: boolean }

/** What the holder of the lease does with the row as it stands now. `now` is the database's time. */
export function nextStep(grant: StoredGrant, need: Need, provider: Provider, lastUsedAt: number, now: number): Step {
  if (grant.brokenAt !== undefined && !mayRetryBroken(grant, need, now)) return { kind: 'broken' }
  if (!needsRefresh(grant, need, provider, lastUsedAt, now)) return { kind: 'serve' }
  const startedAt = grant.refreshStartedAt
  if (startedAt === undefined) return isCooling(grant, now) ? { kind: 'cooling' } : { kind: 'request', again: false }
  // The refresh token may be used up: using it once more can make the provider drop the whole grant. While the access token works, it is let be.
  if (!hasStopped(grant, need, now)) return { kind: 'serve' }
  if (now - startedAt < UNKNOWN_OUTCOME_MS) return { kind: 'rest', forMs: UNKNOWN_OUTCOME_MS - (now - startedAt) }
  if (isCooling(grant, now)) return { kind: 'cooling' }
  return (grant.failure as RecordedFailure | undefined)?.retried === true ? { kind: 'give-up' } : { kind: 'request', again: true }
}

export function isCooling(grant: StoredGrant, now: number): boolean {
  return grant.cooldownUntil !== undefined && grant.cooldownUntil > now
}

/**
 * What broke for the integration's sake (a wrong client secret, a deleted app …) may have been mended since, here or at the provider, and trying
 * cannot hurt the grant: who forces gets an attempt, and calls make one once the pause after the last is over, a minute at most.
 */
export function mayRetryBroken(grant: StoredGrant, need: Need, now: number): boolean {
  if (need.ahead === true || (grant.failure?.diagnosis as { class?: unknown } | null | undefined)?.class !== 'config') return false
  return need.force || !isCooling(grant, now)
}
