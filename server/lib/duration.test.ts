import { describe, expect, it } from 'vitest'
import { parseDuration } from '#lib/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['40s', 40_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it.each(['', '40', 's', '-1s', '1 s', '1e3s', '1.s', '5w', '1m30s', '10000000000s', 'constructor'])('refuses %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  )
})
