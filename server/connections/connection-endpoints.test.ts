import { fail } from '@hawser/api/errors.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { openIssue } from '#issues/open-issue.ts'
import type { StoredIntegration } from './connection.ts'
import {
  addIntegration,
  call,
  connect,
  createNode,
  createTokenEndpoint,
  createWorld,
  environmentId,
  everything,
  failureOf,
  otherEnvironmentId,
  type Connected,
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
const withScopes = (...scopes: string[]): KeyPrincipal => ({ ...everything, scopes })
const ask = (name: string, input: Parameters<typeof call>[2], on = node) => call(on.connections.handlers, name, input)
const addressOf = ({ live, integration }: Connected) => ({
  params: { connectionId: live.connection.connectionId },
  query: { provider_config_key: integration.uniqueKey },
})

async function jobs(): Promise<{ task: string; payload: Record<string, string> }[]> {
  const { rows } = await sql<{ task: string; payload: Record<string, string> }>`
    select t.identifier as task, j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id`.execute(
    node.db.kysely,
  )
  return rows
}

describe('GET /connections/:connectionId', () => {
  describe('200', () => {
    it('answers in the contract’s shape, with fresh credentials', async () => {
      const connected = await connect(node, world, { expiresInMs: -1_000, config: { instance_url: 'https://acme.example' } })
      const answer = await ask('getConnection', addressOf(connected))
      expect(answer).toMatchObject({
        ...{ id: expect.any(Number), connection_id: connected.live.connection.connectionId, provider: 'crm', errors: [], issues: [] },
        ...{ end_user: null, tags: {}, metadata: null, webhook_url_override: null },
        connection_config: { instance_url: 'https://acme.example' },
        credentials: { type: 'OAUTH2', access_token: 'at-1', expires_at: expect.any(String), raw: { access_token: 'at-1' } },
        gateway_id: connected.live.connection.id.replaceAll('-', ''),
        last_fetched_at: expect.any(String),
      })
    })

    it('5. no refresh token leaves unless it is asked for', async () => {
      const connected = await connect(node, world, { expiresInMs: -1_000, config: { refresh_token_expires: 'x', kept: 1 } })
      const secret = world.endpoint.current
      const text = JSON.stringify(await ask('getConnection', addressOf(connected)))
      expect(text).not.toMatch(/refresh_?token/i)
      expect(text).not.toContain(secret)
      expect(text).not.toContain(world.endpoint.current)
    })

    it('5. asked for, with the scope for it, it is there', async () => {
      const connected = await connect(node, world)
      const { params, query } = addressOf(connected)
      const answer = await ask('getConnection', { params, query: { ...query, refresh_token: 'true' } })
      expect(answer['credentials']).toMatchObject({ refresh_token: world.endpoint.current })
      expect(node.disclosures).toMatchObject([{ action: 'credentials.read_with_refresh_token' }])
    })

    it('34. leaves a trace before the answer', async () => {
      const connected = await connect(node, world)
      await ask('getConnection', addressOf(connected))
      expect(node.disclosures).toMatchObject([
        {
          ...{ environmentId, action: 'credentials.read', actor: { kind: 'key', id: everything.keyId } },
          subject: { connection: connected.live.connection.id },
        },
      ])
    })

    it('a key that may not read credentials gets none, and causes neither refresh nor disclosure', async () => {
      const connected = await connect(node, world, { expiresInMs: -1_000 })
      const answer = await ask('getConnection', { ...addressOf(connected), principal: withScopes('environment:connections:read') })
      expect(answer['credentials']).toEqual({})
      expect([world.endpoint.requests, node.disclosures]).toEqual([[], []])
    })

    it('force_refresh renews', async () => {
      const connected = await connect(node, world, { expiresInMs: 3_600_000 })
      const { params, query } = addressOf(connected)
      const answer = await ask('getConnection', { params, query: { ...query, force_refresh: '1' } })
      expect(answer['credentials']).toMatchObject({ access_token: 'at-1' })
    })

    it('shows what is wrong with the connection, and the client id of an app of its own, never its secret', async () => {
      const { connection } = await node.connections.save({
        ...{ environmentId, environmentName: 'dev', authMode: 'OAUTH2', connectionConfig: {}, actor: {} },
        integration: await addIntegration(node),
        credentials: { type: 'OAUTH2', access_token: 'a', raw: {} },
        client: { kind: 'own', clientId: 'customer-app', clientSecret: 'customer-secret' },
      })
      await openIssue(node.db.kysely, { environmentId, connectionId: connection.id, kind: 'instance_url_refused', diagnosis: null })
      const live = await node.connections.findById(environmentId, connection.id)
      const answer = await ask('getConnection', addressOf({ live, integration: live.integration } as Connected))
      expect(answer).toMatchObject({
        credentials: { config_override: { client_id: 'customer-app' } },
        issues: [{ kind: 'instance_url_refused', count: 1, diagnosis: null }],
        errors: [{ type: 'auth', log_id: expect.any(String) }],
      })
      expect(JSON.stringify(answer)).not.toContain('customer-secret')
    })
  })

  describe('403', () => {
    it.each(['force_refresh', 'refresh_token', 'refresh_github_app_jwt_token'])('%s needs the scope to read credentials', async (flag) => {
      const connected = await connect(node, world)
      const { params, query } = addressOf(connected)
      const asked = () =>
        ask('getConnection', { params, query: { ...query, [flag]: 'true' }, principal: withScopes('environment:connections:read') })
      expect((await failureOf(asked)).code).toBe('forbidden')
    })

    it('5. refresh_token needs a scope of its own', async () => {
      const connected = await connect(node, world)
      const { params, query } = addressOf(connected)
      const principal = withScopes('environment:connections:read', 'environment:connections:read_credentials')
      expect((await failureOf(() => ask('getConnection', { params, query: { ...query, refresh_token: 'true' }, principal }))).code).toBe(
        'forbidden',
      )
    })
  })

  it('404 for an unknown integration, an unknown connection, and 13. for one of another environment', async () => {
    const connected = await connect(node, world)
    const { params, query } = addressOf(connected)
    const code = async (input: Parameters<typeof call>[2]) => (await failureOf(() => ask('getConnection', input))).code
    expect(await code({ params, query: { provider_config_key: 'nothing' } })).toBe('unknown_provider_config')
    expect(await code({ params: { connectionId: 'nothing' }, query })).toBe('unknown_connection')
    expect(await code({ params, query, principal: foreign })).toBe('unknown_provider_config')
    await addIntegration(node, otherEnvironmentId, connected.integration.uniqueKey)
    expect(await code({ params, query, principal: foreign })).toBe('unknown_connection')
    expect((await failureOf(async () => node.connections.findById(otherEnvironmentId, connected.live.connection.id))).code).toBe(
      'unknown_connection',
    )
  })

  it('424 with the reason when the credentials are dead', async () => {
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    world.endpoint.revoked = true
    const failure = await failureOf(() => ask('getConnection', addressOf(connected)))
    expect(failure).toMatchObject({ code: 'invalid_credentials', status: 424, details: { diagnosis: { class: 'reconnect' } } })
    expect(node.disclosures).toEqual([])
  })

  it('503 when the trace cannot be written: nothing is disclosed', async () => {
    const untraced = await createNode(world, {
      audit: { disclosed: async () => Promise.reject(fail('credentials_unavailable')), changed: async () => {} },
    })
    const connected = await connect(untraced, world)
    expect((await failureOf(() => ask('getConnection', addressOf(connected), untraced))).code).toBe('credentials_unavailable')
  })

  it('503 while the database is away, although the credentials are cached', async () => {
    const cut = await createNode(world)
    const connected = await connect(cut, world)
    cut.database.away = true
    expect((await failureOf(() => ask('getConnection', addressOf(connected), cut))).code).toBe('credentials_unavailable')
  })
})

describe('GET /connections', () => {
  async function names(query: Record<string, unknown>, principal = everything): Promise<unknown[]> {
    const { connections } = await ask('listConnections', { query, principal })
    return (connections as { connection_id: string }[]).map((listed) => listed.connection_id)
  }

  it('lists newest first, by pages, without credentials', async () => {
    const integration = await addIntegration(node)
    for (const name of ['first', 'second', 'third']) await named(integration, name)
    const only = { integrationId: integration.uniqueKey }
    expect(await names(only)).toEqual(['third', 'second', 'first'])
    expect(await names({ ...only, limit: '2' })).toEqual(['third', 'second'])
    expect(await names({ ...only, limit: '2', page: '1' })).toEqual(['first'])
    const { connections } = await ask('listConnections', { query: only })
    expect(JSON.stringify(connections)).not.toMatch(/credential|access_token|secret-at/)
  })

  it('13. never shows another environment’s', async () => {
    const integration = await addIntegration(node)
    await named(integration, 'mine')
    expect(await names({ integrationId: integration.uniqueKey }, foreign)).toEqual([])
    expect(await names({ connectionId: 'mine' }, foreign)).toEqual([])
  })

  it('finds by each filter', async () => {
    const integration = await addIntegration(node)
    const other = await addIntegration(node)
    const organization = { id: 'org-1', display_name: null }
    const jane = { id: 'u-jane', display_name: 'Jane Doe', email: 'jane@acme.example', tags: null, organization }
    await named(integration, '100%_sure', { tags: { plan: 'pro', team: 'a' } })
    await named(integration, 'janes', { endUser: jane, tags: { plan: 'pro', team: 'b' } })
    await named(other, 'elsewhere')
    const both = `${integration.uniqueKey}, ${other.uniqueKey}`
    const cases: [Record<string, unknown>, string[]][] = [
      [{ integrationId: both }, ['elsewhere', 'janes', '100%_sure']],
      [{ connectionId: '100%_sure' }, ['100%_sure']],
      [{ search: '%_S' }, ['100%_sure']],
      [{ search: 'jane d', integrationId: both }, ['janes']],
      [{ search: 'ACME.EX' }, ['janes']],
      [{ endUserId: 'u-jane' }, ['janes']],
      [{ endUserOrganizationId: 'org-1' }, ['janes']],
      [{ tags: { plan: 'pro' }, integrationId: both }, ['janes', '100%_sure']],
      [{ tags: { Plan: 'pro', team: 'a' } }, ['100%_sure']],
      [{ tags: { plan: 'free' } }, []],
      [{ search: '\\' }, []],
    ]
    for (const [query, expected] of cases) expect([query, await names(query)]).toEqual([query, expected])
  })

  it('names the open issues', async () => {
    const integration = await addIntegration(node)
    const id = await named(integration, 'broken')
    await openIssue(node.db.kysely, { environmentId, connectionId: id, kind: 'refresh_failed', diagnosis: null })
    const { connections } = await ask('listConnections', { query: { integrationId: integration.uniqueKey } })
    expect(connections).toMatchObject([{ errors: [{ type: 'auth', log_id: expect.any(String) }] }])
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

describe('POST /connections', () => {
  const credentials = { type: 'OAUTH2', access_token: 'at-imported', refresh_token: 'rt-imported' }

  it('201: brings credentials in and answers with the connection', async () => {
    const integration = await addIntegration(node)
    const answer = await ask('importConnection', {
      body: {
        ...{ provider_config_key: integration.uniqueKey, connection_id: 'acme', credentials: { ...credentials, expires_at: '2027-01-01' } },
        ...{
          metadata: { a: 1 },
          connection_config: { instance_url: 'https://acme.my.example' },
          webhook_url_override: 'https://hook.example/x',
        },
        ...{ end_user: { id: 'u1', email: 'u@acme.example', tags: { Plan: 'x' } }, tags: { PLAN: 'pro' } },
      },
    })
    expect(answer).toMatchObject({
      ...{ connection_id: 'acme', metadata: { a: 1 }, webhook_url_override: 'https://hook.example/x', issues: [] },
      connection_config: { instance_url: 'https://acme.my.example' },
      credentials: { access_token: 'at-imported', expires_at: '2027-01-01T00:00:00.000Z' },
      tags: { end_user_id: 'u1', end_user_email: 'u@acme.example', plan: 'pro' },
      end_user: { id: 'u1', email: 'u@acme.example', display_name: null, organization: null },
    })
    expect(JSON.stringify(answer)).not.toContain('rt-imported')
    expect(world.endpoint.requests).toEqual([])
  })

  it('201: renews the connection of that name, and shows no credentials to a key that may not read them', async () => {
    const integration = await addIntegration(node)
    const body = { provider_config_key: integration.uniqueKey, connection_id: 'acme', credentials, metadata: { a: 1 } }
    const first = await ask('importConnection', { body })
    const { metadata: _, ...again } = body
    const principal = withScopes('environment:connections:create')
    const second = await ask('importConnection', { body: { ...again, credentials: { ...credentials, refresh_token: 'rt-2' } }, principal })
    expect(second).toMatchObject({ id: first['id'], metadata: { a: 1 }, credentials: {} })
  })

  it('201: what the provider confirms goes to the configuration', async () => {
    const asked: unknown[] = []
    const confirming = await createNode(world, {
      confirmImport: async (_provider, imported) => {
        asked.push(imported)
        return { connectionConfig: { org_id: '00D' } }
      },
    })
    const integration = await addIntegration(confirming)
    const config = { instance_url: 'https://acme.my.example' }
    const body = { provider_config_key: integration.uniqueKey, credentials, connection_config: config }
    expect(await ask('importConnection', { body }, confirming)).toMatchObject({ connection_config: { ...config, org_id: '00D' } })
    expect(asked).toEqual([{ accessToken: 'at-imported', connectionConfig: config }])
    expect(world.endpoint.requests).toEqual([])
  })

  it('201: an app that belongs to this connection', async () => {
    const integration = await addIntegration(node)
    const override = { client_id: 'customer-app', client_secret: 'customer-secret' }
    const body = { provider_config_key: integration.uniqueKey, credentials: { ...credentials, config_override: override } }
    const answer = await ask('importConnection', { body })
    expect(answer['credentials']).toMatchObject({ config_override: { client_id: 'customer-app' } })
    expect(JSON.stringify(answer)).not.toContain('customer-secret')
  })

  it('400: another way to authorise than the provider’s', async () => {
    const integration = await addIntegration(node)
    const body = { provider_config_key: integration.uniqueKey, credentials: { type: 'NONE' } }
    expect(await failureOf(() => ask('importConnection', { body }))).toMatchObject({
      code: 'invalid_body',
      details: { errors: [{ path: ['credentials', 'type'] }] },
    })
  })

  it.each(['https://evil.example', 42])(
    '2. 400: an instance URL that is not the provider’s (%s), and nobody is asked',
    async (instanceUrl) => {
      const asked: unknown[] = []
      const asking = await createNode(world, { confirmImport: async () => (asked.push(1), { connectionConfig: {} }) })
      const integration = await addIntegration(asking)
      const body = { provider_config_key: integration.uniqueKey, credentials, connection_config: { instance_url: instanceUrl } }
      expect((await failureOf(() => ask('importConnection', { body }, asking))).code).toBe('instance_url_refused')
      expect(asked).toEqual([])
    },
  )

  it('400: credentials that the provider does not know; nothing is stored', async () => {
    const refusing = await createNode(world, { confirmImport: async () => Promise.reject(fail('connection_test_failed')) })
    const integration = await addIntegration(refusing)
    const body = { provider_config_key: integration.uniqueKey, connection_id: 'never', credentials }
    expect((await failureOf(() => ask('importConnection', { body }, refusing))).code).toBe('connection_test_failed')
    expect((await failureOf(async () => node.connections.find(environmentId, integration.uniqueKey, 'never'))).code).toBe(
      'unknown_connection',
    )
  })

  it('404: an unknown integration, and 13. one of another environment', async () => {
    const integration = await addIntegration(node)
    const body = { provider_config_key: integration.uniqueKey, credentials }
    expect((await failureOf(() => ask('importConnection', { body, principal: foreign }))).code).toBe('unknown_provider_config')
  })
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
    await node.db.kysely.transaction().execute((transaction) => node.connections.releaseGrants(transaction, integration))
    for (const job of await jobs()) await node.connections.jobs['revoke-grant']!(job.payload as never)
    expect(node.revoked.map((one) => `${one.token} by ${one.clientId}`).sort()).toEqual(['rt-shared by app-1', 'rt-x by x', 'rt-y by y'])
    const { rows } = await sql`select from connection where integration_id = ${integration.id}`.execute(node.db.kysely)
    expect(rows).toEqual([])
  })

  it('a job whose revocation fails is there to be run again', async () => {
    const failing = await createNode(world, { revokeToken: async () => Promise.reject(new Error('503')) })
    await ask('deleteConnection', addressOf(await connect(failing, world)), failing)
    const [job] = await jobs()
    await expect(failing.connections.jobs['revoke-grant']!(job!.payload as never)).rejects.toThrow('503')
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
