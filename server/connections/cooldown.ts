/** How long a grant rests after a refresh that is known not to have happened. */
const FIRST_MS = 2_000
const LONGEST_MS = 60_000
/** A provider may ask for more than our own longest pause, within reason: an outage must be over for us two minutes after it is for them. */
const LONGEST_ASKED_MS = 120_000

/**
 * Doubles from 2 s to 60 s with each failure in a row, then between half and all of it at random, so that the grants of a provider that comes
 * back do not all ask at once. A `Retry-After` is a floor, up to two minutes. `failuresBefore`: 0 for the first; `random`: 0 to 1.
 */
export function cooldownMs(failuresBefore: number, retryAfterS: number | undefined, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failuresBefore, 10))
  const spread = full * (0.5 + random / 2)
  return Math.round(Math.max(spread, Math.min((retryAfterS ?? 0) * 1000, LONGEST_ASKED_MS)))
}
