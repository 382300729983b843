import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvOf } from './csv.ts'

/** A reader of RFC 4180. */
function read(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

describe('csvOf', () => {
  it('is read as it was written', () => {
    const cell = fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text))
    const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 })
    fc.assert(
      fc.property(table, (rows) => {
        expect(read(csvOf(['a', 'b', 'c'], rows))).toEqual([['a', 'b', 'c'], ...rows])
      }),
    )
  })

  it.each(['=1+1', '+1', '-1', '@x', '\tx', '\rx', '=HYPERLINK("http://x","y")'])('%j is text to a spreadsheet', (text) => {
    expect(read(csvOf(['a'], [[text]]))[1]).toEqual([`'${text}`])
  })
})
