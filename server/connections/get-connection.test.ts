import { fail } from '@hawser/api/errors.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { openIssueOn } from './open-issue-for-tests.ts'
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
const withScopes = (...scopes: string[]): KeyPrincipal => ({ ...everything, scopes })
const ask = (name: string, input: Parameters<typeof call>[2], on = node) => call(on.connections.handlers, name, input)
const addressOf = ({ live, integration }: Connected) => ({
  params: { connectionId: live.connection.connectionId },
  query: { provider_config_key: integration.uniqueKey },
})

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
      await openIssueOn(node, connection.id, 'instance_url_refused')
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

  it('is read at once by many in one statement, and remembers when', async () => {
    const alone = await createNode(world)
    const connected = await connect(alone, world)
    // Messages come in order: what the sign-in announced has been heard, and drops nothing from the cache later.
    const heard = Promise.withResolvers<void>()
    alone.kit.bus.on('heard', () => heard.resolve())
    await alone.kit.bus.send('heard', 'all')
    await heard.promise
    await ask('getConnection', addressOf(connected), alone)
    const before = alone.db.statements
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('getConnection', addressOf(connected), alone)))
    expect(alone.db.statements - before).toBe(1)
    await alone.connections.flush()
    const { rows } = await alone.db.pool.query('select last_fetched_at from connection where id = $1', [connected.live.connection.id])
    expect(rows[0].last_fetched_at.toISOString()).toBe(
      answers
        .map((answer) => (answer as { last_fetched_at: string }).last_fetched_at)
        .toSorted()
        .at(-1),
    )
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
      audit: { disclosed: async () => Promise.reject(fail('credentials_unavailable')), changed: async () => {}, used: () => {} },
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
