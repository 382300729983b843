/** Every endpoint once, by somebody who may: whatever hands out a secret or changes something is in the audit trail when the answer comes. */
import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '@hawser/api/routes.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, readConnection } from '../customer.ts'
import type { RouteName } from './access-rules.ts'

const KEY = 'traced'
let server: TestServer
let id: string
let spare: string
/** What earlier calls have made. */
const made = { keyId: '', signingKeyId: '', tokenId: '', clientRowId: '', operationId: '', deliveryId: '' }
const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' })

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, KEY, addOrgApp(server, 'acme-uat', 'traced_one'))
  await addIntegration(server, 'spare', addOrgApp(server, 'globex-uat', 'traced_two'))
  id = await connect(server, KEY)
  spare = await connect(server, 'spare')
})
afterAll(() => server?.close())

interface Traced {
  /** The action of the row; null: nothing changes that is worth one, and no secret leaves. */
  action: string | null
  path: () => string
  body?: () => unknown
  session?: true
  before?: () => Promise<unknown>
  keep?: (data: Record<string, unknown>) => void
}

const at = (path: string) => () => path
const connectionAt = (suffix = '', query = '') => `/connections/${id}${suffix}?provider_config_key=${KEY}${query}`
const of = (action: string | null, path: string, body?: unknown): Traced => ({
  action,
  path: at(path),
  ...(body === undefined ? {} : { body: () => body }),
})
const client = { client_id: 'staged', client_secret: 'secret' }

const api = () => createApiClient(server.url, server.apiKey)

async function importOfSpare(): Promise<object> {
  const { credentials, connection_config } = await readConnection(server, spare, 'spare')
  const { access_token } = credentials as { access_token: string }
  const instance_url = (connection_config as { instance_url: string }).instance_url
  return { provider_config_key: 'spare', credentials: { type: 'OAUTH2', access_token }, connection_config: { instance_url } }
}

async function jwt(): Promise<string> {
  const now = Math.floor(server.clock.now() / 1000)
  const payload = { sub: id, integration: KEY, aud: server.url, iat: now, exp: now + 600 }
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: made.signingKeyId }).sign(signing.privateKey)
}

async function keepOperation(): Promise<void> {
  const { body } = await api().call<{ operations: { id: string }[] }>('GET', '/activity')
  made.operationId = body!.operations[0]!.id
}

