/** A grant that is ended while its refresh is under way: the answer holds the only live token, and nobody here would ever end it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { call } from './call-for-tests.ts'
import { freshOn, grantStateOf } from './grant-state-for-tests.ts'
import { connect, createNode, createWorld, environmentId, failureOf, type Connected, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

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
  node.revoked.length = 0
  await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const revokeAll = ({ integration }: Connected) =>
  call(node.connections.handlers, 'revokeGrants', { body: { integration: integration.uniqueKey } })
const remove = ({ live, integration }: Connected) =>
  call(node.connections.handlers, 'deleteConnection', {
    params: { connectionId: live.connection.connectionId },
    query: { provider_config_key: integration.uniqueKey },
  })
const reconnect = ({ live, integration }: Connected, on = node) =>
  on.connections.save({
    ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', reconnects: live.connection.id },
    credentials: { type: 'OAUTH2', access_token: 'at-signed-in', refresh_token: 'rt-signed-in', raw: {} },
    ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
  })

/** Refreshes on the node, while `meanwhile` happens before the answer arrives. Returns what went out, and what came back. */
async function refreshWhile(connected: Connected, meanwhile: () => Promise<unknown>, on = node): Promise<{ sent: string; got: string }> {
  world.endpoint.script.push(async () => {
    const sent = world.endpoint.current
    const answer = world.endpoint.usual(sent)
    await meanwhile()
    return answer
  })
  await Promise.resolve(freshOn(on, connected.live)).catch(() => {})
  return { sent: world.endpoint.requests.at(-1)!, got: world.endpoint.current }
}

/** Runs the queued jobs; the tokens that were given back, in the order in which they were queued. */
async function givenBack(): Promise<string[]> {
  const { rows } = await sql<{ payload: never }>`select payload from graphile_worker._private_jobs order by id`.execute(node.db.kysely)
  for (const { payload } of rows) await node.connections.jobs['revoke-grant']!(payload)
  expect(JSON.stringify(rows)).not.toContain('rt-')
  return node.revoked.map((one) => one.token)
}

const expired = { expiresInMs: -1_000 }

describe('the new token of a rotation is revoked as well', () => {
  it('when all grants were revoked meanwhile, and the grant stays ended', async () => {
    const connected = await connect(node, world, expired)
    const { sent, got } = await refreshWhile(connected, () => revokeAll(connected))
    expect(got).not.toBe(sent)
    expect(await givenBack()).toEqual([sent, got])
    expect((await grantStateOf(node, connected.live)).broken_at).not.toBeNull()
  })

  it('when the connection was deleted meanwhile, with the client that it was asked with', async () => {
    const connected = await connect(node, world, expired)
    const { sent, got } = await refreshWhile(connected, () => remove(connected))
    expect(await givenBack()).toEqual([sent, got])
    expect(node.revoked.at(-1)!.clientId).toBe('app-1')
  })

  it('when a sign-in has put another grant in its place', async () => {
    const connected = await connect(node, world, expired)
    const { sent, got } = await refreshWhile(connected, () => reconnect(connected))
    expect(await givenBack()).toEqual([sent, got])
  })

  it('though the database was away when the answer came', async () => {
    const holder = await createNode(world)
    const connected = await connect(holder, world, expired)
    const { sent, got } = await refreshWhile(
      connected,
      async () => {
        await revokeAll(connected)
        holder.database.away = true
      },
      holder,
    )
    holder.database.away = false
    await holder.connections.reapplySpool()
    expect(await givenBack()).toEqual([sent, got])
    expect(await holder.spool.list()).toEqual([])
  })

  it('though the process died before it could store them', async () => {
    const dying = await createNode(world)
    const connected = await connect(dying, world, expired)
    const { sent, got } = await refreshWhile(connected, async () => void (dying.database.away = true), dying)
    const [entry] = await dying.spool.list()
    const bytes = (await dying.spool.read(entry!.id))!
    await revokeAll(connected)
    const next = await createNode(world)
    await next.spool.put({ grantId: entry!.grantId, version: entry!.version, sealed: bytes })
    await next.connections.reapplySpool()
    expect(await givenBack()).toEqual([sent, got])
    expect((await grantStateOf(node, connected.live)).broken_at).not.toBeNull()
    expect(await next.spool.list()).toEqual([])
  })
})

describe('nothing more is revoked', () => {
  it('without rotation: the token is the one that is queued', async () => {
    world.endpoint.rotates = false
    const connected = await connect(node, world, expired)
    const { sent } = await refreshWhile(connected, () => remove(connected))
    expect(await givenBack()).toEqual([sent])
  })

  it('where that would end the grant that a sign-in has put in its place', async () => {
    const careful = await createNode(world, { revocationOf: () => ({ url: 'https://login.example/revoke', endsOnlyItself: false }) })
    const connected = await connect(careful, world, expired)
    await refreshWhile(connected, () => reconnect(connected, careful), careful)
    expect(await givenBack()).toEqual([])
  })

  it('where a connection in another integration lives on the token that was sent', async () => {
    const connected = await connect(node, world, expired)
    await connect(node, world, expired)
    await refreshWhile(connected, () => remove(connected))
    expect(await givenBack()).toEqual([])
  })

  it('of a token that lost to another answer', async () => {
    const connected = await connect(node, world, expired)
    await refreshWhile(connected, () =>
      sql`update "grant" set version = version + 1 where id = ${connected.live.grant!.id}`.execute(node.db.kysely),
    )
    expect(await givenBack()).toEqual([])
  })
})

it('a token that cannot be queued waits on disk, is not handed out, and is queued later', async () => {
  const connected = await connect(node, world, expired)
  const { queue } = node.kit
  const add = queue.add.bind(queue)
  const got = await refreshWhile(connected, async () => {
    await remove(connected)
    queue.add = async () => Promise.reject(new Error('no'))
  })
  queue.add = add
  const onDisk = async () => (await node.spool.list()).filter((entry) => entry.grantId === connected.live.grant!.id)
  expect(await onDisk()).toMatchObject([{ committedAt: null }])
  await node.connections.reapplySpool()
  expect(await givenBack()).toEqual([got.sent, got.got])
  expect(await onDisk()).toEqual([])
  expect((await failureOf(() => connected.find(node))).code).toBe('unknown_connection')
})
