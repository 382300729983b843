const MINUTE = 60_000
const HOUR = 60 * MINUTE
const PAUSES_MS = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR]
const LAST_TRY_AFTER_MS = 72 * HOUR
const JITTER = 0.2

export interface FailedAttempt {
  createdAtMs: number
  nowMs: number
  /** Attempts so far, this one included. */
  attempts: number
  /** What the receiver asked for. */
  retryAfterMs?: number | undefined
  /** From 0 to 1. */
  random: number
}

/**
 * When to try again, in ms since 1970: after 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, 6 h, 12 h, then daily, each up to a fifth later so that the
 * receivers of an outage are not all called at once; never before `Retry-After`; for the last time 3 days after the event. Then undefined.
 */
export function nextAttemptAt({ createdAtMs, nowMs, attempts, retryAfterMs = 0, random }: FailedAttempt): number | undefined {
  const lastTry = createdAtMs + LAST_TRY_AFTER_MS
  if (nowMs >= lastTry) return undefined
  const pause = PAUSES_MS[Math.min(attempts, PAUSES_MS.length) - 1] ?? PAUSES_MS[0]!
  return Math.min(nowMs + Math.max(pause * (1 + JITTER * random), retryAfterMs), lastTry)
}

/** RFC 9110 §10.2.3: seconds or a date. Undefined for anything else and for the past. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return wait > 0 ? wait : undefined
}
