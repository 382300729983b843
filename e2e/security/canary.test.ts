/** One life of a connection with known secrets, and then a search for each of them in everything that was said, logged or stored. */
import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startReceiver, type Receiver } from '../../server/events/events-fixture.ts'
import type { Browser } from '../../testkit/browser.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connectionPath, connectUrl, DATA, openSession, proxied } from '../customer.ts'
import { databaseDump, placesOf } from './search-for-secrets.ts'

/** The verifier never leaves the server but for the token endpoint: known here because this test hands it out. */
const verifiers: string[] = []
vi.mock(import('../../server/oauth/pkce.ts'), async (original) => {
  const { challengeOf } = await original()
  return {
    challengeOf,
    newPkce: () => {
      const verifier = randomBytes(64).toString('base64url')
      verifiers.push(verifier)
      return { verifier, challenge: challengeOf(verifier) }
    },
  }
})

const KEY = 'canary'
const VAULT_KEY = createHash('sha256').update('canary vault key').digest()

let server: TestServer
let receiver: Receiver
let app: { clientId: string; clientSecret: string }
let id: string
/** By what they are. */
const secrets = new Map<string, string>()
/** Everything that callers were told who asked for no secret. */
const answers: string[] = []

beforeAll(async () => {
  receiver = await startReceiver()
  const trusted = new URL(receiver.url)
  server = await startTestServer({
    trustedHosts: [{ host: trusted.hostname, port: Number(trusted.port) }],
    env: {
      HAWSER_ALERT_URL: `${trusted.origin}/alert-canary-path`,
      HAWSER_ENCRYPTION_KEY: VAULT_KEY.toString('base64'),
      HAWSER_REFRESH_REQUEST_TIMEOUT: '1s',
      HAWSER_REFRESH_WAIT: '2s',
      HAWSER_REFRESH_LEASE: '3s',
    },
  })
  secrets.set('vault key', VAULT_KEY.toString('base64'))
  secrets.set('alert URL', '/alert-canary-path')
  secrets.set('API key', server.apiKey)
  secrets.set('API key of prod', server.prodKey)
})
afterAll(async () => {
  await server?.close()
  await receiver?.close()
})

/** Notes the answer for the search, status and headers too. */
async function ask(path: string, init: RequestInit = {}, bearer = server.apiKey): Promise<{ status: number; body: string }> {
  const answer = await fetch(server.url + path, {
    redirect: 'manual',
    signal: AbortSignal.timeout(20_000),
    ...init,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
  })
  const body = await answer.text()
  answers.push(`${path.split('?')[0]} ${answer.status} ${JSON.stringify([...answer.headers])} ${body}`)
  return { status: answer.status, body }
}
const post = (path: string, body: unknown, bearer?: string) => ask(path, { method: 'POST', body: JSON.stringify(body) }, bearer)

/** Follows to the callback, noting code, state and cookie, and opens it. */
async function signIn(browser: Browser, token: string, label: string): Promise<string> {
  let at = connectUrl(server, KEY, token)
  for (let step = 0; step < 7; step++) {
    const page = await browser.open(at, { follow: false })
    at = new URL(String(page.headers['location']), at).href
    if (at.startsWith(`${server.url}/oauth/callback`)) break
  }
  const { searchParams } = new URL(at)
  for (const name of ['code', 'state']) if (searchParams.get(name)) secrets.set(`${name} ${label}`, searchParams.get(name)!)
  const page = await browser.open(at)
  answers.push(page.text)
  const cookie = browser.cookies.get(new URL(server.url).host)?.get('hawser_browser')
  if (cookie) secrets.set(`cookie ${label}`, cookie)
  return page.text
}

function noteTokens(): void {
  for (const grant of server.fake.state.grants.values()) {
    if (grant.refreshToken) secrets.set(`refresh token ${secrets.size}`, grant.refreshToken)
    for (const previous of grant.previous) secrets.set(`refresh token of before ${secrets.size}`, previous)
  }
  for (const token of server.fake.state.accessTokens.values()) secrets.set(`access token ${secrets.size}`, token.value)
}

