/** `@nangohq/node`: calls through the proxy, and a webhook that was really sent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, DATA } from '../customer.ts'
import { nodeClient, refusalOf, type NodeClient } from './stock-clients.ts'

const INTEGRATION = 'sf'
interface Echo {
  method: string
  query: [string, string][]
  headers: Record<string, string>
  bodyBytes: number
}
interface Hook {
  body: string
  headers: Record<string, unknown>
}

let server: TestServer
let client: NodeClient
let id: string
const hooks: Hook[] = []
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    hooks.push({ body: Buffer.concat(chunks).toString('utf8'), headers: request.headers })
    response.end('ok')
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  server = await startTestServer({ trustedHosts: [{ host: 'localhost', port }] })
  const api = createApiClient(server.url, server.apiKey)
  const set = await api.call<{ data: { webhook_signing_key: string } }>('PATCH', '/environment', {
    body: { webhook_url: `http://localhost:${port}/hook` },
  })
  expect(set.status).toBe(200)
  client = await nodeClient({ host: server.url, apiKey: server.apiKey, webhookSigningKey: set.body.data.webhook_signing_key })
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'node_proxy'))
  id = await connect(server, INTEGRATION, { endUser: 'ann' })
})
afterAll(async () => {
  await server?.close()
  receiver.close()
})

const at = (endpoint: string) => ({ endpoint, providerConfigKey: INTEGRATION, connectionId: id })

describe('proxy', () => {
  it('creates, reads, changes and deletes a record', async () => {
    const made = await client.post<{ id: string }>({ ...at(`${DATA}/sobjects/Account`), data: { Name: 'By the stock client' } })
    expect(made.status).toBe(201)
    const path = `${DATA}/sobjects/Account/${made.data.id}`
    const changed = await client.patch({ ...at(path), data: { Phone: '+49 30 2' } })
    expect(changed.status).toBe(204)
    const read = await client.get<{ Name: string; Phone: string }>({ ...at(path), params: { fields: 'Name,Phone' } })
    expect(read.data).toMatchObject({ Name: 'By the stock client', Phone: '+49 30 2' })
    expect((await client.delete(at(path))).status).toBe(204)
    const gone = await client.get(at(path)).catch((error: { response: { status: number; data: unknown } }) => error.response)
    expect(gone).toMatchObject({ status: 404, data: [{ errorCode: 'ENTITY_IS_DELETED' }] })
  })

  it('takes params as object and as text, custom headers, and all its methods', async () => {
    const echo = '/services/apexrest/echo'
    const asObject = await client.get<Echo>({
      ...at(echo),
      params: { a: 'b c', n: 1 },
      headers: { 'X-Trace': 'abc', 'Sforce-Query-Options': 'batchSize=200' },
    })
    expect(asObject.data.query).toEqual([
      ['a', 'b c'],
      ['n', '1'],
    ])
    expect(asObject.data.headers).toMatchObject({ 'x-trace': 'abc', 'sforce-query-options': 'batchSize=200' })
    expect(Object.keys(asObject.data.headers).filter((name) => name.startsWith('nango-') || name.startsWith('provider-config'))).toEqual([])
    const asText = await client.get<Echo>({ ...at(echo), params: 'x=1&y=2' })
    expect(asText.data.query).toEqual([
      ['x', '1'],
      ['y', '2'],
    ])
    const put = await client.put<Echo>({ ...at(echo), data: { a: 1 } })
    expect(put.data).toMatchObject({ method: 'PUT', bodyBytes: 7, headers: { 'content-type': 'application/json' } })
    const csv = await client.post<Echo>({ ...at(echo), data: 'Name\nAcme\n', headers: { 'Content-Type': 'text/csv' } })
    expect(csv.data).toMatchObject({ bodyBytes: 10, headers: { 'content-type': expect.stringContaining('text/csv') } })
    expect((await client.proxy<Echo>({ ...at(echo), method: 'DELETE' })).data.method).toBe('DELETE')
  })

  it('reads binary files', async () => {
    const [file] = server.fake.addRecords('acme-uat', 'ContentVersion', [{ Title: 'x', PathOnClient: 'x.bin', ContentSize: 70_000 }])
    const answer = await client.get<ArrayBuffer>({
      ...at(`${DATA}/sobjects/ContentVersion/${file?.Id}/VersionData`),
      responseType: 'arraybuffer',
      decompress: true,
    })
    expect(answer.data.byteLength).toBe(70_000)
  })

  it('retries when asked', async () => {
    server.fake.set('knobs.faultsApplyTo', 'data')
    server.fake.set('knobs.fail503Times', 2)
    expect((await client.get({ ...at(`${DATA}/limits`), retries: 3 })).status).toBe(200)
    server.fake.set('knobs.fail503Times', 2)
    expect(
      (await client.post<Echo>({ ...at(`${DATA}/sobjects/Account`), data: { Name: 'Retried' }, retries: 3, retryOn: [503] })).status,
    ).toBe(201)
    server.fake.set('knobs.faultsApplyTo', 'all')
  })

  it('survives the end of the session at Salesforce', async () => {
    server.fake.expireSessions('acme-uat')
    expect((await client.get({ ...at(`${DATA}/limits`) })).status).toBe(200)
  })

  it('refuses in the form that the client reads', async () => {
    expect(await refusalOf(client.get({ ...at(`${DATA}/limits`), connectionId: 'nobody' }))).toMatchObject({
      status: 404,
      code: 'unknown_connection',
    })
    expect(await refusalOf(client.get({ ...at(`${DATA}/limits`), providerConfigKey: 'nowhere' }))).toMatchObject({
      status: 404,
      code: 'unknown_provider_config',
    })
    expect(await refusalOf(client.get({ ...at(`${DATA}/limits`), baseUrlOverride: 'https://evil.example' }))).toMatchObject({
      status: 400,
      code: 'base_url_override_disabled',
    })
  })
})

describe('webhooks', () => {
  it('are signed so that the client accepts them, and refuses a changed one', async () => {
    const other = await connect(server, INTEGRATION, { endUser: 'hooked' })
    const hookOf = (): Hook | undefined => hooks.find((hook) => hook.body.includes(other))
    await expect.poll(hookOf, { timeout: 15_000, interval: 50 }).toBeDefined()
    const { body, headers } = hookOf() ?? { body: '', headers: {} }
    expect(JSON.parse(body)).toMatchObject({
      from: 'nango',
      type: 'auth',
      operation: 'creation',
      success: true,
      connectionId: other,
      providerConfigKey: INTEGRATION,
      provider: 'salesforce-sandbox',
      authMode: 'OAUTH2',
      environment: 'dev',
      endUser: { endUserId: 'hooked' },
    })
    expect(client.verifyIncomingWebhookRequest(body, headers)).toBe(true)
    expect(client.verifyIncomingWebhookRequest(body.replace('creation', 'override'), headers)).toBe(false)
    expect(client.verifyIncomingWebhookRequest(body, { ...headers, 'x-nango-hmac-sha256': '0'.repeat(64) })).toBe(false)
  })
})
