import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newId } from '#lib/ids.ts'
import { LATENCY_CLASSES, latencyClassOf, quantileOf } from './latency-classes.ts'
import { firstIdAt, timeOfId } from './times-of-ids.ts'

const counted = (times: readonly number[]) => {
  const classes = Array.from({ length: LATENCY_CLASSES.length + 1 }, () => 0)
  for (const ms of times) classes[latencyClassOf(ms)]! += 1
  return classes
}

describe('quantileOf', () => {
  it('is never further from the truth than the class is wide', () => {
    const time = fc.double({ min: 0, max: 59_999, noNaN: true })
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), fc.constantFrom(0.5, 0.95), (times, part) => {
        const truth = times.toSorted((a, b) => a - b)[Math.ceil(part * times.length) - 1]!
        const told = quantileOf(counted(times), part)!
        const at = latencyClassOf(truth)
        expect(told).toBeGreaterThanOrEqual((LATENCY_CLASSES[at - 1] ?? 0) - 0.1)
        expect(told).toBeLessThanOrEqual(LATENCY_CLASSES[at]! + 0.1)
      }),
    )
  })

  it('says nothing of no calls, and no more than is known of very slow ones', () => {
    expect(quantileOf(counted([]), 0.5)).toBeNull()
    expect(quantileOf(counted([999_999]), 0.5)).toBe(60_000)
  })
})

describe('times of ids', () => {
  it('bound the ids of a ms', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (ms) => {
        const id = newId(ms)
        expect(timeOfId(id)).toBe(ms)
        expect(id >= firstIdAt(ms) && id < firstIdAt(ms + 1)).toBe(true)
      }),
    )
  })
})
