import { describe, expect, it } from 'vitest'
import { createUseCounters, entryOfUse, restOf, type OwnUse } from './use-counters.ts'

const use = (keyId: string, connectionId: string, method = 'GET', address = '10.0.0.1') => ({
  ...{ keyId, environmentId: 'env', connectionId, method, address },
})
const counting = (limit?: number) => createUseCounters({ minute: 1, personOf: () => undefined, ...(limit ? { limit } : {}) })

describe('createUseCounters', () => {
  it('counts per key and connection, and how many of the calls may change something', () => {
    const counters = counting()
    for (const [key, connection, method] of [
      ['k', 'c', 'GET'],
      ['k', 'c', 'HEAD'],
      ['k', 'c', 'PATCH'],
      ['k', 'd', 'GET'],
      ['l', 'c', 'GET'],
    ] as const)
      counters.count(use(key, connection, method))
    expect(counters.all.map(({ actorId, connectionId, count, unsafe }) => [actorId, connectionId, count, unsafe])).toEqual([
      ['k', 'c', 3, 1],
      ['k', 'd', 1, 0],
      ['l', 'c', 1, 0],
    ])
    expect(entryOfUse(counters.all[0]!, 1)).toEqual({
      ...{ environmentId: 'env', at: new Date(60_000), actor: { kind: 'key', id: 'k' }, action: 'credentials.used', count: 3 },
      subject: { connection: 'c', unsafe: 1, addresses: ['10.0.0.1'] },
    })
  })

  it('34. counts what the server does by itself under the name of the job', () => {
    const counters = counting()
    const own: OwnUse = { job: 'org-check', environmentId: 'env', connectionId: 'c', method: 'GET' }
    counters.count(own)
    counters.count(use('k', 'c'))
    expect(counters.all.map((counter) => entryOfUse(counter, 0))).toMatchObject([
      { actor: { kind: 'system', id: 'system:org-check' }, subject: { connection: 'c' }, count: 1 },
      { actor: { kind: 'key', id: 'k' } },
    ])
  })

  it('20. names a few addresses, and says when there were more', () => {
    const counters = counting()
    for (let i = 0; i < 8; i += 1) counters.count(use('k', 'c', 'GET', `10.0.0.${i}`))
    counters.count(use('k', 'c', 'GET', '10.0.0.7'))
    const { subject } = entryOfUse(counters.all[0]!, 0)
    expect(subject['addresses']).toHaveLength(8)
    expect(subject).not.toHaveProperty('more_addresses')
    counters.count(use('k', 'c', 'GET', '10.0.0.8'))
    expect(entryOfUse(counters.all[0]!, 0).subject).toMatchObject({ addresses: { length: 8 }, more_addresses: true })
  })

  it('20. keeps at most its limit of counters, and 34. loses detail but no use', () => {
    const counters = counting(10)
    for (let i = 0; i < 1_000; i += 1) counters.count(use(`key-${i}`, 'c'))
    expect(counters.all).toHaveLength(11)
    expect(counters.all.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
    expect(entryOfUse(counters.all.at(-1)!, 0)).toMatchObject({ count: 990, actor: { kind: 'key' }, subject: { detail: 'lost' } })
  })

  it('knows what the disk does not have', () => {
    const counters = counting()
    counters.count(use('k', 'c'))
    const [counter] = counters.unkept()
    counter!.kept = { ...counter!, addresses: [...counter!.addresses] }
    expect([counters.unkept(), restOf(counter!)]).toEqual([[], undefined])
    counters.count(use('k', 'c', 'POST'))
    expect(counters.unkept()).toEqual([counter])
    expect(restOf(counter!)).toMatchObject({ count: 1, unsafe: 1 })
  })
})
