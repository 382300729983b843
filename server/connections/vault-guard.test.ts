import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fail } from '@hawser/api/errors.ts'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { newId } from '#lib/ids.ts'
import { accessToken, connect, createNode, createWorld, failureOf, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'
import { unguarded, type SeenVault } from './vault-guard.ts'

let test: TestDatabase
let world: World
let node: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

describe('25. a refresh', () => {
  it('the kill switch that is pulled while a caller waits for the turn keeps the request in', async () => {
    let asked = 0
    const pulled = await createNode(world, { stopped: () => (asked++ < 1 ? undefined : fail('frozen')) })
    const { find } = await connect(node, world)
    const live = await find(pulled)
    expect((await failureOf(() => pulled.connections.fresh(live, { force: true }))).code).toBe('frozen')
    expect(world.endpoint.requests).toEqual([])
  })

  it('nothing is sent from a database of another epoch, or an older state of it, before anybody has noticed', async () => {
    const { epoch, generation }: SeenVault = { epoch: newId(), generation: 7 }
    await sql`insert into vault (epoch, key_id, generation) values (${epoch}, 'test', ${generation})`.execute(node.db.kysely)
    for (const seen of [
      { epoch: newId(), generation },
      { epoch, generation: generation + 1 },
    ]) {
      const astray = await createNode(world, { guard: { ...unguarded, seen: () => seen } })
      const live = await (await connect(node, world)).find(astray)
      expect((await failureOf(() => astray.connections.fresh(live, { force: true }))).code).toBe('refresh_timeout')
    }
    expect(world.endpoint.requests).toEqual([])
    const same = await createNode(world, { guard: { ...unguarded, seen: () => ({ epoch, generation }) } })
    const { find } = await connect(node, world)
    expect(accessToken(await same.connections.fresh(await find(same), { force: true }))).toBe('at-1')
  })
})
