/** security: a key of one environment never learns that something exists in another: 404, never 403. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, connectUrl, DATA, openSession, readConnection } from './customer.ts'
import { rowsOf } from './rows.ts'

const INTEGRATION = 'only-in-dev'
let server: TestServer
let prod: ApiClient
let id: string
let keyId: string
let clientRowId: string
let tokenId: string

beforeAll(async () => {
  server = await startTestServer()
  prod = createApiClient(server.url, server.prodKey)
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'foreign'))
  id = await connect(server, INTEGRATION)
  const keys = await createApiClient(server.url, server.apiKey).get<{ data: { id: string }[] }>('/environment/api-keys')
  keyId = keys.body.data[0]?.id ?? ''
  const clients = await createApiClient(server.url, server.apiKey).get<{ data: { id: string }[] }>(`/integrations/${INTEGRATION}/clients`)
  clientRowId = clients.body.data[0]?.id ?? ''
  const token = await createApiClient(server.url, server.apiKey).post<{ data: { id: string } }>(tokensPath(), {})
  tokenId = token.body.data.id
})
afterAll(() => server?.close())

const tokensPath = () => `/connections/${encodeURIComponent(id)}/tokens?provider_config_key=${INTEGRATION}`

type Attempt = [method: string, path: () => string, body?: () => unknown]
const credentials = { type: 'OAUTH2', access_token: 'a' }
const attempts: Attempt[] = [
  ['GET', () => connectionPath(id, INTEGRATION)],
  ['PATCH', () => connectionPath(id, INTEGRATION), () => ({ tags: { a: 'b' } })],
  ['DELETE', () => connectionPath(id, INTEGRATION)],
  ['POST', () => '/connections/metadata', () => ({ connection_id: id, provider_config_key: INTEGRATION, metadata: { a: 1 } })],
  ['PATCH', () => '/connections/metadata', () => ({ connection_id: [id], provider_config_key: INTEGRATION, metadata: { a: 1 } })],
  ['POST', () => '/connections', () => ({ provider_config_key: INTEGRATION, credentials })],
  ['GET', () => `/integrations/${INTEGRATION}`],
  ['GET', () => `/integrations/${INTEGRATION}?include=credentials`],
  ['PATCH', () => `/integrations/${INTEGRATION}`, () => ({ display_name: 'mine now' })],
  ['DELETE', () => `/integrations/${INTEGRATION}`],
  ['GET', () => `/integrations/${INTEGRATION}/clients`],
  ['PUT', () => `/integrations/${INTEGRATION}/clients/staged`, () => ({ client_id: 'mine', client_secret: 'now' })],
  ['POST', () => `/integrations/${INTEGRATION}/clients/staged/promote`],
  ['DELETE', () => `/integrations/${INTEGRATION}/clients/staged`],
  ['DELETE', () => `/integrations/${INTEGRATION}/clients/${clientRowId}`],
  ['POST', () => `/integrations/${INTEGRATION}/app-migration`, () => ({ state: 'announced', canary_connection_id: id })],
  ['DELETE', () => `/environment/api-keys/${keyId}`],
  ['DELETE', () => `/environment/api-keys/${keyId}?cascade=true`],
  ['POST', tokensPath, () => ({})],
  ['DELETE', tokensPath],
  ['DELETE', () => `/connection-tokens/${tokenId}`],
]

describe('a key of another environment', () => {
  it.each(attempts)('%s answers 404 (case %#)', async (method, path, body) => {
    const before = await rowsOf(server)
    const answer = await prod.call<ErrorAnswer>(method, path(), body ? { body: body() } : {})
    expect(answer.status, JSON.stringify(answer.body)).toBe(404)
    expect(answer.body.error.message).not.toBe('')
    expect(await rowsOf(server)).toEqual(before)
  })

  it('gets 404 from the proxy and from the gateway, and the provider is not asked', async () => {
    const { gateway_id: gatewayId } = await readConnection(server, id, INTEGRATION)
    server.fake.log.clear()
    const proxied = await prod.get<ErrorAnswer>(`/proxy${DATA}/limits`, { 'provider-config-key': INTEGRATION, 'connection-id': id })
    expect(proxied.status).toBe(404)
    const gateway = await createApiClient(server.gatewayUrl, `${server.prodKey}.${gatewayId}`).get<
      { errorCode: string; message: string }[]
    >(`${DATA}/limits`)
    expect(gateway.status).toBe(404)
    expect(gateway.body[0]?.message).not.toBe('')
    expect(server.fake.log.entries).toEqual([])
  })

  it('sees nothing of it in lists, and cannot open sessions for it', async () => {
    expect((await prod.get<{ connections: unknown[] }>('/connections')).body.connections).toEqual([])
    expect((await prod.get<{ connections: unknown[] }>(`/connections?connectionId=${id}`)).body.connections).toEqual([])
    expect((await prod.get<{ data: unknown[] }>('/connection-tokens')).body.data).toEqual([])
    const list = await prod.get<{ data: { unique_key: string }[] }>('/integrations')
    expect(list.body.data.map((one) => one.unique_key)).not.toContain(INTEGRATION)
    const session = await prod.post<ErrorAnswer>('/connect/sessions', { end_user: { id: 'x' }, allowed_integrations: [INTEGRATION] })
    expect([session.status, session.body.error.code]).toEqual([400, 'invalid_body'])
    const reconnect = await prod.post<ErrorAnswer>('/connect/sessions/reconnect', { connection_id: id, integration_id: INTEGRATION })
    expect([reconnect.status, reconnect.body.error.code]).toEqual([400, 'invalid_body'])
  })
})

describe('a connect session', () => {
  it('is good for its own integrations only, and for no endpoint of keys', async () => {
    await addIntegration(server, 'not-allowed', addOrgApp(server, 'globex-uat', 'not_allowed'))
    const token = await openSession(server, INTEGRATION)
    const session = createApiClient(server.url, token)
    const list = await session.get<{ data: { unique_key: string }[] }>('/integrations')
    expect(list.body.data.map((one) => one.unique_key)).toEqual([INTEGRATION])
    for (const path of ['/connections', connectionPath(id, INTEGRATION), '/environment', '/environment/api-keys']) {
      expect([401, 403], path).toContain((await session.get(path)).status)
    }
    const proxied = await session.get(`/proxy${DATA}/limits`, { 'provider-config-key': INTEGRATION, 'connection-id': id })
    expect([401, 403]).toContain(proxied.status)
    const browser = server.browser()
    const page = await browser.open(connectUrl(server, 'not-allowed', token), { follow: false })
    await browser.close()
    expect(page.status).toBe(400)
    expect(page.text).toContain('integration_not_allowed')
  })

  it('ends when it is deleted', async () => {
    const token = await openSession(server, INTEGRATION)
    const session = createApiClient(server.url, token)
    expect((await session.call('DELETE', '/connect/session')).status).toBe(204)
    const after = await session.get<ErrorAnswer>('/connect/session')
    expect([after.status, after.body.error.code]).toEqual([401, 'unknown_connect_session_token'])
  })
})
