/** Several connections that live on one grant of the provider: a second refresh of it would use its refresh token up twice. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { accessToken, connect, createNode, createWorld, type Connected, type Node, type World } from './node-for-tests.ts'
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
beforeEach(() => void (world.endpoint = createTokenEndpoint(world.clock)))
afterAll(async () => {
  await world.close()
  await test.close()
})

async function twoOnOneGrant(): Promise<[Connected, Connected]> {
  const one = await connect(node, world, { expiresInMs: -1_000 })
  const two = await connect(node, world, { expiresInMs: -1_000, integration: one.integration })
  expect(two.live.grant!.id).toBe(one.live.grant!.id)
  expect(two.live.connection.id).not.toBe(one.live.connection.id)
  return [one, two]
}

it('25. two connections on one grant refresh as one, in one process and in two', async () => {
  const [one, two] = await twoOnOneGrant()
  const everywhere = [await one.find(node), await two.find(node), await one.find(second), await two.find(second)]
  const on = [node, node, second, second]
  const all = await Promise.all(everywhere.map(async (live, index) => on[index]!.connections.fresh(live)))
  expect(all.map(accessToken)).toEqual(['at-1', 'at-1', 'at-1', 'at-1'])
  expect(world.endpoint.requests).toHaveLength(1)
})

it('25. a token that one of them was refused is not refreshed again for the other', async () => {
  const [one, two] = await twoOnOneGrant()
  const [first, other] = [await one.find(node), await two.find(second)]
  const { version } = first.grant!
  expect(accessToken(await node.connections.fresh(first, { notVersion: version }))).toBe('at-1')
  expect(accessToken(await second.connections.fresh(other, { notVersion: version }))).toBe('at-1')
  expect(world.endpoint.requests).toHaveLength(1)
})

it('who forces on one of them is never answered with an ordinary refresh of the other that had begun before', async () => {
  const [one, two] = await twoOnOneGrant()
  const sent = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  world.endpoint.script.push(async () => {
    sent.resolve()
    await gate.promise
    return world.endpoint.usual(world.endpoint.current)
  })
  const [live, other] = [await one.find(node), await two.find(node)]
  const ordinary = Promise.resolve(node.connections.fresh(live))
  await sent.promise
  const forced = Promise.resolve(node.connections.fresh(other, { force: true }))
  gate.resolve()
  expect([accessToken(await ordinary), accessToken(await forced)]).toEqual(['at-1', 'at-2'])
})
