/** How long the live log waits before it asks again. */
const FIRST_MS = 2_000
const QUIET_MS = 15_000
const TROUBLE_MS = 60_000
/** After so many full answers at once, there is a pause all the same. */
const MOST_AT_ONCE = 5

export interface Pace {
  waitMs: number
  /** Full answers one after the other. */
  full: number
}

export const firstPace: Pace = { waitMs: FIRST_MS, full: 0 }

/** Rows came: soon again; none: slower and slower. A full page: there is more already. */
export function paceAfterAnswer(before: Pace, rows: number, limit: number): Pace {
  if (rows >= limit && before.full < MOST_AT_ONCE) return { waitMs: 0, full: before.full + 1 }
  if (rows > 0) return firstPace
  return { waitMs: Math.min(Math.max(before.waitMs, FIRST_MS) * 1.5, QUIET_MS), full: 0 }
}

export function paceAfterError(before: Pace): Pace {
  return { waitMs: Math.min(Math.max(before.waitMs, FIRST_MS) * 2, TROUBLE_MS), full: 0 }
}
