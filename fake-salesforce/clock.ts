export interface Clock {
  /** Epoch milliseconds. */
  now(): number
}

export interface MovableClock extends Clock {
  /** Moves the time forward; never back, since sessions and codes assume that time passes. */
  advance(ms: number): void
  /** By how many ms `advance` has moved it in all. */
  offset(): number
}

export function createMovableClock(base: Clock): MovableClock {
  let offset = 0
  return {
    now: () => base.now() + offset,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new Error('the clock moves forward only')
      offset += ms
    },
    offset: () => offset,
  }
}
