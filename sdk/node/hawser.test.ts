import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { routes } from '@hawser/api/routes.ts'
import { Hawser, HawserError } from './hawser.ts'

interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

let server: Server
let host: string
let seen: Seen[]
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void

// One for each test: a request that was given up on the way may arrive when the next test runs.
beforeEach(async () => {
  const mine: Seen[] = []
  seen = mine
  server = createServer((request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      mine.push({ method: request.method!, url: request.url!, headers: request.headers, body })
      if (mine === seen) answer(request, response, body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const KEY = 'hws_dev_secret'
const client = (more: object = {}) => new Hawser({ apiKey: KEY, host, ...more })
const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  answer = (_request, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
/** What the server adds to every answer of a provider. */
const PROVIDERS = { 'content-security-policy': 'sandbox' }
const failure = async (call: Promise<unknown>): Promise<HawserError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(HawserError)
  return error as HawserError
}

describe('new Hawser', () => {
  it('takes key and host from the environment, and defaults to the local server', async () => {
    vi.stubEnv('HAWSER_API_KEY', 'from-env')
    vi.stubEnv('HAWSER_HOST_URL', `${host}/`)
    json(200, { result: 'ok' })
    await new Hawser().health()
    expect(seen[0]).toMatchObject({ url: '/health', headers: { authorization: 'Bearer from-env' } })
  })

  it('refuses to start without a key or with a host that is none', () => {
    vi.stubEnv('HAWSER_API_KEY', '')
    expect(() => new Hawser({ host })).toThrow('HAWSER_API_KEY')
    expect(() => new Hawser({ apiKey: 'k', host: 'localhost:3003' })).toThrow('host')
  })

  it('4. does not show its key', () => {
    expect(inspect(client(), { depth: 5, showHidden: true })).not.toContain(KEY)
    expect(JSON.stringify(client())).toBe('{}')
  })
})

describe('the endpoints', () => {
  const session = { end_user: { id: 'u1' } }
  const integration = { provider: 'salesforce', unique_key: 'sf' }
  const key = { display_name: 'k' }
  const client2 = { client_id: 'a', client_secret: 'b' }
  const calls: Record<(typeof routes)[number]['name'], [(hawser: Hawser) => Promise<unknown>, string, unknown?]> = {
    createConnectSession: [(h) => h.createConnectSession(session), 'POST /connect/sessions', session],
    createReconnectSession: [
      (h) => h.createReconnectSession({ connection_id: 'c', integration_id: 'sf' }),
      'POST /connect/sessions/reconnect',
      { connection_id: 'c', integration_id: 'sf' },
    ],
    getConnectSession: [(h) => h.getConnectSession('token'), 'GET /connect/session'],
    deleteConnectSession: [(h) => h.deleteConnectSession('token'), 'DELETE /connect/session'],
    listConnections: [
      (h) => h.listConnections({ endUserId: 'u 1', tags: { plan: 'pro&x' }, limit: 5, search: undefined }),
      'GET /connections?endUserId=u+1&tags%5Bplan%5D=pro%26x&limit=5',
    ],
    getConnection: [
      (h) => h.getConnection('sf', 'a/b ?#', { forceRefresh: true, refreshToken: false }),
      'GET /connections/a%2Fb%20%3F%23?provider_config_key=sf&force_refresh=true&refresh_token=false',
    ],
    importConnection: [
      (h) => h.importConnection({ provider_config_key: 'sf', credentials: { type: 'NONE' } }),
      'POST /connections',
      { provider_config_key: 'sf', credentials: { type: 'NONE' } },
    ],
    updateConnection: [(h) => h.updateConnection('sf', 'c', { tags: {} }), 'PATCH /connections/c?provider_config_key=sf', { tags: {} }],
    deleteConnection: [(h) => h.deleteConnection('sf', 'c'), 'DELETE /connections/c?provider_config_key=sf'],
    setMetadata: [
      (h) => h.setMetadata('sf', ['a', 'b'], { x: 1 }),
      'POST /connections/metadata',
      { connection_id: ['a', 'b'], provider_config_key: 'sf', metadata: { x: 1 } },
    ],
    updateMetadata: [
      (h) => h.updateMetadata('sf', 'a', { x: 1 }),
      'PATCH /connections/metadata',
      { connection_id: 'a', provider_config_key: 'sf', metadata: { x: 1 } },
    ],
    createConnectionToken: [
      (h) => h.createConnectionToken('sf', 'a/b', { expires_in: 60, methods: ['GET'] }),
      'POST /connections/a%2Fb/tokens?provider_config_key=sf',
      { expires_in: 60, methods: ['GET'] },
    ],
    listConnectionTokens: [(h) => h.listConnectionTokens({ connectionId: 'c', limit: 5 }), 'GET /connection-tokens?connectionId=c&limit=5'],
    deleteConnectionToken: [(h) => h.deleteConnectionToken('id'), 'DELETE /connection-tokens/id'],
    deleteTokensOfConnection: [(h) => h.deleteTokensOfConnection('sf', 'a/b'), 'DELETE /connections/a%2Fb/tokens?provider_config_key=sf'],
    exchangeToken: [
      (h) => h.exchangeToken({ token: 'jwt', expires_in: 60 }),
      'POST /connection-tokens/exchange',
      { token: 'jwt', expires_in: 60 },
    ],
    listAudit: [(h) => h.listAudit({ limit: 5 }), 'GET /audit?limit=5'],
    listActivity: [(h) => h.listActivity({ outcome: 'failure', limit: 5 }), 'GET /activity?outcome=failure&limit=5'],
    getActivity: [(h) => h.getActivity('id'), 'GET /activity/id'],
    getOverview: [(h) => h.getOverview({ hours: '1' }), 'GET /overview?hours=1'],
    listDeliveries: [(h) => h.listDeliveries({ state: 'given_up' }), 'GET /webhooks/deliveries?state=given_up'],
    getDelivery: [(h) => h.getDelivery('id'), 'GET /webhooks/deliveries/id'],
    replayDelivery: [(h) => h.replayDelivery('id'), 'POST /webhooks/deliveries/id/replay'],
    replayDeliveries: [(h) => h.replayDeliveries({ from: 'a', to: 'b' }), 'POST /webhooks/deliveries/replay', { from: 'a', to: 'b' }],
    testWebhook: [(h) => h.testWebhook(), 'POST /webhooks/test'],
    getVault: [(h) => h.getVault(), 'GET /vault'],
    freezeEnvironment: [(h) => h.freezeEnvironment('r'), 'POST /environment/freeze', { reason: 'r' }],
    unfreezeEnvironment: [(h) => h.unfreezeEnvironment(), 'POST /environment/unfreeze'],
    freezeIntegration: [(h) => h.freezeIntegration('s f', 'r'), 'POST /integrations/s%20f/freeze', { reason: 'r' }],
    unfreezeIntegration: [(h) => h.unfreezeIntegration('s f'), 'POST /integrations/s%20f/unfreeze'],
    freezeConnection: [
      (h) => h.freezeConnection('sf', 'a/b', 'r'),
      'POST /connections/a%2Fb/freeze?provider_config_key=sf',
      { reason: 'r' },
    ],
    unfreezeConnection: [(h) => h.unfreezeConnection('sf', 'a/b'), 'POST /connections/a%2Fb/unfreeze?provider_config_key=sf'],
    revokeGrants: [(h) => h.revokeGrants({ dry_run: true }), 'POST /environment/revoke', { dry_run: true }],
    listSigningKeys: [(h) => h.listSigningKeys(), 'GET /environment/signing-keys'],
    createSigningKey: [
      (h) => h.createSigningKey({ display_name: 'k', public_key: 'pem' }),
      'POST /environment/signing-keys',
      { display_name: 'k', public_key: 'pem' },
    ],
    deleteSigningKey: [(h) => h.deleteSigningKey('id'), 'DELETE /environment/signing-keys/id'],
    listIssues: [
      (h) => h.listIssues({ state: 'all', kind: 'sandbox_refreshed', limit: 5 }),
      'GET /issues?state=all&kind=sandbox_refreshed&limit=5',
    ],
    listIntegrations: [(h) => h.listIntegrations(), 'GET /integrations'],
    createIntegration: [(h) => h.createIntegration(integration), 'POST /integrations', integration],
    createQuickstartIntegration: [(h) => h.createQuickstartIntegration(integration), 'POST /integrations/quickstart', integration],
    getIntegration: [
      (h) => h.getIntegration('s f', { include: ['webhook', 'credentials'] }),
      'GET /integrations/s%20f?include=webhook&include=credentials',
    ],
    updateIntegration: [(h) => h.updateIntegration('sf', { display_name: 'x' }), 'PATCH /integrations/sf', { display_name: 'x' }],
    deleteIntegration: [(h) => h.deleteIntegration('sf'), 'DELETE /integrations/sf'],
    listIntegrationClients: [(h) => h.listIntegrationClients('sf'), 'GET /integrations/sf/clients'],
    stageIntegrationClient: [(h) => h.stageIntegrationClient('sf', client2), 'PUT /integrations/sf/clients/staged', client2],
    promoteIntegrationClient: [(h) => h.promoteIntegrationClient('sf'), 'POST /integrations/sf/clients/staged/promote'],
    deleteStagedIntegrationClient: [(h) => h.deleteStagedIntegrationClient('sf'), 'DELETE /integrations/sf/clients/staged'],
    deleteIntegrationClient: [(h) => h.deleteIntegrationClient('sf', 'id'), 'DELETE /integrations/sf/clients/id'],
    probeIntegration: [(h) => h.probeIntegration('s f', { hostname: 'acme' }), 'POST /integrations/s%20f/probe', { hostname: 'acme' }],
    diagnoseText: [(h) => h.diagnoseText('x', { integration: 'sf' }), 'POST /doctor', { text: 'x', integration: 'sf' }],
    recordAppMigration: [
      (h) => h.recordAppMigration('sf', { state: 'done', outcome: 'survived' }),
      'POST /integrations/sf/app-migration',
      { state: 'done', outcome: 'survived' },
    ],
    salesforceAppFiles: [
      (h) => h.salesforceAppFiles({ options: { label: 'x' } }),
      'POST /salesforce/apps/files',
      { options: { label: 'x' } },
    ],
    listProviders: [(h) => h.listProviders({ search: 'sales' }), 'GET /providers?search=sales'],
    getProvider: [(h) => h.getProvider('salesforce'), 'GET /providers/salesforce'],
    getEnvironment: [(h) => h.getEnvironment(), 'GET /environment'],
    updateEnvironment: [(h) => h.updateEnvironment({ webhook_url: '' }), 'PATCH /environment', { webhook_url: '' }],
    listApiKeys: [(h) => h.listApiKeys(), 'GET /environment/api-keys'],
    createApiKey: [(h) => h.createApiKey(key), 'POST /environment/api-keys', key],
    deleteApiKey: [(h) => h.deleteApiKey('id', { cascade: true }), 'DELETE /environment/api-keys/id?cascade=true'],
    health: [(h) => h.health(), 'GET /health'],
    ready: [(h) => h.ready(), 'GET /ready'],
    openapi: [(h) => h.openapi(), 'GET /openapi.json'],
  }

  /** Success is all that there is to say. */
  const SILENT = new Set<string>([
    'deleteConnectSession',
    'updateConnection',
    'deleteConnection',
    'setMetadata',
    'updateMetadata',
    'deleteIntegration',
    'deleteStagedIntegrationClient',
    'deleteConnectionToken',
    'deleteSigningKey',
  ])
  const WHOLE = new Set<string>([
    'deleteApiKey',
    'listConnectionTokens',
    'deleteIntegrationClient',
    'listAudit',
    'listActivity',
    'listDeliveries',
    'getConnection',
    'listIssues',
    'importConnection',
    'health',
    'ready',
    'openapi',
  ])

  it.each(routes)('$name', async (route) => {
    const [call, line, body] = calls[route.name]
    const reply = { data: { it: 1 }, connections: [{ connection_id: 'c' }] }
    if (route.reply.status === 204) answer = (_request, response) => response.writeHead(204).end()
    else json(route.reply.status, reply)
    const result = await call(client())
    const [request] = seen
    expect(`${request!.method} ${request!.url}`).toBe(line)
    expect(request!.method).toBe(route.method)
    expect(request!.headers.authorization).toBe(
      route.name.endsWith('etConnectSession') || route.name === 'deleteConnectSession' ? 'Bearer token' : `Bearer ${KEY}`,
    )
    expect(request!.headers['content-type']).toBe(body === undefined ? undefined : 'application/json')
    expect(request!.body === '' ? undefined : JSON.parse(request!.body)).toEqual(body)
    expect(result).toEqual(
      SILENT.has(route.name)
        ? undefined
        : WHOLE.has(route.name)
          ? reply
          : route.name === 'listConnections'
            ? reply.connections
            : reply.data,
    )
  })

  it('gives the token alone, and says which scope is missing when there is none', async () => {
    json(200, { credentials: { type: 'OAUTH2', access_token: 't', raw: {} } })
    expect(await client().getToken('sf', 'c')).toBe('t')
    json(200, { credentials: {} })
    expect(await failure(client().getToken('sf', 'c'))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('read_credentials'),
    })
  })

  it('3. sends no name that a URL would turn into another path', async () => {
    for (const name of ['', '.', '..']) {
      await expect(async () => client().deleteConnection('sf', name)).rejects.toThrow(TypeError)
      await expect(async () => client().deleteIntegration(name)).rejects.toThrow(TypeError)
    }
    expect(seen).toEqual([])
  })
})

describe('failures', () => {
  it('carry the server’s code, fields, diagnosis and Retry-After', async () => {
    const fields = [{ code: 'too_small', message: 'm', path: ['a', 0] }]
    const diagnosis = { id: 'd' }
    json(
      424,
      { error: { code: 'connection_refresh_backoff', message: 'wait', errors: fields, payload: { p: 1 }, diagnosis } },
      { 'retry-after': '7' },
    )
    const error = await failure(client().getConnection('sf', 'c'))
    expect(error).toMatchObject({
      name: 'HawserError',
      code: 'connection_refresh_backoff',
      message: 'wait',
      status: 424,
      errors: fields,
      payload: { p: 1 },
      diagnosis,
      retryAfter: 7,
    })
  })

  it('tell an answer that is not Hawser’s', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    expect(await failure(client().listIntegrations())).toMatchObject({ code: 'unexpected_answer', status: 200 })
    answer = (_request, response) => response.writeHead(502, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }).end('Bad gateway')
    expect(await failure(client().listIntegrations())).toMatchObject({ code: 'unexpected_answer', status: 502, retryAfter: 0 })
  })

  it('4. never follow a redirect with the key', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `${host}/elsewhere` }).end()
    expect(await failure(client().listIntegrations())).toMatchObject({ code: 'unexpected_answer', status: 302 })
    expect(seen).toHaveLength(1)
  })

  it('tell a server that is not there from one that does not answer, and leave an abort as it is', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    expect(await failure(client({ host: `http://127.0.0.1:${port}` }).health())).toMatchObject({
      code: 'network_error',
      status: 0,
      message: expect.stringContaining('ECONNREFUSED'),
    })
    answer = () => {}
    expect(await failure(client({ timeoutMs: 30 }).health())).toMatchObject({ code: 'timeout', status: 0 })
    const stop = new AbortController()
    answer = () => stop.abort(new Error('enough'))
    await expect(client().listConnections({}, { signal: stop.signal })).rejects.toThrow('enough')
  })

  it('20. the deadline holds for the body too', async () => {
    answer = (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":')
    expect(await failure(client({ timeoutMs: 50 }).listIntegrations())).toMatchObject({ code: 'timeout' })
  })
})

