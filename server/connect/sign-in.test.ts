import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.saved.length = 0
  world.logged.length = 0
  world.queued.length = 0
  world.fake.log.clear()
})
afterEach(() => {
  world.db.setClockOffset(0)
  world.fake.set('knobs.fail503Times', 0)
  world.fake.set('orgs.acme.instanceUrlOverride', null)
  world.fake.consent({ decision: 'allow' })
})

const callbackOf = (visited: string[]) => visited.find((url) => url.includes('/oauth/callback'))

/** Begins and lets the person consent, but does not come back yet: the callback's URL. */
async function upToCallback(
  browser: ReturnType<World['newBrowser']>,
  key: string,
  token: string,
  more: Record<string, string> = {},
): Promise<string> {
  const begun = await browser.open(world.beginUrl(key, token, more), { follow: false })
  expect(begun.status).toBe(302)
  let location = String(begun.headers['location'])
  for (let step = 0; step < 5 && !location.startsWith(world.config.publicUrl); step++) {
    const page = await browser.open(location, { follow: false })
    location = new URL(String(page.headers['location']), location).href
  }
  return location
}

describe('a sign-in', () => {
  it('ends in a connection with tokens, instance URL, org and the session’s end user', async () => {
    const token = await world.newSession({
      end_user: { id: 'u1', email: 'ann@example.com' },
      webhook_url_override: 'https://hooks.example.com',
    })
    const page = await world.newBrowser().open(world.beginUrl('sf', token))
    expect(page.status).toBe(200)
    expect(page.text).toContain('Connected')
    expect(world.saved).toHaveLength(1)
    expect(world.saved[0]).toMatchObject({
      environmentId: world.environmentId,
      authMode: 'OAUTH2',
      credentials: { type: 'OAUTH2', access_token: expect.stringContaining('!'), refresh_token: expect.any(String) },
      client: { kind: 'integration' },
      connectionConfig: {
        instance_url: world.fake.url('org:acme'),
        org_id: world.fake.state.orgs.get('acme')!.orgId,
        user_id: expect.stringMatching(/^005/),
      },
      endUser: { id: 'u1', email: 'ann@example.com' },
      tags: { end_user_id: 'u1', end_user_email: 'ann@example.com' },
      webhookUrlOverride: 'https://hooks.example.com',
      actor: { kind: 'connect_session' },
    })
    expect(world.saved[0]).not.toHaveProperty('reconnects')
    expect(await world.result(token)).toMatchObject({
      outcome: 'success',
      provider_config_key: 'sf',
      connection_id: expect.stringMatching(/^c-/),
    })
  })

  it('11. always uses PKCE S256, the scopes of the entry and the registered redirect URI', async () => {
    const begun = await world.newBrowser().open(world.beginUrl('sf', await world.newSession()), { follow: false })
    const url = new URL(String(begun.headers['location']))
    expect(url.origin).toBe('https://login.salesforce.com')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      code_challenge_method: 'S256',
      scope: 'offline_access api',
      redirect_uri: `${world.config.publicUrl}/oauth/callback`,
      state: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    })
    expect(begun.headers['referrer-policy']).toBe('no-referrer')
    expect(begun.headers['set-cookie']).toMatch(/^hawser_browser=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/)
  })

  it('signs a sandbox in at the My Domain that was typed, exchanging the code at the same host', async () => {
    const token = await world.newSession()
    const page = await world.newBrowser().open(world.beginUrl('sf-sandbox', token, { 'params[hostname]': 'acme--uat' }))
    expect(page.visited[1]).toContain('https://acme--uat.sandbox.my.salesforce.com/services/oauth2/authorize')
    expect(page.visited[1]).toContain('prompt=login')
    expect(page.status).toBe(200)
    const tokenCall = world.fake.log.entries.find((entry) => entry.endpoint.startsWith('token'))
    expect(tokenCall?.host).toContain('acme--uat.sandbox.my.salesforce.com')
    expect(world.saved[0]?.connectionConfig).toMatchObject({
      hostname: 'acme--uat.sandbox.my.salesforce.com',
      instance_url: world.fake.url('org:acme-uat'),
    })
  })

  it('uses the customer’s own app from the session, and keeps it with the connection', async () => {
    const app = world.fake.state.apps.get('hawser_acme')!.consumers[0]!
    const defaults = { connection_config: { oauth_client_id_override: app.key, oauth_client_secret_override: ` ${app.secret}\n` } }
    const token = await world.newSession({ integrations_config_defaults: { 'no-client': defaults } })
    expect((await world.newBrowser().open(world.beginUrl('no-client', token))).status).toBe(200)
    expect(world.saved[0]?.client).toEqual({ kind: 'own', clientId: app.key, clientSecret: app.secret })
    expect(world.saved[0]?.connectionConfig).not.toHaveProperty('oauth_client_secret_override')
  })

  it('a reconnect renews its row and leaves alone what the session does not set', async () => {
    const first = await world.newSession()
    await world.newBrowser().open(world.beginUrl('sf', first))
    const { connection_id } = await world.result(first)
    const created = await world.api('POST', '/connect/sessions/reconnect', `hws_test_${'k'.repeat(43)}`, {
      connection_id,
      integration_id: 'sf',
    })
    await world.newBrowser().open(world.beginUrl('sf', created.body.data.token))
    const { rows } = await sql<{ id: string }>`select id from connection where connection_id = ${connection_id}`.execute(world.db.kysely)
    expect(world.saved[1]?.reconnects).toBe(rows[0]?.id)
    for (const kept of ['tags', 'endUser', 'webhookUrlOverride']) expect(world.saved[1]).not.toHaveProperty(kept)
  })
})

