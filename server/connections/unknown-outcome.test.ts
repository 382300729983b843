import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { LiveConnection } from './connection.ts'
import { freshOn, grantStateOf, issuesOn, upTo } from './grant-state-for-tests.ts'
import { accessToken, connect, createNode, createWorld, failureOf, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint, failed } from './token-endpoint-for-tests.ts'

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
  node.events.length = 0
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const fresh = (live: LiveConnection, on = node) => freshOn(on, live)
const issuesOf = (live: LiveConnection) => issuesOn(node, live)
const row = (live: LiveConnection) => grantStateOf(node, live)

describe('an unknown outcome', () => {
  const lost = () => failed({ network: 'reset', sent: true })

  it('rests two minutes, is tried once more, and works if the old refresh token still does', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => lost())
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'refresh_token_external_error', details: { retryAfter: 120 } })
    expect((await row(live)).refresh_started_at).not.toBeNull()
    world.clock.moveBy(90_000)
    expect((await failureOf(() => fresh(live))).code).toBe('connection_refresh_backoff')
    expect(world.endpoint.requests).toHaveLength(1)
    world.clock.moveBy(31_000)
    expect(accessToken(await fresh(live))).toBe('at-1')
    expect((await row(live)).refresh_started_at).toBeNull()
  })

  it('is never tried again while the access token works', async () => {
    const { live } = await connect(node, world, { expiresInMs: 3_600_000 })
    world.clock.moveBy(3_400_000)
    world.endpoint.script.push(async () => lost())
    expect(accessToken(await fresh(live))).toBe('at-0')
    world.clock.moveBy(130_000)
    expect(accessToken(await fresh(live))).toBe('at-0')
    expect(world.endpoint.requests).toHaveLength(1)
    world.clock.moveBy(100_000)
    expect(accessToken(await fresh(live))).toBe('at-1')
  })

  it('ends as an interrupted refresh when the second attempt is refused', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    node.events.length = 0
    world.endpoint.script.push(async () => lost())
    await failureOf(() => fresh(live))
    world.clock.moveBy(121_000)
    world.endpoint.revoked = true
    expect((await failureOf(() => fresh(live))).code).toBe('interrupted_refresh')
    expect((await failureOf(() => fresh(live))).code).toBe('interrupted_refresh')
    expect(world.endpoint.requests).toHaveLength(2)
    expect(await issuesOf(live)).toMatchObject([{ kind: 'interrupted_refresh', diagnosis: { code: 'interrupted-refresh' } }])
    expect(node.events).toMatchObject([{ operation: 'refresh', failure: { type: 'interrupted_refresh' } }])
  })

  it('ends as an interrupted refresh when the second attempt is lost too', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(
      async () => lost(),
      async () => lost(),
    )
    await failureOf(() => fresh(live))
    world.clock.moveBy(121_000)
    expect((await failureOf(() => fresh(live))).code).toBe('interrupted_refresh')
    expect(world.endpoint.requests).toHaveLength(2)
  })

  it('keeps its second attempt when that one certainly did not happen', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(
      async () => lost(),
      async () => failed({ network: 'refused', sent: false }),
    )
    await failureOf(() => fresh(live))
    world.clock.moveBy(121_000)
    expect((await failureOf(() => fresh(live))).code).toBe('refresh_token_external_error')
    expect((await row(live)).refresh_started_at).not.toBeNull()
    world.clock.moveBy(61_000)
    expect(accessToken(await fresh(live))).toBe('at-1')
  })

  it('of a node that died: others wait for its lease, then two minutes, then try once', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    await sql`update "grant" set lease_holder = gen_random_uuid(), lease_until = hawser_now() + interval '20 seconds', refresh_started_at = hawser_now()
      where id = ${live.grant!.id}`.execute(node.db.kysely)
    world.clock.moveBy(21_000)
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'connection_refresh_backoff', details: { retryAfter: upTo(100) } })
    world.clock.moveBy(100_000)
    expect(accessToken(await fresh(live))).toBe('at-1')
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('of a node that died in the second attempt: nobody tries a third time', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    await sql`update "grant" set refresh_started_at = hawser_now(), failure = '{"code":"interrupted_refresh","message":"","diagnosis":null,"retried":true}'
      where id = ${live.grant!.id}`.execute(node.db.kysely)
    world.clock.moveBy(121_000)
    expect((await failureOf(() => fresh(live))).code).toBe('interrupted_refresh')
    expect(world.endpoint.requests).toEqual([])
  })

  it('is what an error page with status 200 means', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => failed({ status: 200, bodyKind: 'html' }))
    expect((await failureOf(() => fresh(live))).code).toBe('refresh_token_external_error')
    expect((await row(live)).refresh_started_at).not.toBeNull()
  })
})