describe('waitForConnection', () => {
  it('looks until there is one, also across an outage', async () => {
    const answers: [number, unknown][] = [
      [200, { connections: [] }],
      [503, { error: { code: 'credentials_unavailable', message: 'm' } }],
      [200, { connections: [{ connection_id: 'new' }] }],
    ]
    answer = (_request, response) => {
      const [status, body] = answers.shift()!
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    expect(await client().waitForConnection('sf', { userId: 'u', intervalMs: 1 })).toEqual({ connection_id: 'new' })
    expect(seen.map(({ url }) => url)).toEqual(Array(3).fill('/connections?integrationId=sf&endUserId=u&limit=1'))
  })

  it('20. ends at its deadline, at an abort, and at what waiting does not mend', async () => {
    json(200, { connections: [] })
    expect(await failure(client().waitForConnection('sf', { tags: { a: 'b' }, timeoutMs: 20, intervalMs: 5 }))).toMatchObject({
      code: 'timeout',
    })
    const stop = new AbortController()
    const waiting = client().waitForConnection('sf', { userId: 'u', signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    json(403, { error: { code: 'forbidden', message: 'm' } })
    expect(await failure(client().waitForConnection('sf', { userId: 'u' }))).toMatchObject({ code: 'forbidden' })
    await expect(client().waitForConnection('sf', {})).rejects.toThrow('whose')
  })
})

describe('proxy', () => {
  const to = { integration: 'sf', connection: 'a/b', path: '/services/data' }

  it('sends method, path, parameters, headers and body', async () => {
    json(201, { id: '1' }, { 'sforce-limit-info': 'api-usage=1/2' })
    const result = await client().post<{ id: string }>({
      ...to,
      path: '/services/data?x=%2F1',
      params: { q: 'SELECT Id', ids: [1, 2], no: undefined },
      headers: { 'Sforce-Call-Options': 'client=x', Accept: 'application/json' },
      body: { Name: 'Acme' },
      retries: 3,
      retryOn: [429, 503],
      deadlineMs: 1_500,
      baseUrlOverride: 'https://other.example.com',
    })
    expect(result).toMatchObject({ status: 201, data: { id: '1' } })
    expect(result.headers.get('sforce-limit-info')).toBe('api-usage=1/2')
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/proxy/services/data?x=%2F1&q=SELECT+Id&ids=1&ids=2',
      body: '{"Name":"Acme"}',
      headers: {
        authorization: `Bearer ${KEY}`,
        'provider-config-key': 'sf',
        'connection-id': 'a/b',
        'nango-proxy-sforce-call-options': 'client=x',
        accept: 'application/json',
        'content-type': 'application/json',
        retries: '3',
        'retry-on': '429,503',
        'retry-deadline': '2',
        'base-url-override': 'https://other.example.com',
      },
    })
  })

  it.each(['get', 'post', 'put', 'patch', 'delete'] as const)('%s', async (method) => {
    json(200, {})
    await client()[method](to)
    expect(seen[0]).toMatchObject({ method: method.toUpperCase(), url: '/proxy/services/data', body: '' })
    expect(seen[0]!.headers).not.toHaveProperty('content-type')
  })

  it('gives JSON, text, bytes and nothing', async () => {
    json(200, [1])
    expect((await client().get(to)).data).toEqual([1])
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('a,b')
    expect((await client().get(to)).data).toBe('a,b')
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.from([0, 255]))
    expect((await client().get(to)).data).toEqual(new Uint8Array([0, 255]))
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{broken')
    expect((await client().get(to)).data).toBe('{broken')
    for (const status of [204, 304]) {
      answer = (_request, response) => response.writeHead(status).end()
      expect(await client().get(to)).toMatchObject({ status, data: null })
    }
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end()
    expect(await client().proxy({ ...to, method: 'HEAD' })).toMatchObject({ data: null })
  })

  it.each([
    ['a string', 'x=1', { 'content-type': 'text/plain' }, 'x=1', 'text/plain'],
    ['a buffer', Buffer.from([1, 2]), {}, '\x01\x02', undefined],
    ['a form', new URLSearchParams({ a: 'b c' }), {}, 'a=b+c', 'application/x-www-form-urlencoded;charset=UTF-8'],
    ['an array', [1], {}, '[1]', 'application/json'],
    ['null', null, {}, 'null', 'application/json'],
    ['a Node stream', () => Readable.from(['ab', 'cd']), { 'content-type': 'text/csv' }, 'abcd', 'text/csv'],
    ['a web stream', () => new Blob(['ef']).stream(), {}, 'ef', undefined],
  ])('sends %s as it is', async (_kind, body, headers, expected, type) => {
    json(200, {})
    await client().put({ ...to, headers: headers as Record<string, string>, body: typeof body === 'function' ? body() : body })
    expect(seen[0]!.body).toBe(expected)
    expect(seen[0]!.headers['content-type']).toBe(type)
  })

  it('tells the provider’s failure from the server’s, also when both look alike', async () => {
    const body = { error: { code: 'not_found', message: 'the provider’s' } }
    json(404, body, PROVIDERS)
    expect(await failure(client().get(to))).toMatchObject({
      code: 'provider_error',
      status: 404,
      data: body,
      message: 'The provider answered 404.',
    })
    json(404, { error: { code: 'unknown_connection', message: 'ours' } })
    expect(await failure(client().get(to))).toMatchObject({ code: 'unknown_connection', message: 'ours' })
    json(503, [{ errorCode: 'SERVER_UNAVAILABLE' }], { ...PROVIDERS, 'retry-after': '3' })
    expect(await failure(client().get(to))).toMatchObject({
      code: 'provider_error',
      retryAfter: 3,
      data: [{ errorCode: 'SERVER_UNAVAILABLE' }],
    })
  })

  it('streams: what has come is there before the rest is sent', async () => {
    const rest = Promise.withResolvers<ServerResponse>()
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('[1,')
      rest.resolve(response)
    }
    // The deadline is for the head alone: a large answer may take its time.
    const { data, status } = await client().proxy({ ...to, stream: true })
    const reader = data!.getReader()
    expect(status).toBe(200)
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('[1,')
    ;(await rest.promise).end('2]')
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('2]')
    expect((await reader.read()).done).toBe(true)
  })

  it('throws for a failed call with `stream` too', async () => {
    json(500, { oh: 'no' }, PROVIDERS)
    expect(await failure(client().proxy({ ...to, stream: true }))).toMatchObject({ code: 'provider_error', data: { oh: 'no' } })
  })

  it('sends a stream while it is still being made', async () => {
    let feed: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (feed = controller) })
    const arrived = Promise.withResolvers<void>()
    server.once('request', (request: IncomingMessage) => request.once('data', () => arrived.resolve()))
    json(200, {})
    const call = client().post({ ...to, body })
    feed!.enqueue(new TextEncoder().encode('first'))
    await arrived.promise
    feed!.enqueue(new TextEncoder().encode(' second'))
    feed!.close()
    await call
    expect(seen[0]).toMatchObject({ body: 'first second', headers: { 'transfer-encoding': 'chunked' } })
  })

  it('ends the call when its signal says so, in the middle of a stream too', async () => {
    const stop = new AbortController()
    const closed = Promise.withResolvers<void>()
    answer = (_request, response) => {
      response.once('close', () => closed.resolve())
      response.writeHead(200).write('x')
    }
    const { data } = await client().proxy({ ...to, stream: true, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(new Response(data).text()).rejects.toThrow('enough')
    await closed.promise
  })

  it('passes a redirect on', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end()
    const result = await client().get(to)
    expect(result.status).toBe(302)
    expect(result.headers.get('location')).toBe('https://elsewhere.example.com/')
  })

  it.each(['/../environment', '/a/../../environment', '/%2e%2e/environment', '..', '/\\..\\..\\environment', '/..?x'])(
    '3. refuses the path %s, which would leave the proxy',
    async (path) => {
      await expect(client().get({ ...to, path })).rejects.toThrow('path')
      expect(seen).toEqual([])
    },
  )

  it('3. keeps a full URL in its place, behind the proxy', async () => {
    json(200, {})
    await client().get({ ...to, path: 'https://acme.my.salesforce.com/x' })
    await client().get({ ...to, path: '@evil.example.com/' })
    expect(seen.map(({ url }) => url)).toEqual(['/proxy/https://acme.my.salesforce.com/x', '/proxy/@evil.example.com/'])
  })
})