describe('9. the state', () => {
  it('works once: a replay finds nothing', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const page = await browser.open(world.beginUrl('sf', token))
    const again = await browser.open(callbackOf(page.visited)!)
    expect(again.status).toBe(400)
    expect(again.text).toContain('state_err')
    expect(world.saved).toHaveLength(1)
  })

  it('works once also for two callbacks at the same moment', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, 'sf', await world.newSession())
    const pages = await Promise.all([browser.open(callback), browser.open(callback)])
    expect(pages.map((page) => page.status).sort()).toEqual([200, 400])
    expect(world.saved).toHaveLength(1)
    expect(world.fake.log.counts['token:authorization_code']).toBe(1)
  })

  it('does not work in another browser, and is used up by the attempt', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, 'sf', token)
    const other = await world.newBrowser().open(callback)
    expect(other.status).toBe(400)
    expect(await world.result(token)).toMatchObject({ outcome: 'error', error_type: 'state_cookie_err' })
    expect((await browser.open(callback)).status).toBe(400)
    expect(world.saved).toHaveLength(0)
    expect(world.fake.log.counts['token:authorization_code']).toBeUndefined()
  })

  it('does not work after 15 minutes', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, 'sf', token)
    world.db.setClockOffset(16 * 60_000)
    expect((await browser.open(callback)).text).toContain('state_err')
    expect(await world.result(token)).toMatchObject({ error_type: 'state_err' })
    expect(world.saved).toHaveLength(0)
  })

  it('is not to be guessed, nor left out', async () => {
    for (const query of ['', '?code=x', '?state=guess&code=x', `?state=${'a'.repeat(300)}`, '?state[a]=b']) {
      expect((await world.newBrowser().open(`${world.config.publicUrl}/oauth/callback${query}`)).status).toBe(400)
    }
  })

  it('lets two tabs of one browser sign in at once', async () => {
    const browser = world.newBrowser()
    const [one, two] = [await world.newSession(), await world.newSession()]
    const callbacks = [await upToCallback(browser, 'sf', one), await upToCallback(browser, 'sf', two)]
    for (const callback of callbacks) expect((await browser.open(callback)).status).toBe(200)
  })

  it('12. ends with its session', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, 'sf', token)
    await world.api('DELETE', '/connect/session', token)
    expect((await browser.open(callback)).status).toBe(400)
    expect(world.saved).toHaveLength(0)
  })
})

describe('when the database fails', () => {
  it('the person gets a page, and the log the reason', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, 'sf', await world.newSession())
    await sql`alter table pending_oauth rename to away`.execute(world.db.kysely)
    try {
      const page = await browser.open(callback)
      expect(page.headers['content-type']).toContain('text/html')
      expect(page.text).toContain('server_error')
      expect(page.text).not.toContain('pending_oauth')
      expect(world.logged.join('')).toContain('a sign-in failed unexpectedly')
    } finally {
      await sql`alter table away rename to pending_oauth`.execute(world.db.kysely)
    }
    expect((await browser.open(callback)).status).toBe(200)
  })
})

