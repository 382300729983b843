import { fail } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { LiveConnection } from './connection.ts'
import {
  accessToken,
  connect,
  createNode,
  createTokenEndpoint,
  createWorld,
  deafBus,
  failed,
  failureOf,
  handTimers,
  refused,
  type Node,
  type World,
} from './node-for-tests.ts'

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

const fresh = async (live: LiveConnection, on = node) =>
  on.connections.fresh(await on.connections.findById(live.connection.environmentId, live.connection.id))

async function issuesOf(live: LiveConnection) {
  return (await openIssuesOf(node.db.kysely, [live.connection.id])).get(live.connection.id) ?? []
}

/** Seconds; fewer if this machine took its time. */
function upTo(seconds: number): unknown {
  return expect.toSatisfy((value: number) => value > 0 && value <= seconds)
}

interface Row {
  version: number
  failures: number
  broken_at: Date | null
  cooldown_until: Date | null
  refresh_started_at: Date | null
  lease_until: Date | null
  lease_holder: string | null
}

async function row(live: LiveConnection): Promise<Row> {
  const { rows } = await sql<Row>`select * from "grant" where id = ${live.grant!.id}`.execute(node.db.kysely)
  return rows[0]!
}

describe('a refresh token that the provider refuses for good', () => {
  it('breaks the connection once: issue, event, and no further token request', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    node.events.length = 0
    world.endpoint.revoked = true
    expect((await failureOf(() => fresh(live))).code).toBe('invalid_credentials')
    const again = await failureOf(() => fresh(live))
    expect(again).toMatchObject({ code: 'invalid_credentials', details: { diagnosis: { id: 'oauth-invalid-grant' } } })
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
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'connection_refresh_backoff', details: { retryAfter: upTo(2) } })
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
    expect(await issuesOf(live)).toMatchObject([{ kind: 'interrupted_refresh', diagnosis: { id: 'interrupted-refresh' } }])
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
    expect(await failureOf(() => fresh(live))).toMatchObject({ code: 'connection_refresh_backoff', details: { retryAfter: upTo(99) } })
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

describe('26. an answer that comes late', () => {
  it('is stored although its holder lost the lease, if nothing else was', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      // Another node takes the lease, since this one was asleep.
      await sql`update "grant" set lease_holder = gen_random_uuid(), lease_until = hawser_now() + interval '20 seconds' where id = ${live.grant!.id}`.execute(
        node.db.kysely,
      )
      return world.endpoint.usual(world.endpoint.current)
    })
    expect(accessToken(await fresh(live))).toBe('at-1')
    expect(await row(live)).toMatchObject({ version: 2 })
    expect((await row(live)).lease_holder).not.toBeNull() // 25. somebody else's lease is not freed
  })

  it('is stored even if it comes after the request was given up', async () => {
    const timers = handTimers()
    const impatient = await createNode(world, { timers })
    const { live } = await connect(impatient, world, { expiresInMs: -1_000 })
    const gate = Promise.withResolvers<void>()
    const sent = Promise.withResolvers<void>()
    world.endpoint.script.push(async () => {
      sent.resolve()
      await gate.promise
      return world.endpoint.usual(world.endpoint.current)
    })
    const given = failureOf(() => fresh(live, impatient))
    await sent.promise
    timers.fire()
    expect((await given).code).toBe('refresh_timeout')
    await expect.poll(async () => (await row(live)).cooldown_until).not.toBeNull()
    gate.resolve()
    await expect.poll(async () => (await row(live)).version).toBe(2)
    expect(accessToken(await fresh(live))).toBe('at-1')
  })

  it('is not returned when another answer was stored before', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      const other = await createNode(world)
      await other.connections.save({
        ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration: live.integration, authMode: 'OAUTH2' },
        connectionId: live.connection.connectionId,
        credentials: { type: 'OAUTH2', access_token: 'at-stored', refresh_token: world.endpoint.current, raw: {} },
        ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
      })
      return { ok: true, tokens: { access_token: 'at-lost', raw: {} } }
    })
    expect(accessToken(await fresh(live))).toBe('at-stored')
    expect((await node.spool.list()).filter((entry) => entry.grantId === live.grant!.id)).toEqual([])
  })

  it('with a refusal, after another answer was stored, breaks nothing', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      await node.connections.save({
        ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration: live.integration, authMode: 'OAUTH2' },
        connectionId: live.connection.connectionId,
        credentials: { type: 'OAUTH2', access_token: 'at-stored', refresh_token: world.endpoint.current, raw: {} },
        ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
      })
      return refused('invalid_grant')
    })
    expect(accessToken(await fresh(live))).toBe('at-stored')
    expect([(await row(live)).broken_at, await issuesOf(live)]).toEqual([null, []])
  })

  it('of a grant that was replaced meanwhile leads to the new one', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      await node.connections.save({
        ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration: live.integration, authMode: 'OAUTH2' },
        reconnects: live.connection.id,
        credentials: { type: 'OAUTH2', access_token: 'at-reconnected', refresh_token: 'rt-reconnected', raw: {} },
        ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
      })
      return { ok: true, tokens: { access_token: 'at-of-the-old-grant', raw: {} } }
    })
    expect(accessToken(await fresh(live))).toBe('at-reconnected')
  })
})

describe('2. the address in a token response', () => {
  it('is read at each refresh and goes to all connections of the grant', async () => {
    const reading = await createNode(world, {
      bus: deafBus(),
      readTokenExtras: (_provider, raw) => ({ connectionConfig: { instance_url: raw['instance_url'] } }),
    })
    const one = await connect(reading, world, { expiresInMs: -1_000, config: { instance_url: 'https://old.example', kept: 1 } })
    const two = await connect(reading, world, {
      expiresInMs: -1_000,
      integration: one.integration,
      config: { instance_url: 'https://old.example' },
    })
    await two.find(reading)
    world.endpoint.extra = { instance_url: 'https://new.example' }
    const renewed = await reading.connections.fresh(await one.find(reading))
    expect(renewed.live.connection.connectionConfig).toEqual({ instance_url: 'https://new.example', kept: 1 })
    expect((await two.find(reading)).connection.connectionConfig).toEqual({ instance_url: 'https://new.example' })
    const { rows } = await sql<{
      url: string
    }>`select connection_config ->> 'instance_url' as url from connection where id = ${two.live.connection.id}`.execute(node.db.kysely)
    expect(rows).toEqual([{ url: 'https://new.example' }])
  })

  it('on a foreign host is not taken over; the tokens are kept and an issue says so', async () => {
    const strict = await createNode(world, {
      readTokenExtras: (_provider, raw) => {
        if (raw['instance_url'] === 'https://evil.example') throw fail('instance_url_refused')
        return { connectionConfig: {} }
      },
    })
    const { live, find } = await connect(strict, world, { expiresInMs: -1_000, config: { instance_url: 'https://good.example' } })
    world.endpoint.extra = { instance_url: 'https://evil.example' }
    const renewed = await strict.connections.fresh(await find(strict))
    expect(accessToken(renewed)).toBe('at-1')
    expect(renewed.live.connection.connectionConfig).toEqual({ instance_url: 'https://good.example' })
    expect(await issuesOf(live)).toMatchObject([{ kind: 'instance_url_refused' }])
    world.endpoint.extra = {}
    world.clock.moveBy(3_600_000)
    await strict.connections.fresh(await find(strict))
    expect(await issuesOf(live)).toEqual([])
  })
})