describe('4. one life with known secrets', () => {
  it('connects', async () => {
    app = addOrgApp(server, 'acme-uat', 'canary')
    secrets.set('client secret', app.clientSecret)
    await addIntegration(server, KEY, app)
    await createApiClient(server.url, server.apiKey).call('PATCH', '/environment', { body: { webhook_url: receiver.url } })
    const environment = await createApiClient(server.url, server.apiKey).get<{ data: { webhook_signing_key: string } }>('/environment')
    secrets.set('webhook key', environment.body.data.webhook_signing_key)
    const token = await openSession(server, KEY)
    secrets.set('session token', token)
    expect(await signIn(server.browser(), token, 'of the sign-in')).toContain('Connected')
    const session = await ask('/connect/session', {}, token)
    id = (JSON.parse(session.body) as { data: { result: { connection_id: string } } }).data.result.connection_id
    noteTokens()
  })

  it('is refused a sign-in: denied, with a wrong secret, and with a session of its own app', async () => {
    server.fake.consent({ decision: 'deny' })
    await signIn(server.browser(), await openSession(server, KEY), 'of the denied one')
    server.fake.consent({ decision: 'allow' })
    const own = 'own-client-secret-canary-0123456789'
    secrets.set('client secret of a customer’s own app', own)
    const token = await openSession(server, KEY, {
      defaults: { connection_config: { oauth_client_id_override: app.clientId, oauth_client_secret_override: own } },
    })
    secrets.set('session token of the own app', token)
    expect(await signIn(server.browser(), token, 'with a wrong secret')).toContain('not made')
    await ask('/connect/session', {}, token)
  })

  it('calls, refreshes, and meets failures of every kind', async () => {
    const call = async (path = `${DATA}/limits`) => {
      const answer = await proxied(server, id, KEY, path)
      answers.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`)
      return answer.status
    }
    expect(await call()).toBe(200)
    server.fake.expireSessions('acme-uat')
    expect(await call()).toBe(200)
    noteTokens()
    for (const knob of ['htmlErrorTimes', 'garbageTimes', 'fail503Times', 'dropBeforeTimes']) {
      server.fake.expireSessions('acme-uat')
      server.fake.set('knobs.faultsApplyTo', 'token')
      server.fake.set(`knobs.${knob}`, 20)
      expect(await call()).toBeGreaterThanOrEqual(400)
      server.fake.set(`knobs.${knob}`, 0)
      server.clock.advance(10 * 60_000)
      expect(await call()).toBe(200)
      noteTokens()
    }
    await call('/services/data/v62.0/nowhere')
    expect((await ask(connectionPath(id, KEY, { force_refresh: 'true' }).replace('/connections', '/nothing'))).status).toBe(404)
  })

  it('shows its tokens to the key that may read them, where the search finds them', async () => {
    const read = await createApiClient(server.url, server.apiKey).get(connectionPath(id, KEY, { refresh_token: 'true' }))
    const found = [...secrets]
      .filter(([, value]) => placesOf(value, { read: JSON.stringify(read.body) }).length > 0)
      .map(([what]) => what.replace(/ \d+$/, ''))
    expect(new Set(found)).toEqual(new Set(['access token', 'refresh token']))
  })

  it('says wrong things with secrets in them', async () => {
    const all = [...secrets.values()].join(' ')
    await post('/connections', { provider_config_key: KEY, credentials: { type: 'OAUTH2', access_token: all, refresh_token: all } })
    await post('/integrations', {
      provider: 'salesforce-sandbox',
      unique_key: KEY,
      credentials: { client_secret: app.clientSecret, type: 'NONE' },
    })
    await ask('/connections', { method: 'POST', body: `{"access_token":"${app.clientSecret}` })
    await ask(`/oauth/callback?code=${secrets.get('code of the sign-in')}&state=${secrets.get('state of the sign-in')}`)
    await ask(`/nowhere?access_token=${[...secrets].find(([what]) => what.startsWith('access token'))![1]}`)
    await ask('/connections', {}, `${server.apiKey.slice(0, -1)}x`)
    await post(`/integrations/${KEY}/probe`, {})
    await post('/doctor', { text: 'invalid_client_id', integration: KEY })
  })

  it('is asked about by others', async () => {
    for (const path of ['/connections', '/integrations', '/environment/api-keys', '/providers', '/issues', connectionPath(id, KEY)]) {
      await ask(path, {}, server.prodKey)
      if (path !== connectionPath(id, KEY)) await ask(path)
    }
    await ask(`/integrations/${KEY}`)
  })

  it('loses its grant: an issue, a webhook, an alert', async () => {
    server.fake.set('knobs.faultsApplyTo', 'all')
    noteTokens()
    server.fake.expireSessions('acme-uat')
    for (const user of new Set([...server.fake.state.grants.values()].map((grant) => grant.username))) server.fake.revokeUser(user)
    await proxied(server, id, KEY, `${DATA}/limits`).then(async (answer) => answers.push(await answer.text()))
    await ask('/issues')
    await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBeGreaterThan(0)
    await server.kit.queue.add('deliver-alerts', {})
    await expect.poll(() => receiver.received.some(({ body }) => body.startsWith('{"text"')), { timeout: 15_000 }).toBe(true)
    await server.server.flush()
  })
})

describe('4, 6. afterwards', () => {
  it('all kinds of secrets are known to the search', () => {
    for (const verifier of verifiers) secrets.set(`verifier ${secrets.size}`, verifier)
    const kinds = [
      'client secret',
      'access token',
      'refresh token',
      'code',
      'state',
      'verifier',
      'API key',
      'webhook key',
      'session token',
      'cookie',
      'vault key',
    ]
    for (const kind of kinds)
      expect(
        [...secrets.keys()].filter((what) => what.startsWith(kind)),
        kind,
      ).not.toEqual([])
    for (const [what, value] of secrets) expect(value.length, what).toBeGreaterThan(12)
  })

  it('the search finds what is there: as text, in bytes, in hex, in base64 and percent-encoded', () => {
    const value = 'canary+value/with=signs-0123456789'
    const forms = [
      value,
      Buffer.from(value).toString('hex'),
      Buffer.from(`x${value}`).toString('base64'),
      encodeURIComponent(value),
      JSON.stringify(JSON.stringify({ value })),
    ]
    for (const form of forms) expect(placesOf(value, { text: `before ${form} after` }), form).toEqual(['text'])
    expect(placesOf(value, { text: 'canary+value' })).toEqual([])
  })

  it.each(['log', 'database', 'webhooks and alerts', 'answers'])('4, 6. no secret is in the %s', async (place) => {
    const texts: Record<string, string> =
      place === 'log'
        ? { log: server.logged() }
        : place === 'database'
          ? await databaseDump(server.kit.db)
          : place === 'answers'
            ? Object.fromEntries(answers.map((text, index) => [`${index} ${text.slice(0, 60)}`, text]))
            : { webhooks: JSON.stringify(receiver.received) }
    expect(Object.values(texts).join('').length).toBeGreaterThan(200)
    const found = [...secrets].flatMap(([what, value]) => placesOf(value, texts).map((where) => `${what} in ${where}`))
    expect(found).toEqual([])
  })
})
