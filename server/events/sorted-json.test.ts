import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedJson } from './sorted-json.ts'

it('sorts the keys at every depth and leaves arrays as they are', () => {
  expect(sortedJson({ b: [{ d: 1, c: 2 }, 'x'], a: { z: null, y: true } })).toBe('{"a":{"y":true,"z":null},"b":[{"c":2,"d":1},"x"]}')
})

it('gives the same bytes for the same value, whatever the order of its keys', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, part]) => [key, reversed(part)]),
    )
  }
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(sortedJson(reversed(value))).toBe(sortedJson(value))
      expect(JSON.parse(sortedJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
