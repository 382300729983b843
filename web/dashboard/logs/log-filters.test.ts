import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityQueryOf, logFiltersOf, searchOf, timeQueryOf } from './log-filters.ts'

const NOW = Date.UTC(2026, 0, 15, 12)

describe('logFiltersOf', () => {
  it('keeps what can be asked for', () => {
    const search = { search: ' describe ', kind: 'refresh,call,nothing', outcome: 'failure', connection: 12, endUser: 'u', range: '1h' }
    expect(logFiltersOf(search)).toEqual({
      search: 'describe',
      kind: ['call', 'refresh'],
      outcome: 'failure',
      connection: '12',
      endUser: 'u',
      range: '1h',
    })
  })

  it('drops what cannot', () => {
    const search = { search: '', kind: 'x', outcome: 'odd', integration: {}, range: 'constructor', from: 'yesterday', to: null }
    expect(logFiltersOf(search)).toEqual({})
  })

  it('takes all kinds for no filter', () => {
    expect(logFiltersOf({ kind: 'call,sign_in,refresh,connection,webhook,change' })).toEqual({})
  })

  it('comes back from the address as it went in', () => {
    const filters = fc.record(
      {
        search: fc.string({ minLength: 1, maxLength: 200 }).filter((text) => text.trim() === text),
        kind: fc.subarray(['call', 'sign_in', 'refresh', 'connection', 'webhook'] as const, { minLength: 1 }).map((kinds) => [...kinds]),
        outcome: fc.constantFrom('success' as const, 'failure' as const),
        connection: fc.string({ minLength: 1, maxLength: 255 }).filter((text) => text.trim() === text),
        from: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(NOW) }).map((date) => date.toISOString()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(filters, (given) => {
        expect(logFiltersOf(searchOf(given))).toEqual(given)
      }),
    )
  })
})

it('asks the server in its own names', () => {
  expect(activityQueryOf({ kind: ['call', 'refresh'], endUser: 'u', range: '1h' })).toEqual({ kind: 'call,refresh', end_user: 'u' })
  expect(timeQueryOf({ range: '15m' }, NOW)).toEqual({ from: '2026-01-15T11:45:00.000Z' })
  expect(timeQueryOf({ to: '2026-01-15T11:45:00.000Z' }, NOW)).toEqual({ to: '2026-01-15T11:45:00.000Z' })
})