describe('10. a mix-up', () => {
  it('is noticed by `iss`, before the code goes anywhere', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, 'sf', token)
    const page = await browser.open(`${callback}&iss=${encodeURIComponent('https://evil.example')}`)
    expect(page.status).toBe(400)
    expect(await world.result(token)).toMatchObject({ error_type: 'callback_err' })
    expect(world.fake.log.counts['token:authorization_code']).toBeUndefined()
  })

  // The second: `iss` is only a name of the host that we went to; nothing is sent to it.
  it.each([
    ['https://acme.my.salesforce.com', 200],
    ['http://login.salesforce.com', 200],
    ['http://acme.my.salesforce.com', 400],
  ])('`iss` %s answers %i', async (iss, status) => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, 'sf', await world.newSession())
    expect((await browser.open(`${callback}&iss=${encodeURIComponent(iss)}`)).status).toBe(status)
  })
})

describe('what the provider refuses', () => {
  it('a denial comes with its diagnosis in the page, the session and the words for the end user', async () => {
    world.fake.consent({ decision: 'deny' })
    const token = await world.newSession()
    const page = await world.newBrowser().open(world.beginUrl('sf', token))
    expect(page.status).toBe(400)
    const result = await world.result(token)
    expect(result).toMatchObject({
      outcome: 'error',
      error_type: 'callback_err',
      diagnosis: { class: 'user', end_user_text: expect.any(String) },
    })
    expect(page.text).toContain(result.diagnosis.code)
  })

  it('2. a forged instance_url is refused, and no token goes to it', async () => {
    world.fake.set('orgs.acme.instanceUrlOverride', 'https://evil.example')
    const token = await world.newSession()
    expect((await world.newBrowser().open(world.beginUrl('sf', token))).status).toBe(400)
    expect(await world.result(token)).toMatchObject({ error_type: 'instance_url_refused' })
    expect(world.saved).toHaveLength(0)
    expect(JSON.stringify(world.fake.log.entries)).not.toContain('evil.example')
  })

  it('2. the grant of a refused sign-in is given back where it was made, never at a forged address, and its token is queued sealed', async () => {
    world.fake.set('orgs.acme.instanceUrlOverride', 'https://evil.example')
    await world.newBrowser().open(world.beginUrl('sf', await world.newSession()))
    const [queued, ...more] = world.queued
    expect(more).toEqual([])
    expect(queued).toMatchObject({ name: 'revoke-grant', payload: { url: 'https://login.salesforce.com/services/oauth2/revoke' } })
    expect(JSON.stringify(queued)).not.toMatch(/5Aep861|00D\w{12,15}!/)
    world.fake.set('orgs.acme.instanceUrlOverride', 'https://acme--uat.sandbox.my.salesforce.com')
    await world.newBrowser().open(world.beginUrl('sf', await world.newSession()))
    expect(world.queued[1]?.payload).toMatchObject({ url: 'https://acme--uat.sandbox.my.salesforce.com/services/oauth2/revoke' })
  })

  it('no grant is given back that a connection lives on, or that was never made', async () => {
    expect((await world.newBrowser().open(world.beginUrl('sf', await world.newSession()))).status).toBe(200)
    world.fake.consent({ decision: 'deny' })
    expect((await world.newBrowser().open(world.beginUrl('sf', await world.newSession()))).status).toBe(400)
    expect(world.queued).toEqual([])
  })

  it('an org of the wrong kind is told to the person in plain words, and to the engineer as a diagnosis', async () => {
    world.fake.set('orgs.acme.instanceUrlOverride', 'https://acme--uat.sandbox.my.salesforce.com')
    const token = await world.newSession()
    const page = await world.newBrowser().open(world.beginUrl('sf', token))
    expect(page.text).toContain('You signed in to a sandbox, but this connection is for a production org.')
    expect(await world.result(token)).toMatchObject({
      error_type: 'connection_validation_failed',
      error_desc: 'This is a sandbox; use the `salesforce-sandbox` integration.',
      diagnosis: { code: 'wrong-org-kind', class: 'user', fix: expect.arrayContaining([expect.stringContaining('salesforce-sandbox')]) },
    })
    expect(world.logged.join('')).toContain('wrong-org-kind')
    expect(world.saved).toHaveLength(0)
  })

  it('a wrong secret is named as such, and the code is not sent twice', async () => {
    const right = world.clients.get('sf')!
    world.clients.set('sf', { ...right, clientSecret: 'wrong' })
    const token = await world.newSession()
    const page = await world.newBrowser().open(world.beginUrl('sf', token))
    world.clients.set('sf', right)
    expect(page.status).toBe(400)
    expect(await world.result(token)).toMatchObject({ error_type: 'token_err', diagnosis: { class: 'config' } })
    expect(world.fake.log.entries.filter((entry) => entry.endpoint.startsWith('token'))).toHaveLength(1)
  })

  it('an outage at the token endpoint is not the customer’s fault', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, 'sf', token)
    world.fake.set('knobs.fail503Times', 1)
    expect((await browser.open(callback)).status).toBe(400)
    expect(await world.result(token)).toMatchObject({ error_type: 'token_err', diagnosis: { class: 'transient' } })
  })

  it('the session can try again, and its old result is gone at once', async () => {
    world.fake.consent({ decision: 'deny' })
    const token = await world.newSession()
    const browser = world.newBrowser()
    await browser.open(world.beginUrl('sf', token))
    world.fake.consent({ decision: 'allow' })
    const callback = await upToCallback(browser, 'sf', token)
    expect(await world.result(token)).toBeNull()
    expect((await browser.open(callback)).status).toBe(200)
    expect(await world.result(token)).toMatchObject({ outcome: 'success' })
  })
})

