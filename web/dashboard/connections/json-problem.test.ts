import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonProblem } from './json-problem.ts'

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('jsonProblem', () => {
  it('finds nothing in JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(4), (text, indent) => jsonProblem(JSON.stringify(JSON.parse(text), null, indent)) === undefined),
    )
  })

  it('judges as JSON.parse does', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"', '\\', '1', '-', '0', '.5', 'e3', 'true', 'nul', ' ', '\n')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        expect(jsonProblem(text) === undefined).toBe(parses(text))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['{\n  "a": 1,\n}', 3, 1, 'A name in double quotes is expected here.'],
    ['{\n  "a" 1\n}', 2, 7, 'A colon is expected here.'],
    ['{"a": [1, 2}', 1, 12, 'A comma or ] is expected here.'],
    ['{"a": "x}', 1, 7, 'This text is not closed, or holds a line break or an unknown \\ sequence.'],
    ['', 1, 1, 'A value is missing at the end.'],
    ['{} {}', 1, 4, 'There is something behind the end.'],
  ])('%j: line %d, column %d', (text, line, column, message) => {
    expect(jsonProblem(text)).toEqual({ line, column, message })
  })

  it('ends on texts that are nested without end', () => {
    expect(jsonProblem('['.repeat(100_000))?.message).toBe('This is nested too deeply.')
  })
})
