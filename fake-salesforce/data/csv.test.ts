import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCsv, writeCsv } from './csv.ts'

const rows = fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), { maxLength: 6 })

describe('csv', () => {
  it('reads what it writes', () => {
    fc.assert(fc.property(rows, (table) => void expect(parseCsv(writeCsv(table))).toEqual(table)))
  })

  it('reads plain cells, both line ends, quotes, and a last line without its end', () => {
    expect(parseCsv('a,b\r\n1,"x ""y"", z\nw"\n,\n\n2,')).toEqual([
      ['a', 'b'],
      ['1', 'x "y", z\nw'],
      ['', ''],
      ['2', ''],
    ])
    expect(parseCsv('')).toEqual([])
  })

  it('refuses an open quote', () => {
    expect(parseCsv('a,"b')).toBeUndefined()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseCsv(text)))
  })
})
