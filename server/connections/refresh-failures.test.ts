import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { LiveConnection } from './connection.ts'
import { freshOn, grantStateOf, issuesOn, upTo } from './grant-state-for-tests.ts'
import { accessToken, connect, createNode, createWorld, failureOf, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint, failed, refused } from './token-endpoint-for-tests.ts'

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
  node.told.length = 0
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const fresh = (live: LiveConnection, on = node) => freshOn(on, live)
const issuesOf = (live: LiveConnection) => issuesOn(node, live)
const row = (live: LiveConnection) => grantStateOf(node, live)

describe('a refresh token that the provider refuses for good', () => {
  it('breaks the connection once: issue, event, and no further token request', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    node.events.length = 0
    world.endpoint.revoked = true
    expect((await failureOf(() => fresh(live))).code).toBe('invalid_credentials')
    const again = await failureOf(() => fresh(live))
    expect(again).toMatchObject({ code: 'invalid_credentials', details: { diagnosis: { code: 'oauth-invalid-grant' } } })
    const elsewhere = await createNode(world)
    expect((await failureOf(() => fresh(live, elsewhere))).code).toBe('invalid_credentials')
    expect(
      (
        await failureOf(async () =>
          node.connections.fresh(await node.connections.findById(live.connection.environmentId, live.connection.id), { force: true }),
        )
      ).code,
    ).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(1)
    expect(await issuesOf(live)).toMatchObject([{ kind: 'refresh_failed', count: 1, diagnosis: { class: 'reconnect' } }])
    expect(node.events).toMatchObject([
      {
        operation: 'refresh',
        connection: { id: live.connection.id },
        failure: { type: 'refresh_failed', diagnosis: { class: 'reconnect' } },
      },
    ])
    expect(await row(live)).toMatchObject({ refresh_started_at: null, lease_until: null, version: 1 })
  })

  it('works again after a reconnect, which closes the issue', async () => {
    const { live, integration } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.revoked = true
    await failureOf(() => fresh(live))
    world.endpoint = createTokenEndpoint(world.clock)
    const raw = {}
    await node.connections.save({
      ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2' },
      reconnects: live.connection.id,
      credentials: { type: 'OAUTH2', access_token: 'at-new', refresh_token: world.endpoint.current, raw },
      ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
    })
    expect(accessToken(await fresh(live))).toBe('at-new')
    expect(await issuesOf(live)).toEqual([])
  })

  it('all connections of one grant hear of it', async () => {
    const one = await connect(node, world, { expiresInMs: -1_000 })
    const two = await connect(node, world, { expiresInMs: -1_000, integration: one.integration })
    expect(two.live.grant!.id).toBe(one.live.grant!.id)
    node.events.length = 0
    world.endpoint.revoked = true
    await failureOf(() => fresh(one.live))
    expect((await failureOf(() => fresh(two.live))).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(1)
    expect(node.events.map((event) => event.connection.id).sort()).toEqual([one.live.connection.id, two.live.connection.id].sort())
    expect([(await issuesOf(one.live)).length, (await issuesOf(two.live)).length]).toEqual([1, 1])
  })
})

describe('what is wrong with the app, not with the customer', () => {
  it('breaks the connection, and force_refresh makes one attempt each time', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => refused('invalid_client', 401))
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'invalid_credentials', details: { diagnosis: { class: 'config' } } })
    expect((await failureOf(() => fresh(live))).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(1)
    const forced = () => node.connections.findById(live.connection.environmentId, live.connection.id)
    expect((await failureOf(async () => node.connections.fresh(await forced(), { force: true }))).code).toBe('connection_refresh_backoff')
    world.clock.moveBy(5_000)
    expect(accessToken(await node.connections.fresh(await forced(), { force: true }))).toBe('at-1')
    expect(await issuesOf(live)).toEqual([])
  })
})

describe('what may have been mended since', () => {
  it('is tried again by the next call after the pause, and one break sends one webhook', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    node.events.length = 0
    world.endpoint.script.push(
      async () => refused('invalid_client', 401),
      async () => refused('invalid_client', 401),
    )
    const call = async () => fresh(await node.connections.findById(live.connection.environmentId, live.connection.id))
    expect((await failureOf(call)).code).toBe('invalid_credentials')
    expect((await failureOf(call)).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(1)
    world.clock.moveBy(5_000)
    expect((await failureOf(call)).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(2)
    expect(node.events).toHaveLength(1)
    world.clock.moveBy(60_000)
    expect(accessToken(await call())).toBe('at-1')
    expect(await issuesOf(live)).toEqual([])
    expect(node.told.map((event) => event.type)).toEqual(['issue.opened', 'issue.resolved'])
  })

  it('not where the customer has to reconnect', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.revoked = true
    expect((await failureOf(() => fresh(live))).code).toBe('invalid_credentials')
    world.clock.moveBy(3_600_000)
    expect((await failureOf(() => fresh(live))).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(1)
  })
})

describe('29. an outage never breaks a connection', () => {
  it.each([
    ['a refused connection', failed({ network: 'refused', sent: false })],
    ['a name that does not resolve', failed({ network: 'dns', sent: false })],
    ['a failed TLS handshake', failed({ network: 'tls', sent: false })],
    ['a connect timeout', failed({ network: 'timeout', sent: false })],
    ['429', failed({ status: 429, bodyKind: 'json' })],
    ['503', failed({ status: 503, bodyKind: 'html' })],
  ])('%s rests, and the next attempt works', async (_name, outcome) => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => outcome)
    expect((await failureOf(() => fresh(live))).code).toBe('refresh_token_external_error')
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'connection_refresh_backoff', details: { retryAfter: upTo(3) } })
    expect(world.endpoint.requests).toHaveLength(1)
    expect(await row(live)).toMatchObject({ broken_at: null, refresh_started_at: null, lease_until: null })
    expect([await issuesOf(live), node.events.filter((event) => event.failure)]).toEqual([[], []])
    world.clock.moveBy(2_001)
    expect(accessToken(await fresh(live))).toBe('at-1')
    expect(await row(live)).toMatchObject({ failures: 0, cooldown_until: null })
  })

  it('rests longer with each failure, to one minute at most, and as long as Retry-After asks', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    const waits: unknown[] = []
    for (let failure = 0; failure < 7; failure++) {
      world.endpoint.script.push(async () => failed({ network: 'refused', sent: false }))
      waits.push((await failureOf(() => fresh(live))).details['retryAfter'])
      world.clock.moveBy(60_001)
    }
    world.endpoint.script.push(async () => failed({ status: 429, bodyKind: 'json', retryAfter: 90 }))
    waits.push((await failureOf(() => fresh(live))).details['retryAfter'])
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 90])
  })

  it('other nodes keep the rest too', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => failed({ network: 'refused', sent: false }))
    await failureOf(() => fresh(live))
    const elsewhere = await createNode(world)
    expect((await failureOf(() => fresh(live, elsewhere))).code).toBe('connection_refresh_backoff')
    expect(world.endpoint.requests).toHaveLength(1)
  })
})
