import { describe, expect, it } from 'vitest'
import { createUseCounters, entryOfUse } from './use-counters.ts'

const use = (keyId: string, connectionId: string, method = 'GET', address = '10.0.0.1') => ({
  ...{ keyId, environmentId: 'env', connectionId, method, address },
})

describe('createUseCounters', () => {
  it('counts per key, connection, minute and kind of method', () => {
    const counters = createUseCounters()
    for (const [key, connection, at, method] of [
      ['k', 'c', 0, 'GET'],
      ['k', 'c', 59_999, 'HEAD'],
      ['k', 'c', 60_000, 'GET'],
      ['k', 'c', 0, 'PATCH'],
      ['k', 'd', 0, 'GET'],
      ['l', 'c', 0, 'GET'],
    ] as const)
      counters.count(use(key, connection, method), at)
    const taken = counters.take()
    expect(taken.map(({ keyId, connectionId, minute, safe, count }) => [keyId, connectionId, minute, safe, count])).toEqual([
      ['k', 'c', 0, true, 2],
      ['k', 'c', 1, true, 1],
      ['k', 'c', 0, false, 1],
      ['k', 'd', 0, true, 1],
      ['l', 'c', 0, true, 1],
    ])
    expect(entryOfUse(taken[2]!, 5)).toMatchObject({
      at: new Date(5),
      actor: { kind: 'key', id: 'k' },
      subject: { connection: 'c', methods: 'unsafe', minute: '1970-01-01T00:00:00.000Z', addresses: ['10.0.0.1'] },
    })
    expect(counters.take()).toEqual([])
  })

  it('20. names a few addresses, and says when there were more', () => {
    const counters = createUseCounters()
    for (let i = 0; i < 8; i += 1) counters.count(use('k', 'c', 'GET', `10.0.0.${i}`), 0)
    counters.count(use('k', 'c', 'GET', '10.0.0.7'), 0)
    const { subject } = entryOfUse(counters.take()[0]!, 0)
    expect(subject['addresses']).toHaveLength(8)
    expect(subject).not.toHaveProperty('more_addresses')
    for (let i = 0; i < 9; i += 1) counters.count(use('k', 'c', 'GET', `10.0.0.${i}`), 0)
    expect(entryOfUse(counters.take()[0]!, 0).subject).toMatchObject({ addresses: { length: 8 }, more_addresses: true })
  })

  it('20. keeps at most its limit of counters, and 34. loses detail but no use', () => {
    const counters = createUseCounters(10)
    for (let i = 0; i < 1_000; i += 1) counters.count(use(`key-${i}`, 'c'), i * 60_000)
    expect(counters.size).toBe(11)
    const taken = counters.take()
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
    expect(entryOfUse(taken.at(-1)!, 0)).toMatchObject({ count: 990, actor: { kind: 'key' }, subject: { detail: 'lost' } })
  })
})
