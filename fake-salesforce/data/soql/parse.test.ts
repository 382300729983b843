import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSoql } from './parse.ts'
import { SoqlError } from './soql-error.ts'

describe('parseSoql', () => {
  it('reads the parts of a query', () => {
    expect(
      parseSoql(
        "select Id, Account.Name from Contact where (A = 1 or B != 'x') and C in (1, null) order by D desc nulls last limit 5 offset 2 for view",
      ),
    ).toEqual({
      fields: ['Id', 'Account.Name'],
      count: null,
      from: 'Contact',
      where: {
        kind: 'and',
        parts: [
          {
            kind: 'or',
            parts: [
              { kind: 'compare', field: 'A', operator: '=', values: [1] },
              { kind: 'compare', field: 'B', operator: '!=', values: ['x'] },
            ],
          },
          { kind: 'compare', field: 'C', operator: 'in', values: [1, null] },
        ],
      },
      orderBy: [{ field: 'D', descending: true, nullsLast: true }],
      limit: 5,
      offset: 2,
    })
  })

  it('does not take a quoted word for a keyword', () => {
    expect(() => parseSoql("'select' Id FROM Account")).toThrow(SoqlError)
    expect(() => parseSoql("SELECT Id FROM Account WHERE A 'in' (1)")).toThrow(SoqlError)
    expect(() => parseSoql("SELECT Id FROM Account 'limit' 1")).toThrow(SoqlError)
  })

  it.each([
    '',
    'SELECT',
    'SELECT Id',
    'SELECT FROM Account',
    'SELECT Id FROM',
    'SELECT Id FROM Account WHERE',
    'SELECT Id FROM Account WHERE A',
    'SELECT Id FROM Account WHERE A = ',
    "SELECT Id FROM Account WHERE A = 'open",
    'SELECT Id FROM Account LIMIT x',
    'SELECT Id FROM Account LIMIT -1',
    'SELECT Id FROM Account GROUP BY Id',
    'SELECT Id, COUNT(Id) FROM Account',
    'SELECT MAX(Id) FROM Account',
    'SELECT Id; FROM Account',
    'SELECT Id FROM Account WHERE A IN ()',
    'SELECT Id FROM Account ORDER BY',
    `SELECT Id FROM Account WHERE ${'('.repeat(100)}`,
    `SELECT Id FROM Account WHERE ${'NOT '.repeat(5000)} A = 1`,
  ])('refuses %j', (query) => {
    expect(() => parseSoql(query)).toThrow(SoqlError)
  })

  it('keeps any text in quotes as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const quoted = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
        const { where } = parseSoql(`SELECT Id FROM Account WHERE Name = '${quoted}'`)
        expect(where).toEqual({ kind: 'compare', field: 'Name', operator: '=', values: [text] })
      }),
    )
  })

  it('throws nothing but SoqlError, whatever comes', () => {
    const words = fc.constantFrom(
      'SELECT',
      'Id',
      'FROM',
      'Account',
      'WHERE',
      '=',
      "'x'",
      '(',
      ')',
      ',',
      'AND',
      'IN',
      'LIMIT',
      '1',
      'ORDER',
      'BY',
      'COUNT',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words, { maxLength: 14 }).map((list) => list.join(' ')),
        ),
        (query) => {
          try {
            parseSoql(query)
          } catch (error) {
            expect(error).toBeInstanceOf(SoqlError)
          }
        },
      ),
    )
  })
})
