/** After a rotation an old export still holds the former refresh token: brought in again, it would end the newer one. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { call, everything } from './call-for-tests.ts'
import type { OAuth2Credentials } from './connection.ts'
import { freshOn, grantStateOf } from './grant-state-for-tests.ts'
import {
  accessToken,
  addIntegration,
  connect,
  createNode,
  createWorld,
  environmentId,
  failureOf,
  otherEnvironmentId,
  type Connected,
  type Node,
  type World,
} from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'
import { storeTokens } from './lease-store.ts'

let test: TestDatabase
let world: World
let node: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
  await world.vault.ready(otherEnvironmentId)
})
beforeEach(async () => {
  world.endpoint = createTokenEndpoint(world.clock)
  await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

interface Import {
  connectionId?: string
  principal?: KeyPrincipal
  accessToken?: string
}

const importInto = ({ uniqueKey }: StoredIntegration, refreshToken: string, { connectionId, principal, accessToken }: Import = {}) =>
  call(node.connections.handlers, 'importConnection', {
    body: {
      provider_config_key: uniqueKey,
      ...(connectionId === undefined ? {} : { connection_id: connectionId }),
      credentials: { type: 'OAUTH2', access_token: accessToken ?? 'at-exported', refresh_token: refreshToken },
    },
    ...(principal ? { principal } : {}),
  })

const deleteConnection = ({ live, integration }: Connected) =>
  call(node.connections.handlers, 'deleteConnection', {
    params: { connectionId: live.connection.connectionId },
    query: { provider_config_key: integration.uniqueKey },
  })

const signIn = (connected: Connected, refreshToken: string) =>
  node.connections.save({
    ...{
      environmentId,
      environmentName: 'dev',
      integration: connected.integration,
      authMode: 'OAUTH2',
      reconnects: connected.live.connection.id,
    },
    credentials: { type: 'OAUTH2', access_token: 'at-signed-in', refresh_token: refreshToken, raw: {} },
    ...{ client: { kind: 'integration' }, connectionConfig: {}, actor: {} },
  })

const refresh = async (connected: Connected) => node.connections.fresh(await connected.find(node), { force: true })

async function rotated(times = 1): Promise<{ connected: Connected; first: string }> {
  const first = world.endpoint.current
  const connected = await connect(node, world, { expiresInMs: 3_600_000 })
  for (let n = 0; n < times; n++) await refresh(connected)
  return { connected, first }
}

async function jobs(): Promise<unknown[]> {
  return (await sql<{ payload: unknown }>`select payload from graphile_worker._private_jobs`.execute(node.db.kysely)).rows.map(
    (row) => row.payload,
  )
}

async function remembered({ live }: Connected): Promise<{ brought: boolean; superseded: boolean }[]> {
  const { rows } = await sql<{ brought: boolean; superseded: boolean }>`
    select brought, superseded from former_refresh_token where grant_id = (select grant_id from connection where id = ${live.connection.id})
    order by replaced_at`.execute(node.db.kysely)
  return rows
}

describe('an import of a refresh token that was replaced', () => {
  it.each([1, 60])('409 after %i rotations: nothing is changed, asked or queued; the connection goes on', async (times) => {
    const { connected, first } = await rotated(times)
    const { connectionId } = connected.live.connection
    const before = await grantStateOf(node, connected.live)
    const failure = await failureOf(() => importInto(connected.integration, first, { connectionId }))
    const day = new Date(world.clock.now()).toISOString().slice(0, 10)
    expect(failure).toMatchObject({
      ...{ code: 'refresh_token_replaced', status: 409 },
      message: `This refresh token was replaced on ${day}; the connection \`${connectionId}\` of \`${connected.integration.uniqueKey}\` holds the newer one. Nothing was changed.`,
      details: {
        payload: { connection_id: connectionId },
        diagnosis: { code: 'refresh-token-replaced-here', evidence: { connection_id: connectionId } },
      },
    })
    expect([await grantStateOf(node, connected.live), await jobs()]).toEqual([before, []])
    expect((await remembered(connected)).length).toBeLessThanOrEqual(2 * 21)
    expect(accessToken(await refresh(connected))).toBe(`at-${times + 1}`)
    expect(world.endpoint.revoked).toBe(false)
  })

  it('409 under another name, or in another integration', async () => {
    const { connected, first } = await rotated()
    for (const integration of [connected.integration, await addIntegration(node)])
      expect((await failureOf(() => importInto(integration, first, { connectionId: 'another' }))).code).toBe('refresh_token_replaced')
    const { rows } = await sql`select from connection where connection_id = 'another'`.execute(node.db.kysely)
    expect(rows).toEqual([])
  })

  it('409 in another environment, which learns nothing but that', async () => {
    const { connected, first } = await rotated()
    const integration = await addIntegration(node, otherEnvironmentId)
    const principal = { ...everything, environmentId: otherEnvironmentId, environmentName: 'prod' }
    const failure = await failureOf(() => importInto(integration, first, { principal }))
    expect(failure).toMatchObject({ code: 'refresh_token_replaced' })
    for (const secret of [connected.live.connection.connectionId, connected.integration.uniqueKey])
      expect(JSON.stringify([failure.details, (failure as unknown as Error).message])).not.toContain(secret)
  })

  it('409 without the name, for a key that does not see the connection', async () => {
    const { connected, first } = await rotated()
    const principal = { ...everything, limits: { connections: { ids: ['mine'] } } }
    const failure = await failureOf(() => importInto(connected.integration, first, { connectionId: 'mine', principal }))
    expect(failure.code).toBe('refresh_token_replaced')
    expect(JSON.stringify(failure.details)).not.toContain(connected.live.connection.connectionId)
  })

  it('201 for the token that is in use, and once more after it was replaced as well: 409', async () => {
    const { connected } = await rotated(3)
    const { connectionId } = connected.live.connection
    const exported = world.endpoint.current
    expect(await importInto(connected.integration, exported, { connectionId })).toMatchObject({ connection_id: connectionId })
    for (let n = 0; n < 45; n++) await refresh(connected)
    expect((await failureOf(() => importInto(connected.integration, exported, { connectionId }))).code).toBe('refresh_token_replaced')
    expect((await remembered(connected)).filter((row) => row.brought)).toHaveLength(2)
  })

  it('409 where a sign-in has made way for it since; 201 under another name, and after the connection was deleted', async () => {
    const { connected, first } = await rotated(0)
    const { connectionId } = connected.live.connection
    await signIn(connected, 'rt-of-a-sign-in')
    await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
    expect((await failureOf(() => importInto(connected.integration, first, { connectionId }))).code).toBe('refresh_token_replaced')
    expect(await jobs()).toEqual([])
    expect(await importInto(connected.integration, first)).toBeDefined()
    await deleteConnection(connected)
    expect(await importInto(connected.integration, first, { connectionId })).toMatchObject({ connection_id: connectionId })
  })

  it('a sign-in that is handed a former token is believed: the provider knows', async () => {
    const { connected, first } = await rotated()
    await signIn(connected, first)
    expect(await importInto(connected.integration, first, { connectionId: connected.live.connection.connectionId })).toBeDefined()
  })

  it('is refused although the refresh commits between the look and the write', async () => {
    const connected = await connect(node, world)
    const { live, integration } = connected
    const print = (token: string) => world.vault.fingerprint(environmentId, token)
    const first = world.endpoint.current
    let importing: Promise<unknown> | undefined
    await node.db.kysely.transaction().execute(async (transaction) => {
      await storeTokens(transaction, {
        ...{ grantId: live.grant!.id, sentVersion: 1, holder: live.grant!.id, sealed: live.grant!.sealed, expiresAt: undefined },
        ...{ fingerprint: print('rt-next'), sentFingerprint: print(first) },
      })
      importing = failureOf(() => importInto(integration, first, { connectionId: live.connection.connectionId }))
      await expect
        .poll(async () => (await sql`select from pg_locks where not granted`.execute(node.db.kysely)).rows.length, { interval: 5 })
        .toBeGreaterThan(0)
    })
    expect(await importing).toMatchObject({ code: 'refresh_token_replaced' })
    expect(await jobs()).toEqual([])
  })

  it('a provider that does not rotate leaves nothing to remember', async () => {
    world.endpoint.rotates = false
    const { connected, first } = await rotated(3)
    expect(await remembered(connected)).toEqual([])
    expect(await importInto(connected.integration, first, { connectionId: connected.live.connection.connectionId })).toBeDefined()
  })

  it('tokens from the spool are remembered too, with those that the database never saw', async () => {
    const holder = await createNode(world)
    const first = world.endpoint.current
    const connected = await connect(holder, world, { expiresInMs: -1_000 })
    world.endpoint.script.push(async () => {
      const answer = world.endpoint.usual(world.endpoint.current)
      holder.database.away = true
      return answer
    })
    await freshOn(holder, connected.live)
    const [entry] = await holder.spool.list()
    const next = await createNode(world)
    await next.spool.put({ grantId: entry!.grantId, version: entry!.version, sealed: (await holder.spool.read(entry!.id))! })
    await next.connections.reapplySpool()
    expect((await failureOf(() => importInto(connected.integration, first))).code).toBe('refresh_token_replaced')
  })
})

describe('a grant whose refresh token another one of the integration has replaced', () => {
  it('sends nothing, and says why', async () => {
    const { connected, first } = await rotated()
    const stray = await connect(node, world, { integration: connected.integration, credentials: { refresh_token: 'rt-stray' } })
    const credentials: OAuth2Credentials = { type: 'OAUTH2', access_token: 'a', refresh_token: first, raw: {} }
    const { id, dataKey } = stray.live.grant!
    const sealed = world.vault.sealWith(environmentId, dataKey, 'grant', id, JSON.stringify(credentials))
    // As it is stored where its mark is another row's.
    await sql`update "grant" set credentials = ${sealed}, fingerprint = null, version = version + 1 where id = ${id}`.execute(
      node.db.kysely,
    )
    const asked = world.endpoint.requests.length
    const second = await createNode(world)
    const failure = await failureOf(async () => second.connections.fresh(await stray.find(second), { force: true }))
    expect(failure).toMatchObject({ code: 'invalid_credentials', details: { diagnosis: { code: 'refresh-token-replaced' } } })
    expect(world.endpoint.requests).toHaveLength(asked)
    expect(accessToken(await refresh(connected))).toBe('at-2')
  })
})

describe('decision 26: a family that another grant lives on', () => {
  it('is not revoked with the connection that goes, whoever holds the newer token', async () => {
    const first = world.endpoint.current
    const one = await connect(node, world)
    const two = await connect(node, world)
    expect(two.live.grant!.id).not.toBe(one.live.grant!.id)
    await refresh(one)
    expect(world.endpoint.requests).toEqual([first])
    await deleteConnection(two)
    expect(await jobs()).toEqual([])
    await deleteConnection(one)
    expect(await jobs()).toHaveLength(1)
  })

  it('nor while its job waits: who brings the token in again wants it to live', async () => {
    const connected = await connect(node, world)
    await deleteConnection(connected)
    const again = await connect(node, world, { integration: connected.integration })
    node.revoked.length = 0
    const [job] = await jobs()
    await node.connections.jobs['revoke-grant']!(job as never)
    expect(node.revoked).toEqual([])
    await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
    await deleteConnection(again)
    await node.connections.jobs['revoke-grant']!((await jobs())[0] as never)
    expect(node.revoked).toMatchObject([{ token: world.endpoint.current }])
  })
})
