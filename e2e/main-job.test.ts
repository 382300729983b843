import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ApiClient, type ErrorAnswer, type ListedConnection } from './api-client.ts'
import {
  addIntegration,
  addOrgApp,
  connectionPath,
  DATA,
  openSession,
  proxied,
  query,
  readConnection,
  signIn,
  type App,
} from './customer.ts'

const INTEGRATION = 'salesforce-uat'
const HOST = 'acme--uat.sandbox.my.salesforce.com'

let server: TestServer
let api: ApiClient
let app: App
let id: string

beforeAll(async () => {
  server = await startTestServer()
  api = createApiClient(server.url, server.apiKey)
  app = addOrgApp(server, 'acme-uat', 'main_job')
})
afterAll(() => server?.close())

const through = (path: string, init?: RequestInit): Promise<Response> => proxied(server, id, INTEGRATION, path, init)
const refreshes = (): number => server.fake.log.counts['token:refresh_token'] ?? 0

describe('from the sign-in to the list of connections', () => {
  it('makes an integration that never shows its secret again', async () => {
    await addIntegration(server, INTEGRATION, app)
    const read = await api.get<{ data: { credentials: { client_id: string; client_secret: string | null } } }>(
      `/integrations/${INTEGRATION}?include=credentials`,
    )
    expect(read.body.data.credentials).toMatchObject({ client_id: app.clientId, client_secret: null })
    expect(JSON.stringify(read.body)).not.toContain(app.clientSecret)
  })

  it('signs the customer in with PKCE and keeps her instance URL', async () => {
    const token = await openSession(server, INTEGRATION, { endUser: 'ann' })
    const page = await signIn(server, INTEGRATION, token)
    expect(page.status, page.text).toBe(200)
    const authorize = new URL(page.visited.find((url) => url.includes('/services/oauth2/authorize')) ?? '')
    expect(authorize.origin).toBe('https://test.salesforce.com')
    expect(authorize.searchParams.get('code_challenge_method')).toBe('S256')
    expect(authorize.searchParams.get('redirect_uri')).toBe(`${server.url}/oauth/callback`)
    expect(page.result).toMatchObject({ outcome: 'success', provider_config_key: INTEGRATION })
    if (page.result?.outcome === 'success') id = page.result.connection_id
    const connection = await readConnection(server, id, INTEGRATION)
    expect(connection).toMatchObject({
      connection_id: id,
      provider: 'salesforce-sandbox',
      provider_config_key: INTEGRATION,
      connection_config: { instance_url: `https://${HOST}` },
      end_user: { id: 'ann' },
      errors: [],
      issues: [],
    })
    expect(connection.gateway_id).toMatch(/^[0-9a-f]{32}$/)
  })

  it('lists the connection without credentials, and hands out the access token to who may read it', async () => {
    const list = await api.get<{ connections: ListedConnection[] }>('/connections?endUserId=ann')
    expect(list.body.connections.map((one) => one.connection_id)).toEqual([id])
    expect(JSON.stringify(list.body)).not.toMatch(/00D\w+!|5Aep861/)
    const { credentials } = await readConnection(server, id, INTEGRATION)
    expect(credentials).toMatchObject({ type: 'OAUTH2', access_token: expect.stringMatching(/^00D\w+!/) })
    expect(JSON.stringify(credentials)).not.toContain('5Aep861')
  })
})

