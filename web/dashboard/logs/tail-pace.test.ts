import { expect, it } from 'vitest'
import { firstPace, paceAfterAnswer, paceAfterError } from './tail-pace.ts'

const LIMIT = 200

it('slows down while nothing happens, and wakes up with the first row', () => {
  let pace = firstPace
  const waits = Array.from({ length: 8 }, () => (pace = paceAfterAnswer(pace, 0, LIMIT)).waitMs)
  expect(waits).toEqual([3000, 4500, 6750, 10_125, 15_000, 15_000, 15_000, 15_000])
  expect(paceAfterAnswer(pace, 1, LIMIT)).toEqual(firstPace)
})

it('asks at once while pages are full, but not for ever', () => {
  let pace = firstPace
  const waits = Array.from({ length: 7 }, () => (pace = paceAfterAnswer(pace, LIMIT, LIMIT)).waitMs)
  expect(waits).toEqual([0, 0, 0, 0, 0, 2000, 0])
})

it('leaves a server in trouble alone', () => {
  let pace = firstPace
  const waits = Array.from({ length: 7 }, () => (pace = paceAfterError(pace)).waitMs)
  expect(waits).toEqual([4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000])
  expect(paceAfterError({ waitMs: 0, full: 3 }).waitMs).toBe(4000)
})