describe('what the browser may ask for', () => {
  const begin = async (key: string, more: Record<string, string>, body: object = {}) => {
    const token = await world.newSession(body)
    const page = await world.newBrowser().open(world.beginUrl(key, token, more), { follow: false })
    return { page, result: page.status === 400 ? await world.result(token) : undefined, location: String(page.headers['location']) }
  }

  it.each([
    'evil.example',
    'evil.example/',
    'a@evil.example',
    'evil.example#.my.salesforce.com',
    'evil.example\\.my.salesforce.com',
    'xn--80ak6aa92e.com',
    '127.0.0.1',
    'acme.my.salesforce.com:8443',
    'аcme.my.salesforce.com',
  ])('1. no host but Salesforce’s: %s', async (hostname) => {
    const { page, result } = await begin('sf', { 'params[hostname]': hostname })
    expect(page.status).toBe(400)
    expect(result).toMatchObject({ error_type: 'url_param_err' })
    expect(page.text).not.toContain('evil')
  })

  it.each([
    ['an automated field', 'sf', { 'params[instance_url]': 'https://evil.example' }],
    ['what comes from the token answer', 'sf', { 'params[org_id]': '00D' }],
    ['an unknown field', 'sf', { 'params[foo]': 'x' }],
    ['a missing field', 'desk', {}],
    ['a value against the pattern', 'desk', { 'params[subdomain]': 'a.evil.example/' }],
    ['a value outside the list', 'desk', { 'params[subdomain]': 'a', 'params[region]': 'mars' }],
    ['a field that the server fills', 'desk', { 'params[subdomain]': 'a', 'params[filled]': 'x' }],
    ['the redirect URI', 'sf', { 'authorization_params[redirect_uri]': 'https://evil.example' }],
    ['the client', 'sf', { 'authorization_params[client_id]': 'x' }],
    ['the PKCE method', 'sf', { 'authorization_params[code_challenge_method]': 'plain' }],
  ])('1. refuses %s', async (_what, key, more) => {
    const { page, result } = await begin(key, more)
    expect(page.status).toBe(400)
    expect(result).toMatchObject({ error_type: 'url_param_err' })
  })

  it('11. a session cannot loosen PKCE either', async () => {
    const { result } = await begin('sf', {}, { integrations_config_defaults: { sf: { authorization_params: { code_challenge: 'x' } } } })
    expect(result).toMatchObject({ error_type: 'url_param_err' })
  })

  it('allows other parameters, scopes, and fields of the form; the session’s win', async () => {
    const { location } = await begin('desk', {
      'params[subdomain]': 'mine',
      'params[oauth_scopes_override]': 'a,b',
      'authorization_params[login_hint]': 'ann',
    })
    expect(location).toContain('https://mine.desk.example/authorize?')
    expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({ scope: 'a b', login_hint: 'ann', client_id: 'desk-id' })
    const defaults = { connection_config: { subdomain: 'theirs', oauth_scopes_override: 'c' }, authorization_params: { prompt: 'login' } }
    const pinned = await begin(
      'desk',
      { 'params[subdomain]': 'mine', 'authorization_params[login_hint]': 'ann' },
      { integrations_config_defaults: { desk: defaults } },
    )
    expect(pinned.location).toContain('https://theirs.desk.example/')
    expect(Object.fromEntries(new URL(pinned.location).searchParams)).toMatchObject({ scope: 'c', prompt: 'login' })
    expect(pinned.location).not.toContain('login_hint')
  })

  it.each([
    ['no-client', 'missing_client_id'],
    ['nobody', 'unknown_provider_config'],
    ['plain', 'invalid_auth_mode'],
  ])('answers a page for %s: %s', async (key, code) => {
    const { page, result } = await begin(key, {})
    expect(page.headers['content-type']).toContain('text/html')
    expect(result).toMatchObject({ error_type: code })
  })

  it('12. another integration than the session’s is refused, as JSON', async () => {
    const token = await world.newSession({ allowed_integrations: ['sf'] })
    const page = await world.newBrowser().open(world.beginUrl('sf-sandbox', token), { follow: false })
    expect(page.status).toBe(400)
    expect(JSON.parse(page.text).error.code).toBe('integration_not_allowed')
  })

  it.each([
    ['no token', '', 401, 'missing_auth_header'],
    ['a malformed token', '?connect_session_token=abc', 401, 'invalid_connect_session_token_format'],
    ['an unknown token', `?connect_session_token=nango_connect_session_${'0'.repeat(64)}`, 401, 'unknown_connect_session_token'],
  ])('refuses %s, as JSON', async (_what, query, status, code) => {
    const page = await world.newBrowser().open(`${world.config.publicUrl}/oauth/connect/sf${query}`, { follow: false })
    expect(page.status).toBe(status)
    expect(JSON.parse(page.text).error.code).toBe(code)
  })

  it.each([
    ['an unknown token', { connect_session_token: `nango_connect_session_${'0'.repeat(64)}` }, 'unknown_connect_session_token'],
    ['no token', {}, 'missing_auth_header'],
  ])('answers %s in plain words where a person looks at it', async (_what, query, code) => {
    const url = `${world.config.publicUrl}/oauth/connect/sf?${new URLSearchParams({ mode: 'page', ...query })}`
    const page = await world.newBrowser().open(url, { follow: false })
    expect(page.status).toBe(400)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.text).toContain('This link has expired.')
    expect(page.text).toContain(code)
  })

  it('does not let the browser choose the connection id', async () => {
    const page = await world.newBrowser().open(world.beginUrl('sf', await world.newSession(), { connection_id: 'mine' }), { follow: false })
    expect(JSON.parse(page.text).error).toMatchObject({ code: 'invalid_query_params', errors: [{ path: ['connection_id'] }] })
  })

  it('20. keeps at most twenty sign-ins of a session', async () => {
    const token = await world.newSession()
    for (let count = 0; count < 23; count++) await world.app.inject(world.beginUrl('sf', token))
    const { rows } = await sql<{
      n: number
    }>`select count(*)::int as n from pending_oauth p join connect_session s on s.id = p.connect_session_id where s.token_hash = sha256(${token}::bytea)`.execute(
      world.db.kysely,
    )
    expect(rows[0]?.n).toBe(20)
  })
})

