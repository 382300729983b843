import { describe, expect, it } from 'vitest'
import { createUseCounters, entryOfUse } from './use-counters.ts'

describe('createUseCounters', () => {
  it('counts per key, connection and minute', () => {
    const counters = createUseCounters()
    for (const [key, connection, at] of [
      ['k', 'c', 0],
      ['k', 'c', 59_999],
      ['k', 'c', 60_000],
      ['k', 'd', 0],
      ['l', 'c', 0],
    ] as const)
      counters.count(key, 'env', connection, at)
    expect(counters.take().map(({ keyId, connectionId, minute, count }) => [keyId, connectionId, minute, count])).toEqual([
      ['k', 'c', 0, 2],
      ['k', 'c', 1, 1],
      ['k', 'd', 0, 1],
      ['l', 'c', 0, 1],
    ])
    expect(counters.take()).toEqual([])
  })

  it('adds what was put back to what came in the meantime', () => {
    const counters = createUseCounters()
    counters.count('k', 'env', 'c', 0)
    const taken = counters.take()
    counters.count('k', 'env', 'c', 1)
    counters.putBack(taken)
    expect(counters.take()).toMatchObject([{ keyId: 'k', count: 2 }])
  })

  it('20. keeps at most its limit of counters, and 34. loses detail but no use', () => {
    const counters = createUseCounters(10)
    for (let i = 0; i < 1_000; i += 1) counters.count(`key-${i}`, 'env', 'c', i * 60_000)
    expect(counters.size).toBe(11)
    const taken = counters.take()
    counters.putBack(taken)
    const again = counters.take()
    expect(again.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
    expect(entryOfUse(again.at(-1)!, 0)).toMatchObject({ count: 990, actor: { kind: 'key' }, subject: { detail: 'lost' } })
  })
})
