import { fail } from '@hawser/api/errors.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { call, everything } from './call-for-tests.ts'
import {
  addIntegration,
  createNode,
  createWorld,
  environmentId,
  failureOf,
  otherEnvironmentId,
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

  it.each([
    ['oauth_client_secret_override', 'credentials.config_override'],
    ['oauth_client_id_override', 'credentials.config_override'],
    ['oauth_refresh_token_override', 'credentials.refresh_token'],
  ])('6. 400: %s would lie unencrypted in the configuration; nobody is asked', async (name, place) => {
    const asked: unknown[] = []
    const asking = await createNode(world, { confirmImport: async () => (asked.push(1), { connectionConfig: {} }) })
    const integration = await addIntegration(asking)
    const body = { provider_config_key: integration.uniqueKey, credentials, connection_config: { [name]: 'hunter2' } }
    const failure = await failureOf(() => ask('importConnection', { body }, asking))
    expect(failure).toMatchObject({ code: 'invalid_body', details: { errors: [{ path: ['connection_config', name] }] } })
    expect(JSON.stringify(failure.details.errors)).toContain(place)
    expect(asked).toEqual([])
  })

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
