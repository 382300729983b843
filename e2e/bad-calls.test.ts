/** Bad input where a body is not JSON: the proxy, the gateway, the pages of the sign-in, and the Host header. */
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorBody } from '@hawser/api/errors.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectUrl, DATA, openSession } from './customer.ts'
import { rowsOf } from './rows.ts'

const INTEGRATION = 'well-known'
let server: TestServer
let id: string
let token: string
let rows: Record<string, string>

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'bad_calls'))
  id = await connect(server, INTEGRATION)
  token = await openSession(server, INTEGRATION)
  rows = await rowsOf(server)
  server.fake.log.clear()
})
afterAll(() => server?.close())

const nothingHappened = async (): Promise<void> => {
  expect(await rowsOf(server)).toEqual(rows)
  expect(server.fake.log.entries.filter((entry) => entry.endpoint !== 'authorize')).toEqual([])
}

describe('the proxy', () => {
  const right = (): Record<string, string> => ({ 'provider-config-key': INTEGRATION, 'connection-id': id })
  const cases: [string, () => Record<string, string | undefined>, string][] = [
    ['no headers', () => ({ 'provider-config-key': undefined, 'connection-id': undefined }), 'invalid_headers'],
    ['no connection', () => ({ 'connection-id': undefined }), 'invalid_headers'],
    ['no integration', () => ({ 'provider-config-key': undefined }), 'invalid_headers'],
    ['empty connection', () => ({ 'connection-id': '' }), 'invalid_headers'],
    ['connection of 300 characters', () => ({ 'connection-id': 'x'.repeat(300) }), 'invalid_headers'],
    ['integration with a slash', () => ({ 'provider-config-key': 'a/b' }), 'invalid_headers'],
    ['unknown connection', () => ({ 'connection-id': 'nobody' }), 'unknown_connection'],
    ['unknown integration', () => ({ 'provider-config-key': 'nowhere' }), 'unknown_provider_config'],
    ['negative retries', () => ({ retries: '-1' }), 'invalid_headers'],
    ['eleven retries', () => ({ retries: '11' }), 'invalid_headers'],
    ['retries in words', () => ({ retries: 'many' }), 'invalid_headers'],
    ['retry-on in words', () => ({ 'retry-on': 'errors' }), 'invalid_headers'],
    ['no deadline at all', () => ({ 'retry-deadline': '0' }), 'invalid_headers'],
    ['override that is no URL', () => ({ 'base-url-override': 'nonsense' }), 'invalid_headers'],
    ['override of another scheme', () => ({ 'base-url-override': 'file:///etc/passwd' }), 'invalid_headers'],
    ['override where none is allowed', () => ({ 'base-url-override': 'https://evil.example' }), 'base_url_override_disabled'],
    ['decompress neither true nor false', () => ({ decompress: 'perhaps' }), 'invalid_headers'],
  ]
  it.each(cases)('%s', async (_what, change, code) => {
    const headers = Object.fromEntries(
      Object.entries({ ...right(), ...change() }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const answer = await createApiClient(server.url, server.apiKey).get<ErrorBody>(`/proxy${DATA}/limits`, headers)
    expect(answer.body.error.code).toBe(code)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body.error.message).toMatch(/\w+ \w+/)
  })

  it.each(['https://evil.example/x', 'http://169.254.169.254/latest', '//evil.example/x', '@evil.example/x', '\\evil.example'])(
    'security 3: %s as endpoint stays with the provider',
    async (endpoint) => {
      const answer = await request(`${server.url}/proxy/${endpoint}`, { headers: { authorization: `Bearer ${server.apiKey}`, ...right() } })
      await answer.body.dump()
      expect(answer.statusCode).toBeGreaterThanOrEqual(300)
      expect(answer.statusCode).toBeLessThan(500)
      const hosts = new Set(server.fake.log.entries.map((entry) => entry.host))
      expect([...hosts].filter((host) => host !== 'acme--uat.sandbox.my.salesforce.com')).toEqual([])
      server.fake.log.clear()
    },
  )

  it('without a key is 401 before anything else', async () => {
    const answer = await fetch(`${server.url}/proxy${DATA}/limits`, { headers: right(), method: 'POST', body: 'x'.repeat(100_000) })
    expect([answer.status, ((await answer.json()) as ErrorBody).error.code]).toEqual([401, 'missing_auth_header'])
  })

  it('has changed nothing', nothingHappened)
})

describe('the gateway', () => {
  it.each(['nonsense', '00Dxx0000000001!nonsense', 'hws_dev_short.1234', `${'x'.repeat(300)}.${'0'.repeat(32)}`])(
    'refuses the bearer %s in the form that stock clients read',
    async (bearer) => {
      const answer = await createApiClient(server.gatewayUrl, bearer).get<{ errorCode: string; message: string }[]>(`${DATA}/limits`)
      expect([400, 401]).toContain(answer.status)
      expect(answer.body).toEqual([{ errorCode: expect.stringMatching(/\w/), message: expect.stringMatching(/\w+ \w+/) }])
    },
  )

  it('has changed nothing', nothingHappened)
})

describe('the pages of the sign-in', () => {
  it.each([
    ['/oauth/connect/well-known'],
    ['/oauth/connect/well-known?connect_session_token='],
    ['/oauth/connect/well-known?connect_session_token=nonsense'],
    [`/oauth/connect/well-known?connect_session_token=nango_connect_session_${'0'.repeat(64)}`],
    [`/oauth/connect/well-known?connect_session_token=${'x'.repeat(300)}`],
    ['/oauth/connect/%00?connect_session_token=x'],
    ['/oauth/callback'],
    ['/oauth/callback?code=abc'],
    ['/oauth/callback?state=unknown&code=abc'],
    ['/oauth/callback?state=unknown&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E'],
    [`/oauth/callback?state=${'x'.repeat(300)}&code=abc`],
    ['/oauth/callback?state=a%00b&code=abc'],
    ['/oauth/callback?state[]=a&state[]=b&code=abc'],
    ['/oauth/callback?state=unknown&code=a&code=b'],
  ])('%s', async (path) => {
    const answer = await fetch(`${server.url}${path}`, { redirect: 'manual' })
    const text = await answer.text()
    expect(answer.status, text).toBeGreaterThanOrEqual(400)
    expect(answer.status, text).toBeLessThan(500)
    expect(text).toMatch(/\w+ \w+/)
    expect(text).not.toContain('<script>alert')
  })

  it.each([
    [{ connection_id: 'mine' }],
    [{ ws_client_id: 'not-a-uuid' }],
    [{ 'params[instance_url]': 'https://evil.example' }],
    [{ 'params[hostname][x]': 'a' }],
    [{ 'authorization_params[redirect_uri]': 'https://evil.example' }],
    [{ 'authorization_params[state]': 'mine' }],
    [{ 'authorization_params[code_challenge_method]': 'plain' }],
    [{ 'authorization_params[response_type]': 'token' }],
    [{ 'credentials[oauth_client_id_override]': 'x'.repeat(300) }],
    [{ 'credentials[nonsense]': 'x' }],
    [{ mode: 'fullscreen' }],
  ] as [Record<string, string>][])('refuses, or does without, %j', async (query) => {
    const answer = await fetch(connectUrl(server, INTEGRATION, token, query), { redirect: 'manual' })
    await answer.text()
    expect(answer.status).toBeGreaterThanOrEqual(300)
    expect(answer.status).toBeLessThan(500)
    if (answer.status !== 302) return
    const target = new URL(answer.headers.get('location') ?? '')
    expect(target.host).toBe('test.salesforce.com')
    expect(target.searchParams.getAll('redirect_uri')).toEqual([`${server.url}/oauth/callback`])
    expect(target.searchParams.getAll('response_type')).toEqual(['code'])
    expect(target.searchParams.getAll('code_challenge_method')).toEqual(['S256'])
    expect(target.searchParams.get('state')).not.toBe('mine')
    expect(target.href).not.toContain('evil.example')
  })
})

describe('a foreign Host header', () => {
  it('never ends up in a link', async () => {
    for (const headers of [
      { host: 'evil.example' },
      { host: new URL(server.url).host, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    ]) {
      const answer = await request(`${server.url}/connect/sessions`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ end_user: { id: 'host' } }),
      })
      const text = await answer.body.text()
      expect(answer.statusCode, text).toBeLessThan(500)
      expect(text).not.toContain('evil.example')
      if (answer.statusCode === 201)
        expect((JSON.parse(text) as { data: { connect_link: string } }).data.connect_link).toContain(server.url)
    }
  })
})
