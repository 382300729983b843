import { fail, type Failure } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { freshOn, grantStateOf } from './grant-state-for-tests.ts'
import { call } from './call-for-tests.ts'
import { accessToken, addIntegration, connect, createNode, createWorld, failureOf, type Node, type World } from './node-for-tests.ts'
import { systemTimers, type Timers } from './timers.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

let test: TestDatabase
let world: World
let node: Node
let stopped: Failure | undefined
let waiting: PromiseWithResolvers<void>

const LEASE_PAUSE_MS = 50
const timers: Timers = {
  after(ms, then) {
    if (ms === LEASE_PAUSE_MS) waiting.resolve()
    return systemTimers.after(ms, then)
  },
}

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world, { timers, stopped: () => stopped })
})
beforeEach(() => {
  stopped = undefined
  waiting = Promise.withResolvers()
  world.endpoint = createTokenEndpoint(world.clock)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

describe('the kill switch, pulled while a caller waits', () => {
  it('for another node’s lease: no request leaves', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const id = live.grant!.id
    await sql`update "grant" set lease_holder = gen_random_uuid(), lease_until = hawser_now() + interval '15 seconds' where id = ${id}`.execute(
      node.db.kysely,
    )
    const asking = failureOf(() => freshOn(node, live))
    await waiting.promise
    stopped = fail('frozen')
    await sql`update "grant" set lease_holder = null, lease_until = null where id = ${id}`.execute(node.db.kysely)
    expect((await asking).code).toBe('frozen')
    expect(world.endpoint.requests).toEqual([])
    expect(await grantStateOf(node, live)).toMatchObject({ refresh_started_at: null, lease_holder: null })
  })

  it.each([
    ['that has ended', 700_000],
    ['that still works', 400_000],
  ])('for the provider’s answer to a token %s: the new one is stored, and not handed out', async (_which, later) => {
    const { live } = await connect(node, world, { expiresInMs: 600_000 })
    world.clock.moveBy(later)
    world.endpoint.script.push(async () => {
      stopped = fail('frozen')
      return world.endpoint.usual(world.endpoint.current)
    })
    expect((await failureOf(() => freshOn(node, live))).code).toBe('frozen')
    expect(await grantStateOf(node, live)).toMatchObject({ version: 2 })
    stopped = undefined
    expect(accessToken(await freshOn(node, live))).toBe('at-1')
  })
})

describe('an import', () => {
  it('into what was stopped is refused before its token is sent to the provider', async () => {
    let confirmed = 0
    const importing = await createNode(world, {
      stopped: ({ connectionId }) => (connectionId === undefined ? fail('frozen') : undefined),
      confirmImport: async () => {
        confirmed += 1
        return { connectionConfig: {} }
      },
    })
    const { uniqueKey } = await addIntegration(importing)
    const body = { provider_config_key: uniqueKey, credentials: { type: 'OAUTH2', access_token: 'a', refresh_token: 'r' } }
    expect((await failureOf(() => call(importing.connections.handlers, 'importConnection', { body }))).code).toBe('frozen')
    expect(confirmed).toBe(0)
  })
})

describe('a lease that outlasts the clock', () => {
  it('which was set back by an hour, is nobody’s', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    await sql`update "grant" set lease_holder = gen_random_uuid(), lease_until = hawser_now() + interval '1 hour' where id = ${live.grant!.id}`.execute(
      node.db.kysely,
    )
    expect(accessToken(await freshOn(node, live))).toBe('at-1')
  })
})
