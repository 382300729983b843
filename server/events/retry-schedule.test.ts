import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextAttemptAt, retryAfterMs } from './retry-schedule.ts'

const HOUR = 3_600_000

/** Every attempt of a receiver that never answers, in ms after the event. */
function attempts(random: () => number): number[] {
  const times = [0]
  for (;;) {
    const next = nextAttemptAt({ createdAtMs: 0, nowMs: times.at(-1)!, attempts: times.length, random: random() })
    if (next === undefined) return times
    times.push(next)
  }
}

describe('nextAttemptAt', () => {
  it('tries again after 5 s, 30 s, 2 min, 10 min, 1 h, 3 h, 6 h, 12 h, then daily, for the last time after 3 days', () => {
    const times = attempts(() => 0)
    const pauses = times.slice(1).map((time, i) => (time - times[i]!) / 1000)
    expect(pauses.slice(0, -1)).toEqual([5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400])
    expect(times.at(-1)).toBe(72 * HOUR)
  })

  it('20. never waits longer than 3 days in all, and never without end', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        let i = 0
        const times = attempts(() => values[i++ % values.length]!)
        expect(times.length).toBeLessThan(14)
        expect(times.at(-1)).toBe(72 * HOUR)
        expect([...times].sort((a, b) => a - b)).toEqual(times)
      }),
    )
  })

  it('waits as long as the receiver asks, but not beyond the last attempt', () => {
    const failed = { createdAtMs: 0, nowMs: 1_000, attempts: 1, random: 0 }
    expect(nextAttemptAt({ ...failed, retryAfterMs: 60_000 })).toBe(61_000)
    expect(nextAttemptAt({ ...failed, retryAfterMs: 1 })).toBe(6_000)
    expect(nextAttemptAt({ ...failed, retryAfterMs: 400 * HOUR })).toBe(72 * HOUR)
  })
})

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-23T12:00:00Z')
  it.each([
    ['120', 120_000],
    ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 11:00:00 GMT', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => expect(retryAfterMs(header, now)).toBe(expected))
})
