import { fail } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { LiveConnection } from './connection.ts'
import { freshOn, grantStateOf, issuesOn } from './grant-state-for-tests.ts'
import { accessToken, connect, createNode, createWorld, deafBus, failureOf, handTimers, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint, refused } from './token-endpoint-for-tests.ts'

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

/** As a migration does that is run once more. */
async function importAgain(live: LiveConnection, refreshToken = world.endpoint.current): Promise<void> {
  await node.connections.save({
    ...{ environmentId: live.connection.environmentId, environmentName: 'dev', integration: live.integration, authMode: 'OAUTH2' },
    connectionId: live.connection.connectionId,
    credentials: { type: 'OAUTH2', access_token: 'at-imported', refresh_token: refreshToken, raw: {} },
    ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
  })
}

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

  it('is stored over an import of the very refresh token that it has used up', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      await importAgain(live)
      return world.endpoint.usual(world.endpoint.current)
    })
    expect(accessToken(await fresh(live))).toBe('at-1')
    await sql`update "grant" set expires_at = hawser_now() - interval '1 second', cooldown_until = null where id = ${live.grant!.id}`.execute(
      node.db.kysely,
    )
    expect(accessToken(await freshOn(await createNode(world), live))).toBe('at-2')
    expect(world.endpoint.revoked).toBe(false)
  })

  it('is put back from the disk over such an import, even by another process', async () => {
    const holder = await createNode(world)
    const { live } = await connect(holder, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      const answer = world.endpoint.usual(world.endpoint.current)
      holder.database.away = true
      return answer
    })
    expect(accessToken(await fresh(live, holder))).toBe('at-1')
    const [entry] = await holder.spool.list()
    const bytes = (await holder.spool.read(entry!.id))!
    await importAgain(live, world.endpoint.requests[0])
    const next = await createNode(world)
    await next.spool.put({ grantId: entry!.grantId, version: entry!.version, sealed: bytes })
    await next.connections.reapplySpool()
    expect(accessToken(await fresh(live, next))).toBe('at-1')
  })

  it('of a grant that was stopped meanwhile does not bring it back to life', async () => {
    const { live } = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      await sql`update "grant" set broken_at = hawser_now(), version = version + 1 where id = ${live.grant!.id}`.execute(node.db.kysely)
      return world.endpoint.usual(world.endpoint.current)
    })
    await failureOf(() => fresh(live))
    expect((await row(live)).broken_at).not.toBeNull()
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
