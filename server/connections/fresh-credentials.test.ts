import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { diagnosisOfFailure } from '#diagnosis/hawser-errors.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import {
  accessToken,
  connect,
  createNode,
  createWorld,
  deafBus,
  failureOf,
  frozenGuard,
  handTimers,
  type Node,
  type World,
} from './node-for-tests.ts'
import { issuesOn } from './grant-state-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

let test: TestDatabase
let world: World
let node: Node
let second: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
  second = await createNode(world)
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
  node.events.length = 0
})
afterAll(async () => {
  await world.close()
  await test.close()
})

/** An answer that comes when the test says so. */
function heldAnswer(refreshToken: string): { answered: () => void; sent: Promise<void> } {
  const sent = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  world.endpoint.script.push(async () => {
    sent.resolve()
    await gate.promise
    return world.endpoint.usual(refreshToken)
  })
  return { answered: gate.resolve, sent: sent.promise }
}

describe('fresh credentials', () => {
  it('opens a valid token at once, without a promise and without a statement', async () => {
    const warm = await createNode(world, { bus: deafBus() })
    const { live } = await connect(warm, world, { expiresInMs: 3_600_000 })
    const before = warm.db.statements
    const found = warm.connections.findById(live.connection.environmentId, live.connection.id)
    expect(found).not.toBeInstanceOf(Promise)
    const fresh = warm.connections.fresh(live)
    expect(fresh).not.toBeInstanceOf(Promise)
    expect(accessToken(fresh as never)).toBe('at-0')
    expect(warm.db.statements).toBe(before)
  })

  it('25. one thousand concurrent calls on an expired grant make one token request', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const all = await Promise.all(Array.from({ length: 1_000 }, async () => node.connections.fresh(live)))
    expect(world.endpoint.requests).toHaveLength(1)
    expect(new Set(all.map(accessToken))).toEqual(new Set(['at-1']))
    expect(new Set(all.map((fresh) => fresh.version))).toEqual(new Set([2]))
  })

  it('25. two nodes make one token request together, and both serve its token', async () => {
    const { live, find } = await connect(node, world, { expiresInMs: -1_000 })
    const elsewhere = await find(second)
    const held = heldAnswer(world.endpoint.current)
    const one = Promise.resolve(node.connections.fresh(live))
    await held.sent
    const two = Promise.all(Array.from({ length: 20 }, async () => second.connections.fresh(elsewhere)))
    await expect.poll(async () => waitersFor(live.grant!.id)).toBeGreaterThan(0)
    held.answered()
    expect(accessToken(await one)).toBe('at-1')
    expect(new Set((await two).map(accessToken))).toEqual(new Set(['at-1']))
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('25. many nodes and rounds never use a rotated refresh token twice', async () => {
    const { find } = await connect(node, world, { expiresInMs: -1_000 })
    for (let round = 1; round <= 5; round++) {
      world.clock.moveBy(3_600_000)
      const all = await Promise.all(
        [node, second, node, second].map(async (on) => {
          const live = await find(on)
          return on.connections.fresh(live)
        }),
      )
      expect(new Set(all.map(accessToken))).toEqual(new Set([`at-${round}`]))
    }
    expect(new Set(world.endpoint.requests).size).toBe(5)
    expect(world.endpoint.revoked).toBe(false)
  })

  it('25. a waiter does not take the lease of a node that is still waiting for the provider', async () => {
    const timers = handTimers()
    const impatient = await createNode(world, { timers })
    const { live, find } = await connect(node, world, { expiresInMs: -1_000 })
    const elsewhere = await find(impatient)
    const held = heldAnswer(world.endpoint.current)
    const one = Promise.resolve(node.connections.fresh(live))
    await held.sent
    const two = failureOf(() => impatient.connections.fresh(elsewhere))
    await expect.poll(() => timers.waiting).toBeGreaterThanOrEqual(3)
    timers.fire()
    expect((await two).code).toBe('refresh_timeout')
    held.answered()
    expect(accessToken(await one)).toBe('at-1')
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('keeps the old refresh token where the provider does not rotate', async () => {
    world.endpoint.rotates = false
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const first = await node.connections.fresh(live)
    world.clock.moveBy(3_600_000)
    const next = await node.connections.fresh(first.live)
    expect(accessToken(next)).toBe('at-2')
    expect(next.credentials).toMatchObject({ refresh_token: world.endpoint.current })
  })

  it('a refused version is renewed once, and whoever comes later with it gets the newer token', async () => {
    const { live } = await connect(node, world)
    const [one, two] = await Promise.all([node.connections.fresh(live, { notVersion: 1 }), node.connections.fresh(live, { notVersion: 1 })])
    const three = node.connections.fresh(live, { notVersion: 1 })
    expect([accessToken(one), accessToken(two), accessToken(await three)]).toEqual(['at-1', 'at-1', 'at-1'])
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('another node’s newer token is found without a request, although this node still has the old one cached', async () => {
    const { live, find } = await connect(node, world)
    const stale = await find(second)
    await node.connections.fresh(live, { notVersion: 1 })
    expect(accessToken(await second.connections.fresh(stale, { notVersion: 1 }))).toBe('at-1')
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('a provider that says no end of life is never asked by age', async () => {
    world.endpoint.expiresInMs = undefined
    const { live } = await connect(node, world)
    world.clock.moveBy(20 * 86_400_000)
    expect(node.connections.fresh(live)).not.toBeInstanceOf(Promise)
  })

  it('a silence beyond what the session is known to survive is answered by a refresh', async () => {
    world.endpoint.expiresInMs = undefined
    const { live } = await connect(node, world)
    world.clock.moveBy(3_600_000)
    node.connections.noteUse(live)
    await node.connections.flush()
    const learned = await node.connections.findById(live.connection.environmentId, live.connection.id)
    const row = await grantRow(live.grant!.id)
    expect(row.longest_idle_ms).toBeGreaterThanOrEqual(3_600_000)
    world.clock.moveBy(30 * 60_000)
    expect(
      accessToken(await node.connections.fresh({ ...learned, grant: { ...learned.grant!, longestIdleMs: row.longest_idle_ms } })),
    ).toBe('at-0')
    world.clock.moveBy(40 * 60_000)
    const reloaded = await node.connections.findById(live.connection.environmentId, live.connection.id)
    await expect
      .poll(async () => (await node.connections.findById(live.connection.environmentId, live.connection.id)).grant?.longestIdleMs)
      .toBe(row.longest_idle_ms)
    expect(accessToken(await node.connections.fresh(reloaded))).toBe('at-1')
  })

  it('a token that nothing can renew is served while it works, then named as exhausted', async () => {
    const { live } = await connect(node, world, { expiresInMs: 60_000, credentials: { refresh_token: undefined as never } })
    expect(accessToken(await node.connections.fresh(live))).toBe('at-0')
    world.clock.moveBy(61_000)
    expect((await failureOf(() => node.connections.fresh(live))).code).toBe('connection_refresh_exhausted')
    expect(world.endpoint.requests).toEqual([])
  })

  it('a connection without credentials is answered without any', async () => {
    const { live } = await connect(node, world)
    expect(node.connections.fresh({ ...live, grant: undefined, connection: { ...live.connection, id: 'not-cached' } })).toMatchObject({
      credentials: { type: 'NONE' },
    })
  })

  it('a frozen vault serves what works and refreshes nothing', async () => {
    const frozen = await createNode(world, { guard: frozenGuard })
    const { find } = await connect(node, world, { expiresInMs: 60_000 })
    const live = await find(frozen)
    expect(accessToken(await frozen.connections.fresh(live))).toBe('at-0')
    expect((await failureOf(() => frozen.connections.fresh(live, { force: true }))).code).toBe('vault_frozen')
    expect(world.endpoint.requests).toEqual([])
  })
})

describe('what is in the database', () => {
  it('7. tokens that were swapped between two rows do not open', async () => {
    const one = await connect(node, world)
    world.endpoint.current = 'rt-of-two'
    const two = await connect(node, world)
    const [a, b] = [one.live.grant!, two.live.grant!]
    expect(() =>
      node.connections.fresh({ ...one.live, connection: { ...one.live.connection, id: 'x' }, grant: { ...a, sealed: b.sealed } }),
    ).toThrow(/do not open/)
    const moved = { ...a, sealed: b.sealed, dataKey: b.dataKey }
    expect(() => node.connections.fresh({ ...one.live, connection: { ...one.live.connection, id: 'x' }, grant: moved })).toThrow(
      /do not open/,
    )
  })

  it('7. an altered row is not called transient, opens one issue, and is whole again once the row is, or after a reconnect', async () => {
    const { live, find, integration } = await connect(node, world, { expiresInMs: 3_600_000 })
    const { id } = live.grant!
    const { rows } = await sql<{ credentials: Buffer }>`select credentials from "grant" where id = ${id}`.execute(node.db.kysely)
    const whole = rows[0]!.credentials
    const write = async (credentials: Buffer) => {
      await sql`update "grant" set credentials = ${credentials}, version = version + 1 where id = ${id}`.execute(node.db.kysely)
      await expect.poll(async () => (await find(node)).grant!.sealed.equals(credentials)).toBe(true)
    }
    const altered = Buffer.from(whole)
    altered[20]! ^= 1
    await write(altered)
    for (let call = 0; call < 3; call++) {
      const damaged = await find(node)
      const failure = await failureOf(async () => node.connections.fresh(damaged))
      expect(failure).toMatchObject({ code: 'vault_cannot_open', status: 424 })
      expect(diagnosisOfFailure(failure as never)).toMatchObject({ class: 'config', transient: false })
    }
    await expect.poll(() => issuesOn(node, live)).toMatchObject([{ kind: 'vault_cannot_open', count: 1 }])
    await write(whole)
    expect(accessToken(await node.connections.fresh(await find(node)))).toBe('at-0')
    await expect.poll(() => issuesOn(node, live)).toEqual([])
    await write(altered)
    await failureOf(async () => node.connections.fresh(await find(node)))
    await expect.poll(() => issuesOn(node, live)).toMatchObject([{ kind: 'vault_cannot_open' }])
    await node.connections.save({
      ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2' },
      ...{ connectionId: live.connection.connectionId, client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
      credentials: { type: 'OAUTH2', access_token: 'at-anew', refresh_token: 'rt-anew', raw: {} },
    })
    await expect.poll(async () => accessToken(await node.connections.fresh(await find(node)))).toBe('at-anew')
    expect(await issuesOn(node, live)).toEqual([])
  })

  it('6. no token stands in any column in the clear', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000, credentials: { access_token: 'at-visible' } })
    world.endpoint.current = 'rt-visible'
    world.endpoint.script.push(async (): Promise<TokenOutcome> => ({
      ok: true,
      tokens: { access_token: 'at-visible-2', refresh_token: 'rt-visible-2', raw: { access_token: 'at-visible-2' } },
    }))
    await node.connections.fresh(live)
    const { rows } = await sql<{ text: string }>`
      select (to_jsonb(g) || jsonb_build_object('sealed', encode(g.credentials, 'escape')))::text as text from "grant" g where id = ${live.grant!.id}`.execute(
      node.db.kysely,
    )
    expect(rows[0]!.text).not.toContain('visible')
  })
})

async function waitersFor(grantId: string): Promise<number> {
  const row = await grantRow(grantId)
  return row.lease_until === null ? 0 : 1
}

interface GrantRow {
  lease_until: Date | null
  longest_idle_ms: number
}

async function grantRow(id: string): Promise<GrantRow> {
  const { rows } = await sql<GrantRow>`select lease_until, longest_idle_ms from "grant" where id = ${id}`.execute(node.db.kysely)
  return rows[0]!
}
