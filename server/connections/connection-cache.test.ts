import { fail } from '@hawser/api/errors.ts'
import { describe, expect, it } from 'vitest'
import type { Bus } from '#bus/bus.ts'
import { createConnectionCache, type Address } from './connection-cache.ts'
import type { LiveConnection } from './connection.ts'

const MINUTE = 60_000

function fakeBus(): Bus & { announce(topic: string, message: string): void; gap(): void } {
  const listeners = new Map<string, Set<(message: string) => void>>()
  const gaps = new Set<() => void>()
  return {
    on(topic, listener) {
      listeners.set(topic, (listeners.get(topic) ?? new Set()).add(listener))
      return () => void listeners.get(topic)?.delete(listener)
    },
    onGap(listener) {
      gaps.add(listener)
      return () => void gaps.delete(listener)
    },
    send: async () => {},
    close: async () => {},
    announce: (topic, message) => listeners.get(topic)?.forEach((listener) => listener(message)),
    gap: () => gaps.forEach((listener) => listener()),
  }
}

function entry(name: string, version = 1, more: Record<string, unknown> = {}): LiveConnection {
  return {
    connection: {
      id: `c-${name}`,
      environmentId: 'e',
      connectionId: name,
      connectionConfig: {},
      metadata: null,
      tags: {},
      endUser: null,
      ...more,
    },
    integration: { id: 'i', uniqueKey: 'crm', scopes: null },
    provider: {},
    grant: { id: `g-${name}`, oauthClientId: 'o', version, sealed: Buffer.alloc(100), dataKey: Buffer.alloc(100), failure: undefined },
  } as unknown as LiveConnection
}

function setUp(options: { maxBytes?: number } = {}) {
  const bus = fakeBus()
  const state = { now: 0, loads: 0, away: false, version: 1, gone: false }
  const gates: (() => void)[] = []
  const load = async (_environment: string, address: Address) => {
    state.loads += 1
    const { version, away, gone } = state
    if (gates.length > 0) await new Promise<void>((resolve) => gates.unshift(resolve)).finally(() => {})
    if (away) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    if (gone) throw fail('unknown_connection')
    return entry('uuid' in address ? address.uuid.slice(2) : address.connectionId, version)
  }
  const cache = createConnectionCache({ load, clock: { now: () => state.now }, bus, maxStaleMs: 15 * MINUTE, ...options })
  const find = (name = 'a') => cache.find('e', { integrationKey: 'crm', connectionId: name })
  return { bus, state, cache, find, gates }
}

describe('the connection cache', () => {
  it('answers without a promise when warm, by name and by uuid', async () => {
    const { find, cache, state } = setUp()
    const loaded = await find()
    expect(find()).toBe(loaded)
    expect(cache.find('e', { uuid: 'c-a' })).toBe(loaded)
    expect(state.loads).toBe(1)
  })

  it('13. an entry of another environment is not found by its uuid', async () => {
    const { find, cache, state } = setUp()
    await find()
    await cache.find('other', { uuid: 'c-a' })
    expect(state.loads).toBe(2)
  })

  it('concurrent misses share one SELECT', async () => {
    const { find, state } = setUp()
    const found = await Promise.all(Array.from({ length: 50 }, () => find()))
    expect([state.loads, new Set(found).size]).toEqual([1, 1])
  })

  it.each([
    ['connection', 'c-a'],
    ['grant', 'g-a'],
    ['integration', 'i'],
    ['oauth_client', 'o'],
  ])('an announced change of %s drops the entry', async (topic, id) => {
    const { find, state, bus } = setUp()
    await find()
    bus.announce(topic, 'another')
    expect(find()).not.toBeInstanceOf(Promise)
    bus.announce(topic, id)
    state.version = 2
    expect((await find()).grant!.version).toBe(2)
  })

  it('a change announced while the SELECT runs keeps its answer out', async () => {
    const { find, bus, state, gates } = setUp()
    gates.push(() => {})
    const first = find()
    await Promise.resolve()
    bus.announce('grant', 'g-a')
    gates.shift()!()
    gates.length = 0
    expect((await first).grant!.version).toBe(1)
    state.version = 2
    expect((await find()).grant!.version).toBe(2)
  })

  it('after 30 s it is served and asked for again in the background', async () => {
    const { find, state } = setUp()
    await find()
    state.now = 31_000
    state.version = 2
    expect((find() as LiveConnection).grant!.version).toBe(1)
    await new Promise((resolve) => setImmediate(resolve))
    expect((find() as LiveConnection).grant!.version).toBe(2)
    expect(state.loads).toBe(2)
  })

  it('30. is served stale while the database is away, at most for the time of the setting, asked for once a second', async () => {
    const { find, state } = setUp()
    await find()
    state.away = true
    state.now = 5 * MINUTE
    for (let call = 0; call < 100; call++) expect(find()).not.toBeInstanceOf(Promise)
    await new Promise((resolve) => setImmediate(resolve))
    expect(state.loads).toBe(2)
    state.now = 15 * MINUTE
    await expect(find()).rejects.toMatchObject({ code: 'credentials_unavailable' })
    state.away = false
    expect((await find()).connection.connectionId).toBe('a')
  })

  it('what may have missed an announcement is asked for before it is served, unless the database is away', async () => {
    const { find, state, bus } = setUp()
    await find()
    bus.gap()
    state.away = true
    expect((await find()).grant!.version).toBe(1)
    expect(find()).not.toBeInstanceOf(Promise) // nobody waits for an absent database call by call
    state.away = false
    state.version = 2
    state.now = 1_001
    expect((await find()).grant!.version).toBe(2)
  })

  it('a connection that is gone is dropped by the background check', async () => {
    const { find, state } = setUp()
    await find()
    state.now = 31_000
    state.gone = true
    find()
    await new Promise((resolve) => setImmediate(resolve))
    await expect(find()).rejects.toMatchObject({ code: 'unknown_connection' })
  })

  it('a newer grant replaces the one in its entries, an older one does not', async () => {
    const { find, cache } = setUp()
    const loaded = await find()
    cache.putGrant({ ...loaded.grant!, version: 5 })
    expect((find() as LiveConnection).grant!.version).toBe(5)
    cache.putGrant({ ...loaded.grant!, version: 3 })
    expect((find() as LiveConnection).grant!.version).toBe(5)
  })

  it('never holds more bytes than it may, and forgets the names of what it drops', async () => {
    const { find, cache, state } = setUp({ maxBytes: 20_000 })
    for (let index = 0; index < 50; index++) await find(`n${index}`)
    expect(cache.bytes).toBeLessThanOrEqual(20_000)
    expect(find('n49')).not.toBeInstanceOf(Promise)
    expect(find('n0')).toBeInstanceOf(Promise)
    expect(state.loads).toBe(51)
  })
})
