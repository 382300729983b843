import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { connect, createNode, createWorld, frozenGuard, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint, refused } from './token-endpoint-for-tests.ts'

const DAY_MS = 86_400_000

let test: TestDatabase
let world: World
let node: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
beforeEach(async () => {
  world.endpoint = createTokenEndpoint(world.clock)
  world.endpoint.rotates = false
  await sql`delete from connection`.execute(node.db.kysely)
  await sql`delete from "grant"`.execute(node.db.kysely)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const run = (on = node) => on.connections.jobs['refresh-ahead']!({})
const asked = () => world.endpoint.requests.length

/** Grants of their own: equal refresh tokens would share one. */
function connectWith(refreshToken: string, options: { expiresInMs?: number } = {}) {
  return connect(node, world, { ...options, credentials: { refresh_token: refreshToken } })
}

describe('refresh-ahead', () => {
  it('renews a refresh token that was not used for 25 days, although its session is in use, and then rests', async () => {
    world.endpoint.expiresInMs = undefined
    const { live } = await connectWith('rt-dormant')
    await run()
    expect(asked()).toBe(0)
    world.clock.moveBy(25 * DAY_MS + 1_000)
    node.connections.noteUse(live)
    await node.connections.flush()
    await run()
    await run()
    expect(world.endpoint.requests).toEqual(['rt-dormant'])
  })

  it('renews a token in use before it ends, and leaves one that nobody uses to its next call', async () => {
    await connectWith('rt-used', { expiresInMs: 5 * 60_000 })
    const unused = await connectWith('rt-unused', { expiresInMs: 5 * 60_000 })
    await sql`update "grant" set last_used_at = hawser_now() - interval '2 days' where id = ${unused.live.grant!.id}`.execute(
      node.db.kysely,
    )
    await connectWith('rt-fresh', { expiresInMs: 3_600_000 })
    world.clock.moveBy(2 * 60_000)
    await run()
    expect(world.endpoint.requests).toEqual(['rt-used'])
  })

  it('one that fails stops no other', async () => {
    await connectWith('rt-a')
    await connectWith('rt-b')
    world.clock.moveBy(28 * DAY_MS)
    world.endpoint.script.push(async () => refused('invalid_grant'))
    await run()
    expect(asked()).toBe(2)
    const { rows } = await sql<{ broken: boolean }>`select broken_at is not null as broken from "grant" order by broken`.execute(
      node.db.kysely,
    )
    expect(rows).toEqual([{ broken: false }, { broken: true }])
    await run()
    expect(asked()).toBe(2)
  })

  it('leaves a grant with an unknown outcome alone', async () => {
    const { live } = await connectWith('rt-doubtful')
    world.clock.moveBy(28 * DAY_MS)
    await sql`update "grant" set refresh_started_at = hawser_now() - interval '1 day' where id = ${live.grant!.id}`.execute(node.db.kysely)
    await run()
    expect(asked()).toBe(0)
  })

  it('25. two nodes that run it at once make one request a grant', async () => {
    const second = await createNode(world)
    for (const name of ['a', 'b', 'c']) await connectWith(`rt-${name}`)
    world.clock.moveBy(28 * DAY_MS)
    await Promise.all([run(), run(second)])
    expect(world.endpoint.requests.sort()).toEqual(['rt-a', 'rt-b', 'rt-c'])
  })

  it('does nothing in a frozen vault', async () => {
    await connectWith('rt-frozen')
    world.clock.moveBy(28 * DAY_MS)
    await run(await createNode(world, { guard: frozenGuard }))
    expect(asked()).toBe(0)
  })
})
