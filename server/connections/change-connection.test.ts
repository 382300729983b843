import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
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
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
  for (const list of [node.events, node.disclosures, node.changes, node.revoked]) list.length = 0
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

describe('PATCH /connections/:connectionId', () => {
  it('200: tags, over those of the end user, replace all; an empty webhook URL clears it', async () => {
    const connected = await connect(node, world)
    const patch = (body: object) => ask('updateConnection', { ...addressOf(connected), body })
    expect(await patch({ tags: { A: '1' }, webhook_url_override: 'https://hook.example' })).toEqual({ success: true })
    await patch({ end_user: { id: 'u', display_name: 'U' } })
    expect(await ask('getConnection', addressOf(connected))).toMatchObject({
      ...{ tags: { a: '1', end_user_id: 'u', end_user_display_name: 'U' }, webhook_url_override: 'https://hook.example' },
      end_user: { id: 'u', display_name: 'U' },
    })
    await patch({ tags: { b: '2' }, webhook_url_override: '' })
    expect(await ask('getConnection', addressOf(connected))).toMatchObject({
      tags: { b: '2' },
      webhook_url_override: null,
      end_user: { id: 'u' },
    })
    expect(node.changes.filter((entry) => entry.action === 'connection.updated')).toHaveLength(3)
  })

  it('27. changes at the same time of different columns do not undo each other, nor a refresh', async () => {
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    const { connectionId } = connected.live.connection
    const metadata = { connection_id: connectionId, provider_config_key: connected.integration.uniqueKey }
    await Promise.all([
      ask('updateConnection', { ...addressOf(connected), body: { tags: { t: '1' } } }),
      ask('updateConnection', { ...addressOf(connected), body: { webhook_url_override: 'https://hook.example' } }),
      ask('setMetadata', { body: { ...metadata, metadata: { m: 1 } } }),
      ask('updateMetadata', { body: { ...metadata, metadata: { n: 2 } } }),
      node.connections.fresh(connected.live),
    ])
    const answer = await ask('getConnection', addressOf(connected))
    expect(answer).toMatchObject({ tags: { t: '1' }, webhook_url_override: 'https://hook.example', credentials: { access_token: 'at-1' } })
    expect(answer['metadata']).toHaveProperty('m', 1)
  })

  it('404', async () => {
    const connected = await connect(node, world)
    const body = { tags: {} }
    expect((await failureOf(() => ask('updateConnection', { ...addressOf(connected), params: { connectionId: 'x' }, body }))).code).toBe(
      'unknown_connection',
    )
    expect((await failureOf(() => ask('updateConnection', { ...addressOf(connected), body, principal: foreign }))).code).toBe(
      'unknown_provider_config',
    )
  })
})

describe('the metadata endpoints', () => {
  it('POST replaces, PATCH merges the first level, both echo their body', async () => {
    const integration = await addIntegration(node)
    for (const name of ['m1', 'm2']) await named(integration, name)
    const both = { connection_id: ['m1', 'm2', 'm1'], provider_config_key: integration.uniqueKey }
    const set = { ...both, metadata: { a: 1, deep: { x: 1 } } }
    expect(await ask('setMetadata', { body: set })).toEqual(set)
    const merged = { ...both, connection_id: 'm1', metadata: { b: 2, deep: { y: 1 } } }
    expect(await ask('updateMetadata', { body: merged })).toEqual(merged)
    const get = async (connectionId: string) =>
      (await ask('getConnection', { params: { connectionId }, query: { provider_config_key: integration.uniqueKey } }))['metadata']
    expect(await get('m1')).toEqual({ a: 1, b: 2, deep: { y: 1 } })
    expect(await get('m2')).toEqual({ a: 1, deep: { x: 1 } })
    await ask('setMetadata', { body: { ...both, metadata: {} } })
    expect(await get('m1')).toEqual({})
  })

  it('PATCH works where there was none', async () => {
    const integration = await addIntegration(node)
    await named(integration, 'bare')
    const body = { connection_id: 'bare', provider_config_key: integration.uniqueKey, metadata: { a: 1 } }
    await ask('updateMetadata', { body })
    const listed = await ask('listConnections', { query: { integrationId: integration.uniqueKey } })
    expect(listed['connections']).toMatchObject([{ metadata: { a: 1 } }])
  })

  it('404 if one of them is missing: nothing is written', async () => {
    const integration = await addIntegration(node)
    await named(integration, 'there')
    const body = { connection_id: ['there', 'missing'], provider_config_key: integration.uniqueKey, metadata: { a: 1 } }
    for (const name of ['setMetadata', 'updateMetadata'])
      expect((await failureOf(() => ask(name, { body }))).code).toBe('unknown_connection')
    expect((await failureOf(() => ask('setMetadata', { body, principal: foreign }))).code).toBe('unknown_provider_config')
    const listed = await ask('listConnections', { query: { integrationId: integration.uniqueKey } })
    expect(listed['connections']).toMatchObject([{ metadata: null }])
  })
})

async function named(integration: StoredIntegration, connectionId: string, more: object = {}): Promise<string> {
  const { connection } = await node.connections.save({
    ...{ environmentId, environmentName: 'dev', integration, connectionId, authMode: 'OAUTH2', connectionConfig: {}, actor: {} },
    credentials: { type: 'OAUTH2', access_token: 'secret-at', raw: {} },
    client: { kind: 'integration' },
    ...more,
  })
  return connection.id
}