/** In an order in which each finds what it needs. */
const traced: Record<RouteName, Traced> = {
  getEnvironment: of('environment.read_webhook_signing_key', '/environment'),
  updateEnvironment: of('environment.update', '/environment', { refused_org_kinds: [] }),
  createApiKey: {
    ...of('api_key.create', '/environment/api-keys', { display_name: 'traced' }),
    keep: ({ id: key }) => (made.keyId = String(key)),
  },
  listApiKeys: of(null, '/environment/api-keys'),
  deleteApiKey: { action: 'api_key.revoke', path: () => `/environment/api-keys/${made.keyId}` },
  createSigningKey: {
    action: 'signing_key.create',
    path: at('/environment/signing-keys'),
    body: () => ({ display_name: 'traced', public_key: signing.publicKey.export({ type: 'spki', format: 'pem' }) }),
    keep: ({ id: key }) => (made.signingKeyId = String(key)),
  },
  listSigningKeys: of(null, '/environment/signing-keys'),
  createConnectionToken: {
    action: 'connection_token.create',
    path: () => connectionAt('/tokens'),
    body: () => ({}),
    keep: ({ id: token }) => (made.tokenId = String(token)),
  },
  exchangeToken: {
    action: 'connection_token.exchange',
    path: at('/connection-tokens/exchange'),
    body: async () => ({ token: await jwt() }),
  },
  listConnectionTokens: of(null, '/connection-tokens'),
  deleteConnectionToken: { action: 'connection_token.revoke', path: () => `/connection-tokens/${made.tokenId}` },
  deleteTokensOfConnection: { action: 'connection_token.revoke_all', path: () => connectionAt('/tokens') },
  deleteSigningKey: { action: 'signing_key.delete', path: () => `/environment/signing-keys/${made.signingKeyId}` },
  createConnectSession: of('connect_session.create', '/connect/sessions', { end_user: { id: 'u' } }),
  createReconnectSession: {
    action: 'connect_session.create',
    path: at('/connect/sessions/reconnect'),
    body: () => ({ connection_id: id, integration_id: KEY }),
  },
  getConnectSession: { ...of(null, '/connect/session'), session: true },
  // Of a session nothing is left but what was connected with it.
  deleteConnectSession: { ...of(null, '/connect/session'), session: true },
  listConnections: of(null, '/connections'),
  getConnection: { action: 'credentials.read', path: () => connectionAt() },
  updateConnection: { action: 'connection.updated', path: () => connectionAt(), body: () => ({ tags: { a: 'b' } }) },
  setMetadata: {
    action: 'connection.metadata_changed',
    path: at('/connections/metadata'),
    body: () => ({ connection_id: id, provider_config_key: KEY, metadata: {} }),
  },
  updateMetadata: {
    action: 'connection.metadata_changed',
    path: at('/connections/metadata'),
    body: () => ({ connection_id: id, provider_config_key: KEY, metadata: {} }),
  },
  freezeConnection: { action: 'connection.freeze', path: () => connectionAt('/freeze'), body: () => ({}) },
  unfreezeConnection: { action: 'connection.unfreeze', path: () => connectionAt('/unfreeze') },
  freezeIntegration: of('integration.freeze', `/integrations/${KEY}/freeze`, {}),
  unfreezeIntegration: of('integration.unfreeze', `/integrations/${KEY}/unfreeze`),
  freezeEnvironment: of('environment.freeze', '/environment/freeze', {}),
  unfreezeEnvironment: of('environment.unfreeze', '/environment/unfreeze'),
  listIssues: of(null, '/issues'),
  listAudit: of(null, '/audit'),
  listActivity: of(null, '/activity'),
  getActivity: { action: null, path: () => `/activity/${made.operationId}`, before: keepOperation },
  getOverview: of(null, '/overview'),
  getVault: of(null, '/vault'),
  testWebhook: {
    ...of('webhook.test', '/webhooks/test'),
    before: () => api().call('PATCH', '/environment', { body: { webhook_url: 'https://hooks.example.com/' } }),
    keep: ({ id: delivery }) => (made.deliveryId = String(delivery)),
  },
  listDeliveries: of(null, '/webhooks/deliveries'),
  getDelivery: { action: null, path: () => `/webhooks/deliveries/${made.deliveryId}` },
  replayDelivery: {
    action: 'webhook.replay',
    path: () => `/webhooks/deliveries/${made.deliveryId}/replay`,
    before: () => sql`update event set given_up_at = now() where id = ${made.deliveryId}`.execute(server.kit.db.kysely),
  },
  replayDeliveries: of('webhook.replay', '/webhooks/deliveries/replay', { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }),
  listIntegrations: of(null, '/integrations'),
  createIntegration: of('integration.created', '/integrations', {
    provider: 'salesforce',
    unique_key: 'new',
    credentials: { type: 'OAUTH2', ...client },
  }),
  createQuickstartIntegration: of('integration.created', '/integrations/quickstart', { provider: 'salesforce', unique_key: 'quick' }),
  getIntegration: of(null, `/integrations/${KEY}?include=credentials`),
  updateIntegration: of('integration.updated', `/integrations/${KEY}`, { display_name: 'Traced' }),
  stageIntegrationClient: of('integration.client_staged', `/integrations/${KEY}/clients/staged`, client),
  deleteStagedIntegrationClient: of('integration.client_deleted', `/integrations/${KEY}/clients/staged`),
  promoteIntegrationClient: {
    ...of('integration.client_promoted', `/integrations/${KEY}/clients/staged/promote`),
    before: () => api().call('PUT', `/integrations/${KEY}/clients/staged`, { body: { ...client, client_id: 'next' } }),
  },
  listIntegrationClients: {
    ...of(null, `/integrations/${KEY}/clients`),
    keep: (data) =>
      (made.clientRowId = String((data as unknown as { id: string; state: string }[]).find((one) => one.state !== 'active')!.id)),
  },
  recordAppMigration: of('integration.app_migration', `/integrations/${KEY}/app-migration`, { state: 'announced' }),
  salesforceAppFiles: of(null, '/salesforce/apps/files', { options: { label: 'A', contact_email: 'a@b.example' } }),
  probeIntegration: of(null, `/integrations/${KEY}/probe`, {}),
  diagnoseText: of(null, '/doctor', { text: 'invalid_grant' }),
  listProviders: of(null, '/providers'),
  getProvider: of(null, '/providers/salesforce'),
  health: of(null, '/health'),
  ready: of(null, '/ready'),
  openapi: of(null, '/openapi.json'),
  importConnection: { action: 'connection.created', path: at('/connections'), body: importOfSpare },
  revokeGrants: { action: 'grants.revoke', path: at('/environment/revoke'), body: () => ({ integration: 'spare', connections: [spare] }) },
  deleteConnection: { action: 'connection.deleted', path: () => connectionAt() },
  deleteIntegrationClient: { action: 'integration.client_deleted', path: () => `/integrations/${KEY}/clients/${made.clientRowId}` },
  deleteIntegration: of('integration.deleted', `/integrations/${KEY}`),
}

async function rows(): Promise<string[]> {
  const { rows: found } = await sql<{
    action: string
  }>`select action from audit_event where environment_id is not null order by at, seq`.execute(server.kit.db.kysely)
  return found.map((row) => row.action)
}

describe('34. the audit trail has a row of', () => {
  it.each(Object.entries(traced) as [RouteName, Traced][])('%s', async (name, { action, path, body, session, before, keep }) => {
    const { method } = routes.find((route) => route.name === name)!
    await before?.()
    const bearer = session ? await openSession(server, KEY) : server.apiKey
    const sent = body === undefined ? {} : { body: await body() }
    const known = (await rows()).length
    const answer = await createApiClient(server.url, bearer).call<{ data?: Record<string, unknown> }>(method, path(), sent)
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
    if (answer.body?.data) keep?.(answer.body.data)
    const added = (await rows()).slice(known)
    if (action === null) expect(added).toEqual([])
    else expect(added).toContain(action)
  })
})
