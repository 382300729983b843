import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeBrowser, HOST, TOKEN, watchPromise, type Answer, type FakeBrowser } from './fake-browser-for-tests.ts'
import { Hawser } from './hawser.ts'
import type { AuthOptions } from './types.ts'

let fake: FakeBrowser
let hawser: Hawser
beforeEach(() => {
  fake = createFakeBrowser()
  hawser = new Hawser({ host: HOST, connectSessionToken: TOKEN }, fake.browser)
  fake.knobs.answer = () => ({ status: 200, body: { providerConfigKey: 'k', connectionId: 'c-9' } })
})

async function sent(options: AuthOptions): Promise<{ path: string; body: unknown }> {
  const seen = watchPromise(hawser.auth('k', options))
  await fake.run(50)
  expect(seen.value).toEqual({ providerConfigKey: 'k', connectionId: 'c-9', isPending: false })
  const { url, init } = fake.asked[0] ?? { url: '', init: {} }
  expect(init.method).toBe('POST')
  expect(fake.popups).toEqual([])
  return { path: new URL(url).pathname, body: init.body === undefined ? undefined : JSON.parse(String(init.body)) }
}

const own = { oauth_client_id_override: 'i', oauth_client_secret_override: 's' }

describe('auth() sends credentials by their shape', () => {
  it.each<[string, AuthOptions, unknown?]>([
    ['/auth/two-step/k', { credentials: { type: 'TWO_STEP', username: 'u' } }],
    ['/auth/signature/k', { credentials: { type: 'SIGNATURE', username: 'u', password: 'p' } }],
    ['/auth/aws-sigv4/k', { credentials: { type: 'AWS_SIGV4', role_arn: 'r', region: 'eu' } }, { role_arn: 'r', region: 'eu' }],
    ['/auth/bill/k', { credentials: { username: 'u', password: 'p', organization_id: 'o', dev_key: 'd' } }],
    ['/api-auth/api-key/k', { credentials: { apiKey: 'a' } }],
    ['/api-auth/basic/k', { credentials: { username: 'u', password: '' } }],
    ['/api-auth/basic/k', { credentials: { username: 'u', client_id: 'i', client_secret: 's' } }],
    ['/auth/jwt/k', { credentials: { privateKey: { id: 'i', secret: 's' } } }],
    ['/auth/jwt/k', { credentials: { type: 'JWT', issuer: 'x' } }],
    ['/auth/tba/k', { credentials: { token_id: 't', token_secret: 's' } }],
    ['/auth/tba/k', { credentials: { token_id: 't', token_secret: 's', ...own } }],
    ['/oauth2/auth/k', { credentials: { client_id: 'i', client_secret: 's' } }],
    ['/oauth2/auth/k', { credentials: { client_id: 'i', client_private_key: 's' } }],
  ])('%s', async (path, options, body = options.credentials) => {
    expect(await sent(options)).toEqual({ path, body })
  })

  it('with assertions, and without any', async () => {
    const credentials = { type: 'TWO_STEP' }
    expect((await sent({ credentials, assertionOption: { a: 1 } })).body).toEqual({ type: 'TWO_STEP', assertionOption: { a: 1 } })
    fake.asked.length = 0
    expect((await sent({ credentials, assertionOption: {} })).body).toEqual(credentials)
    fake.asked.length = 0
    expect(await sent({ credentials: {}, installation: 'outbound' })).toEqual({ path: '/auth/oauth-outbound/k', body: undefined })
  })

  it.each<[AuthOptions]>([[{}], [{ credentials: {} }], [{ credentials: own }]])('opens a window for %j', async (options) => {
    void hawser.auth('k', options).catch(() => {})
    expect(fake.popups).toHaveLength(1)
  })

  it.each<[AuthOptions['credentials']]>([[{ colour: 'red' }], [{ oauth_client_id_override: 'i' }], [{ type: 'AWS_SIGV4' }]])(
    'refuses %j',
    async (credentials) => {
      await expect(hawser.auth('k', { credentials: credentials ?? {} })).rejects.toMatchObject({ code: 'missing_credentials' })
      expect(fake.asked).toEqual([])
    },
  )
})

describe('a call without a window', () => {
  it('create() names token and fields in the query', async () => {
    const seen = watchPromise(hawser.create('a b', { params: { accountId: '1&2' } }))
    await fake.run(50)
    expect(seen.value?.connectionId).toBe('c-9')
    const url = new URL(fake.asked[0]?.url ?? '')
    expect(url.pathname).toBe('/auth/unauthenticated/a%20b')
    expect(Object.fromEntries(url.searchParams)).toEqual({ connect_session_token: TOKEN, 'params[accountId]': '1&2' })
  })

  it.each<[string, Answer, string]>([
    ['a refusal', { status: 400, body: { error: { code: 'connection_test_failed', message: 'No.' } } }, 'connection_test_failed'],
    ['an ended session', { status: 401, body: { error: { code: 'unknown_connect_session_token', message: 'Over.' } } }, 'session_expired'],
    ['an answer without a connection', { status: 200, body: { error: { code: 'invalid_credentials' } } }, 'unexpected_answer'],
    ['no server', 'unreachable', 'network_error'],
  ])('rejects for %s', async (_name, answer, code) => {
    fake.knobs.answer = () => answer
    const seen = watchPromise(hawser.auth('k', { credentials: { apiKey: 'a' } }))
    await fake.run(50)
    expect(seen.error).toMatchObject({ code })
  })

  it('ends with its signal, or after 15 s', async () => {
    fake.knobs.answer = () => 'never'
    const controller = new AbortController()
    const aborted = watchPromise(hawser.create('k', { signal: controller.signal }))
    const slow = watchPromise(hawser.create('k'))
    await fake.run(50)
    controller.abort(new Error('stop'))
    await fake.run(15_000)
    expect(aborted.error).toMatchObject({ message: 'stop' })
    expect(slow.error).toMatchObject({ code: 'network_error' })
    expect(fake.leftovers().timers).toBe(0)
  })
})