describe('calls through the proxy', () => {
  it('follows nextRecordsUrl through /proxy until the query is done', async () => {
    server.fake.set('knobs.pageSize', 2)
    server.fake.addRecords(
      'acme-uat',
      'Account',
      Array.from({ length: 4 }, (_, n) => ({ Name: `Page ${n}` })),
    )
    const names: string[] = []
    let pages = 0
    let path: string | undefined = query('SELECT Id, Name FROM Account')
    let total = 0
    while (path !== undefined && pages < 20) {
      const answer = await through(path)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/\d+$/)
      const page = (await answer.json()) as { records: { Name: string }[]; totalSize: number; done: boolean; nextRecordsUrl?: string }
      names.push(...page.records.map((record) => record.Name))
      total = page.totalSize
      path = page.nextRecordsUrl
      pages += 1
    }
    expect(pages).toBeGreaterThan(2)
    expect(names).toHaveLength(total)
    expect(names).toContain('Page 3')
  })

  it('answers with the status of Salesforce: 201, 204, 404, 400', async () => {
    const json = { 'content-type': 'application/json' }
    const created = await through(`${DATA}/sobjects/Account`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ Name: 'Made here' }),
    })
    expect(created.status).toBe(201)
    const account = ((await created.json()) as { id: string }).id
    const at = `${DATA}/sobjects/Account/${account}`
    const changed = await through(at, { method: 'PATCH', headers: json, body: JSON.stringify({ Phone: '+49 30 1' }) })
    expect([changed.status, await changed.text()]).toEqual([204, ''])
    expect(await (await through(at)).json()).toMatchObject({ Name: 'Made here', Phone: '+49 30 1' })
    expect((await through(at, { method: 'DELETE' })).status).toBe(204)
    const gone = await through(at)
    expect(gone.status).toBe(404)
    expect(await gone.json()).toMatchObject([{ errorCode: 'ENTITY_IS_DELETED' }])
    const wrong = await through(query('SELECT Nonsense FROM Account'))
    expect(wrong.status).toBe(400)
    expect(await wrong.json()).toMatchObject([{ errorCode: 'INVALID_FIELD' }])
  })

  it('hands a binary file through byte for byte', async () => {
    const bytes = randomBytes(300_001)
    const [file] = server.fake.addRecords('acme-uat', 'ContentVersion', [{ Title: 'photo', PathOnClient: 'photo.jpg' }])
    server.fake.state.blobs.set(file?.Id ?? '', bytes)
    const answer = await through(`${DATA}/sobjects/ContentVersion/${file?.Id}/VersionData`)
    expect(answer.headers.get('content-length')).toBe('300001')
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
  })

  it('hands a body of 20 MB through byte for byte', async () => {
    const bytes = randomBytes(20 * 1024 * 1024)
    const answer = await through('/services/apexrest/echo', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    })
    expect(await answer.json()).toMatchObject({ bodyBytes: bytes.length, bodySha256: createHash('sha256').update(bytes).digest('hex') })
  })

  it('forwards what belongs to the provider, and nothing that belongs to us', async () => {
    const answer = await through('/services/apexrest/echo?a=1&a=2&b=%2F%20x', {
      headers: { 'nango-proxy-x-trace': 'abc', 'sforce-query-options': 'batchSize=200', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' },
    })
    const echo = (await answer.json()) as { headers: Record<string, string>; query: [string, string][] }
    expect(echo.query).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b', '/ x'],
    ])
    expect(echo.headers).toMatchObject({ host: HOST, 'x-trace': 'abc', 'sforce-query-options': 'batchSize=200' })
    const names = Object.keys(echo.headers)
    for (const ours of ['provider-config-key', 'connection-id', 'cookie', 'nango-proxy-x-trace', 'x-forwarded-for'])
      expect(names).not.toContain(ours)
  })
})

describe('the session at Salesforce ends', () => {
  it('is renewed without an error that the caller sees, with and without a body', async () => {
    const before = await readConnection(server, id, INTEGRATION)
    for (const round of [1, 2, 3]) {
      server.fake.expireSessions('acme-uat')
      const count = refreshes()
      const answer = await through(`${DATA}/sobjects/Contact`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ LastName: `Round ${round}` }),
      })
      expect(answer.status, await answer.clone().text()).toBe(201)
      expect(refreshes()).toBe(count + 1)
    }
    const after = await readConnection(server, id, INTEGRATION)
    expect(after.credentials).not.toEqual(before.credentials)
    expect(after.issues).toEqual([])
    const contacts = (await (await through(query("SELECT Id FROM Contact WHERE LastName = 'Round 2'"))).json()) as { totalSize: number }
    expect(contacts.totalSize).toBe(1)
  })

  it('stores each rotated refresh token', async () => {
    const { credentials } = await readConnection(server, id, INTEGRATION, { refresh_token: 'true' })
    const [grant] = [...server.fake.state.grants.values()].filter((one) => one.app.developerName === 'main_job')
    expect(grant?.previous.size).toBe(3)
    expect(credentials).toMatchObject({ refresh_token: grant?.refreshToken })
  })
})

describe('the customer leaves', () => {
  it('revokes the grant at Salesforce, and forgets the connection', async () => {
    // Stock clients name a content type although there is no content.
    const answer = await api.call('DELETE', connectionPath(id, INTEGRATION), { headers: { 'content-type': 'application/json' } })
    expect([answer.status, answer.body]).toEqual([200, { success: true }])
    const read = await api.get<ErrorAnswer>(connectionPath(id, INTEGRATION))
    expect([read.status, read.body.error.code]).toEqual([404, 'unknown_connection'])
    expect((await through(query('SELECT Id FROM Account'))).status).toBe(404)
    // A durable job revokes, so that an outage of the provider does not lose it.
    await expect
      .poll(() => [...server.fake.state.grants.values()].filter((one) => one.app.developerName === 'main_job').length, {
        timeout: 10_000,
        interval: 50,
      })
      .toBe(0)
    expect(server.fake.log.counts['revoke']).toBe(1)
  })
})

describe('all along', () => {
  it('security 4: no token, code, verifier or secret in the log', () => {
    const log = server.logged()
    expect(log).not.toBe('')
    expect(log).not.toContain(app.clientSecret)
    expect(log).not.toContain(server.apiKey)
    expect(log).not.toMatch(/00D\w{12,15}!|5Aep861|aPrx|nango_connect_session_[0-9a-f]/)
  })

  it('asked Salesforce with no foreign and no missing bearer', () => {
    const data = server.fake.log.entries.filter((entry) => entry.endpoint.startsWith('data:') || entry.endpoint === 'apexrest')
    expect(data.length).toBeGreaterThan(10)
    // The list of API versions is public, and asked for without a token.
    const secured = data.filter((entry) => entry.path !== '/services/data')
    expect(secured.filter((entry) => entry.bearer === 'foreign' || entry.bearer === 'none')).toEqual([])
    expect(new Set(data.map((entry) => entry.host))).toEqual(new Set([HOST]))
  })
})
