import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { accessToken, connect, createNode, createWorld, handTimers, type Node, type World } from './node-for-tests.ts'
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

describe('force_refresh', () => {
  it('makes a request although the token is fresh', async () => {
    const { live } = await connect(node, world, { expiresInMs: 3_600_000 })
    expect(accessToken(await node.connections.fresh(live, { force: true }))).toBe('at-1')
  })

  it('never returns the token of a request that began before the call, and shares the next one', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const held = heldAnswer(world.endpoint.current)
    const ordinary = Promise.resolve(node.connections.fresh(live))
    await held.sent
    const forced = [node.connections.fresh(live, { force: true }), node.connections.fresh(live, { force: true })]
    const joined = Promise.resolve(node.connections.fresh(live))
    held.answered()
    expect(accessToken(await ordinary)).toBe('at-1')
    expect(accessToken(await joined)).toBe('at-1')
    expect((await Promise.all(forced)).map(accessToken)).toEqual(['at-2', 'at-2'])
    expect(world.endpoint.requests).toHaveLength(2)
  })

  it('is not answered with another node’s refresh that is under way', async () => {
    const { live, find } = await connect(node, world, { expiresInMs: -1_000 })
    const elsewhere = await find(second)
    const held = heldAnswer(world.endpoint.current)
    const one = Promise.resolve(node.connections.fresh(live))
    await held.sent
    const forced = Promise.resolve(second.connections.fresh(elsewhere, { force: true }))
    await expect.poll(async () => waitersFor(live.grant!.id)).toBeGreaterThan(0)
    held.answered()
    expect(accessToken(await one)).toBe('at-1')
    expect(accessToken(await forced)).toBe('at-2')
  })

  it('ordinary calls may join a forced refresh', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const held = heldAnswer(world.endpoint.current)
    const forced = Promise.resolve(node.connections.fresh(live, { force: true }))
    await held.sent
    const ordinary = Promise.resolve(node.connections.fresh(live))
    held.answered()
    expect([accessToken(await forced), accessToken(await ordinary)]).toEqual(['at-1', 'at-1'])
    expect(world.endpoint.requests).toHaveLength(1)
  })
})

describe('while a refresh hangs or fails, a token that still works', () => {
  it('30. is served when the provider does not answer', async () => {
    const timers = handTimers()
    const patient = await createNode(world, { timers })
    const { live } = await connect(patient, world, { expiresInMs: 3_600_000 })
    world.clock.moveBy(3_500_000)
    const held = heldAnswer(world.endpoint.current)
    const fresh = Promise.resolve(patient.connections.fresh(live))
    await held.sent
    // The caller's patience runs out; the deadline of the request itself is another timer, which here fires as well.
    timers.fire()
    expect(accessToken(await fresh)).toBe('at-0')
    held.answered()
  })

  it('29. is served when the provider is down', async () => {
    const { live } = await connect(node, world, { expiresInMs: 3_600_000 })
    world.clock.moveBy(3_500_000)
    world.endpoint.script.push(async () => ({ ok: false, failure: { status: 503, sent: true, bodyKind: 'html' } }))
    expect(accessToken(await node.connections.fresh(live))).toBe('at-0')
    expect(accessToken(await node.connections.fresh(live))).toBe('at-0')
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('30. is served when the database is away', async () => {
    const { live } = await connect(node, world, { expiresInMs: 3_600_000 })
    world.clock.moveBy(3_500_000)
    node.database.away = true
    const fresh = await Promise.resolve(node.connections.fresh(live)).finally(() => (node.database.away = false))
    expect(accessToken(fresh)).toBe('at-0')
    expect(world.endpoint.requests).toEqual([])
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
