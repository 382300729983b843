/** The provider answers HTML, nothing, garbage, or slowly: a clear error, and the credentials that we have are kept. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer, type ListedConnection } from './api-client.ts'
import { addIntegration, addOrgApp, connect, DATA, openSession, proxied, readConnection, signIn } from './customer.ts'

const INTEGRATION = 'troubled'
let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer({
    env: {
      HAWSER_REFRESH_REQUEST_TIMEOUT: '500ms',
      HAWSER_REFRESH_WAIT: '1s',
      HAWSER_REFRESH_LEASE: '2s',
      HAWSER_PROXY_TIMEOUT: '700ms',
    },
  })
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'troubled'))
  id = await connect(server, INTEGRATION)
})
afterAll(() => server?.close())

const calm = { latencyMs: 0, fail503Times: 0, htmlErrorTimes: 0, garbageTimes: 0, dropBeforeTimes: 0, dropAfterSend: 0 }
function set(knobs: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(knobs)) server.fake.set(`knobs.${name}`, value)
}
beforeEach(() => set({ ...calm, faultsApplyTo: 'all' }))

const limits = (): Promise<Response> => proxied(server, id, INTEGRATION, `${DATA}/limits`)
const MANY = 100
const troubles: [string, Record<string, number>][] = [
  ['an HTML page', { htmlErrorTimes: MANY }],
  ['garbage', { garbageTimes: MANY }],
  ['503', { fail503Times: MANY }],
  ['a cut connection', { dropBeforeTimes: MANY }],
]

describe('the token endpoint answers a refresh with', () => {
  it.each(troubles)('%s: the call fails with a reason, the grant lives on', async (_name, knobs) => {
    server.fake.expireSessions('acme-uat')
    set({ ...knobs, faultsApplyTo: 'token' })
    const failed = await limits()
    const { error } = (await failed.json()) as ErrorAnswer
    expect([424, 503]).toContain(failed.status)
    expect(['refresh_token_external_error', 'connection_refresh_backoff']).toContain(error.code)
    expect(error.message).not.toBe('')
    expect(JSON.stringify(error)).not.toMatch(/5Aep861|00D\w+!/)

    // Callers that come at once meet the cooldown, not the provider.
    const requests = server.fake.log.counts['token:refresh_token'] ?? 0
    const again = await limits()
    expect(again.status).toBe(424)
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(server.fake.log.counts['token:refresh_token'] ?? 0).toBe(requests)

    set(calm)
    server.clock.advance(3 * 60_000)
    const healed = await limits()
    expect(healed.status, await healed.clone().text()).toBe(200)
    expect((await readConnection(server, id, INTEGRATION)).issues).toEqual([])
  })
})

describe('the token endpoint', () => {
  it('is too slow: the call fails in time, the grant lives on', async () => {
    await addIntegration(server, 'slow', addOrgApp(server, 'globex-uat', 'slow', { flags: { rotation: false } }))
    const slow = await connect(server, 'slow')
    const call = (): Promise<Response> => proxied(server, slow, 'slow', `${DATA}/limits`)
    server.fake.expireSessions('globex-uat')
    set({ latencyMs: 3000, faultsApplyTo: 'token' })
    const failed = await call()
    const { error } = (await failed.json()) as ErrorAnswer
    expect([424, 503]).toContain(failed.status)
    expect(['refresh_token_external_error', 'connection_refresh_backoff', 'refresh_timeout']).toContain(error.code)
    set(calm)
    server.clock.advance(3 * 60_000)
    expect((await call()).status).toBe(200)
  })

  it('rotates the token and loses its answer: says so, and asks no more than once again', async () => {
    await addIntegration(server, 'lost', addOrgApp(server, 'globex-uat', 'lost'))
    const lost = await connect(server, 'lost')
    const call = (): Promise<Response> => proxied(server, lost, 'lost', `${DATA}/limits`)
    server.fake.expireSessions('globex-uat')
    const before = server.fake.log.counts['token:refresh_token'] ?? 0
    set({ dropAfterSend: 1 })
    expect((await call()).status).toBe(424)
    for (let round = 0; round < 4; round++) {
      server.clock.advance(3 * 60_000)
      expect((await call()).status).toBe(424)
    }
    const { error } = (await (await call()).json()) as ErrorAnswer
    expect(['interrupted_refresh', 'invalid_credentials']).toContain(error.code)
    expect((server.fake.log.counts['token:refresh_token'] ?? 0) - before).toBe(2)
    const list = await createApiClient(server.url, server.apiKey).get<{ connections: ListedConnection[] }>(
      `/connections?connectionId=${lost}`,
    )
    expect(list.body.connections[0]?.errors).not.toEqual([])
  })
})

describe('the token endpoint answers a sign-in with', () => {
  it.each(troubles)('%s: the customer reads why, and nothing is stored', async (_name, knobs) => {
    const token = await openSession(server, INTEGRATION, { endUser: 'unlucky' })
    set({ ...knobs, faultsApplyTo: 'token' })
    const page = await signIn(server, INTEGRATION, token)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.result).toMatchObject({ outcome: 'error', error_type: 'token_err', error_desc: expect.stringMatching(/\w/) })
    const list = await createApiClient(server.url, server.apiKey).get<{ connections: ListedConnection[] }>('/connections?endUserId=unlucky')
    expect(list.body.connections).toEqual([])
  })

  it('a denial: the customer reads that she said no', async () => {
    server.fake.consent({ decision: 'deny' })
    const page = await signIn(server, INTEGRATION, await openSession(server, INTEGRATION))
    server.fake.consent({ decision: 'allow' })
    expect(page.result).toMatchObject({ outcome: 'error', error_type: 'callback_err' })
  })
})

describe('the API answers', () => {
  it('503 or an HTML page: the caller gets exactly that', async () => {
    set({ fail503Times: 1, faultsApplyTo: 'data' })
    const unavailable = await limits()
    expect([unavailable.status, await unavailable.json()]).toEqual([
      503,
      [{ message: 'Server unavailable', errorCode: 'SERVER_UNAVAILABLE' }],
    ])
    set({ htmlErrorTimes: 1, faultsApplyTo: 'data' })
    const page = await limits()
    expect(page.status).toBe(500)
    expect(page.headers.get('content-security-policy')).toContain('sandbox')
  })

  it('with a cut connection: 502 upstream_unreachable; asked to retry, it is tried again', async () => {
    set({ dropBeforeTimes: MANY, faultsApplyTo: 'data' })
    const cut = await proxied(server, id, INTEGRATION, `${DATA}/sobjects/Account`, { method: 'POST', body: '{}' })
    expect([cut.status, ((await cut.json()) as ErrorAnswer).error.code]).toEqual([502, 'upstream_unreachable'])
    set({ ...calm, fail503Times: 2, faultsApplyTo: 'data' })
    const retried = await proxied(server, id, INTEGRATION, `${DATA}/limits`, { headers: { retries: '3', 'retry-deadline': '15' } })
    expect(retried.status).toBe(200)
  })

  it('nothing in time: 504', async () => {
    set({ latencyMs: 3000, faultsApplyTo: 'data' })
    const late = await limits()
    expect([late.status, ((await late.json()) as ErrorAnswer).error.code]).toEqual([504, 'upstream_timeout'])
  })

  it('a refusal that no new token would change: it is handed on, without a refresh', async () => {
    const isRefresh = (entry: { endpoint: string; host: string }): boolean =>
      entry.endpoint === 'token:refresh_token' && entry.host.startsWith('acme')
    const refreshes = (): number => server.fake.log.entries.filter(isRefresh).length
    const before = refreshes()
    server.fake.set('orgs.acme-uat.limits.used', 15_000)
    const limited = await limits()
    server.fake.set('orgs.acme-uat.limits.used', 0)
    expect([limited.status, await limited.json()]).toMatchObject([403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED' }]])
    await addIntegration(server, 'no-api', addOrgApp(server, 'acme-uat', 'no_api', { scopes: ['refresh_token', 'id'] }))
    await createApiClient(server.url, server.apiKey).call('PATCH', '/integrations/no-api', {
      body: { credentials: { type: 'OAUTH2', scopes: 'refresh_token,id' } },
    })
    const useless = await connect(server, 'no-api')
    const refused = await proxied(server, useless, 'no-api', `${DATA}/limits`)
    expect([refused.status, await refused.json()]).toMatchObject([401, [{ errorCode: 'INVALID_SESSION_ID' }]])
    expect(refreshes()).toBe(before)
  })
})