describe('4. what is logged and stored', () => {
  it('holds no code, state, verifier, token or secret', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = new URL(await upToCallback(browser, 'sf', token))
    const { rows } = await sql<Record<string, unknown>>`select * from pending_oauth`.execute(world.db.kysely)
    const stored = JSON.stringify(
      rows.map((row) => Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : value))),
    )
    await browser.open(callback.href)
    world.fake.consent({ decision: 'deny' })
    await browser.open(world.beginUrl('sf', token))
    await browser.open(
      world.beginUrl('sf', token, {
        'credentials[oauth_client_id_override]': 'x',
        'credentials[oauth_client_secret_override]': 'override-secret',
      }),
    )
    const { access_token, refresh_token } = world.saved[0]!.credentials as { access_token: string; refresh_token: string }
    const state = callback.searchParams.get('state')!
    const secrets = [
      callback.searchParams.get('code')!,
      state,
      access_token,
      refresh_token,
      token,
      world.clients.get('sf')!.clientSecret!,
      'override-secret',
    ]
    const log = world.logged.join('')
    expect(log).toContain('a sign-in failed')
    for (const hidden of secrets) {
      expect(hidden.length).toBeGreaterThan(10)
      expect(log).not.toContain(hidden)
    }
    expect(stored).not.toContain(state)
    expect(stored).not.toContain('verifier')
  })
})
