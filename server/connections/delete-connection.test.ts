import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { call, everything } from './call-for-tests.ts'
import {
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
  for (const list of [node.events, node.disclosures, node.changes, node.revoked]) list.length = 0
  await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const foreign: KeyPrincipal = { ...everything, environmentId: otherEnvironmentId, environmentName: 'prod' }
const ask = (name: string, input: Parameters<typeof call>[2], on = node) => call(on.connections.handlers, name, input)
const addressOf = ({ live, integration }: Connected) => ({
  params: { connectionId: live.connection.connectionId },
  query: { provider_config_key: integration.uniqueKey },
})

describe('DELETE /connections/:connectionId', () => {
  it('200: the tokens go into a job that revokes them, then every trace of them is gone', async () => {
    const connected = await connect(node, world)
    expect(await ask('deleteConnection', addressOf(connected))).toEqual({ success: true })
    expect((await failureOf(() => ask('getConnection', addressOf(connected)))).code).toBe('unknown_connection')
    const { rows } = await sql`select from "grant" where id = ${connected.live.grant!.id}`.execute(node.db.kysely)
    expect(rows).toEqual([])
    const [job] = await jobs()
    expect(job?.task).toBe('revoke-grant')
    expect(JSON.stringify(job!.payload)).not.toContain('rt-')
    await node.connections.jobs['revoke-grant']!(job!.payload as never)
    expect(node.revoked).toEqual([{ url: 'https://login.example/revoke', token: world.endpoint.current, clientId: 'app-1' }])
    expect(node.changes).toMatchObject([{ action: 'connection.created' }, { action: 'connection.deleted' }])
  })

  it('200: a grant that another connection shares is kept, and revoked with the last one, also when both go at once', async () => {
    const one = await connect(node, world)
    const two = await connect(node, world, { integration: one.integration })
    const three = await connect(node, world, { integration: one.integration })
    await ask('deleteConnection', addressOf(one))
    expect(await jobs()).toEqual([])
    await Promise.all([ask('deleteConnection', addressOf(two)), ask('deleteConnection', addressOf(three))])
    expect(await jobs()).toHaveLength(1)
  })

  it('200: an app of its own goes too, and never becomes the integration’s', async () => {
    const integration = await addIntegration(node)
    const save = (own: string) =>
      node.connections.save({
        ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', connectionConfig: {}, actor: {} },
        credentials: { type: 'OAUTH2', access_token: 'a', refresh_token: `rt-${own}`, raw: {} },
        client: { kind: 'own', clientId: own, clientSecret: 's' },
      })
    for (const own of ['x', 'y']) {
      const { connection } = await save(own)
      await ask('deleteConnection', {
        params: { connectionId: connection.connectionId },
        query: { provider_config_key: integration.uniqueKey },
      })
    }
    const { rows } = await sql<{ client_id: string }>`select client_id from oauth_client where integration_id = ${integration.id}`.execute(
      node.db.kysely,
    )
    expect(rows).toEqual([{ client_id: 'app-1' }])
    for (const job of await jobs()) await node.connections.jobs['revoke-grant']!(job.payload as never)
    expect(node.revoked.map((one) => [one.token, one.clientId])).toEqual([
      ['rt-x', 'x'],
      ['rt-y', 'y'],
    ])
  })

  it('404, also 13. for another environment’s, which stays', async () => {
    const connected = await connect(node, world)
    expect((await failureOf(() => ask('deleteConnection', { ...addressOf(connected), principal: foreign }))).code).toBe(
      'unknown_provider_config',
    )
    expect((await ask('getConnection', addressOf(connected)))['connection_id']).toBe(connected.live.connection.connectionId)
  })

  it('an integration that goes hands over each grant once, shared ones and those with apps of their own included', async () => {
    const integration = await addIntegration(node)
    const save = (credentials: object, client: object) =>
      node.connections.save({
        ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', connectionConfig: {}, actor: {} },
        credentials: { type: 'OAUTH2', access_token: 'a', raw: {}, ...credentials },
        client: { kind: 'integration', ...client } as never,
      })
    for (let twice = 0; twice < 2; twice++) await save({ refresh_token: 'rt-shared' }, {})
    for (const own of ['x', 'y']) await save({ refresh_token: `rt-${own}` }, { kind: 'own', clientId: own, clientSecret: 's' })
    node.told.length = 0
    await node.db.kysely.transaction().execute((transaction) => node.connections.releaseGrants(transaction, integration))
    expect(node.told.map((event) => event.type)).toEqual(Array.from({ length: 4 }, () => 'connection.deleted'))
    for (const job of await jobs()) await node.connections.jobs['revoke-grant']!(job.payload as never)
    expect(node.revoked.map((one) => `${one.token} by ${one.clientId}`).sort()).toEqual(['rt-shared by app-1', 'rt-x by x', 'rt-y by y'])
    const { rows } = await sql`select from connection where integration_id = ${integration.id}`.execute(node.db.kysely)
    expect(rows).toEqual([])
  })

  it('a revocation that fails is tried again later, at last given up, and told once', async () => {
    const failing = await createNode(world, { revokeToken: async () => Promise.reject(new Error('503')) })
    const connected = await connect(failing, world)
    await ask('deleteConnection', addressOf(connected), failing)
    for (let attempt = 1; attempt <= 12; attempt++) {
      const [job, ...others] = await jobs()
      expect(others).toEqual([])
      expect(job?.payload['attempts'] ?? 0).toBe(attempt - 1)
      await sql`delete from graphile_worker._private_jobs`.execute(node.db.kysely)
      await failing.connections.jobs['revoke-grant']!(job!.payload as never)
      if (attempt === 1) expect(failing.told.map((event) => event.type)).toEqual(['connection.deleted'])
    }
    expect(await jobs()).toEqual([])
    expect(failing.told.slice(1)).toMatchObject([
      {
        type: 'connection.revocation_failed',
        subject: { connectionId: connected.live.connection.connectionId, endUser: null, tags: {} },
        data: { host: 'login.example', attempts: 12, diagnosis: { code: 'revocation-failed' } },
      },
    ])
    expect(JSON.stringify(failing.told)).not.toContain('rt-')
    expect(failing.changes.map((change) => change.action)).toContain('connection.revocation_failed')
  })
})

async function jobs(): Promise<{ task: string; payload: Record<string, string> }[]> {
  const { rows } = await sql<{ task: string; payload: Record<string, string> }>`
    select t.identifier as task, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id`.execute(
    node.db.kysely,
  )
  return rows
}
