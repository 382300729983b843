/** So many calls a minute for each caller, in memory: one number a caller, no timer, and nothing allocated for a caller who is known. */
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'

const MINUTE_MS = 60_000
/** Beyond it the caller that was seen longest ago is forgotten, which only ever gives budget back. */
const MAX_CALLERS = 50_000

export interface RateLimit {
  /** Counts one call. Throws `too_many_request` with the seconds to wait. */
  take(caller: string): void
}

/**
 * The generic cell rate algorithm (ITU-T I.371): a minute's calls may come at once, then one each `60 s / perMinute`. A call that is refused does not
 * count, so that a caller who keeps trying is served as soon as its time has come.
 */
export function createRateLimit(clock: Clock, perMinute: number): RateLimit {
  const intervalMs = MINUTE_MS / perMinute
  const callers = createLru<string, { busyUntil: number }>({ maxEntries: MAX_CALLERS })
  return {
    take(caller) {
      const now = clock.now()
      const found = callers.get(caller)
      // A clock that was set back must not lock anybody out for as long.
      const busyUntil = found === undefined ? now : Math.min(Math.max(found.busyUntil, now), now + MINUTE_MS)
      const waitMs = busyUntil + intervalMs - now - MINUTE_MS
      // Rounding of a sum of intervals is no reason to refuse.
      const served = waitMs <= 0.001
      const until = served ? busyUntil + intervalMs : busyUntil
      if (found === undefined) callers.set(caller, { busyUntil: until })
      else found.busyUntil = until
      if (!served) throw fail('too_many_request', { retryAfter: waitMs / 1000 })
    },
  }
}
