import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import {
  appOf,
  askToAuthorize,
  callbackOf,
  CALLBACK,
  connect,
  exchange,
  refresh,
  send,
  type Answer,
  type Flow,
  STOPPED_CLOCK,
} from '../testing/browser.ts'

let fake: FakeSalesforce

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
})

afterEach(() => fake.close())

/** The on-screen code of the error page that a redirect leads to. */
async function screenAfter(answer: Answer): Promise<string> {
  expect(answer.headers.location).toContain('/setup/secur/RemoteAccessErrorPage.apexp?')
  return (await send(fake, answer.headers.location ?? '')).text
}

describe('what stays on a page of Salesforce', () => {
  it('asks for GET and response_type=code', async () => {
    const posted = await send(fake, `${fake.url('org:acme-uat')}/services/oauth2/authorize`, { form: {} })
    expect([posted.status, posted.text.includes('error=invalid_request&error_description=must%20use%20HTTP%20GET')]).toEqual([400, true])
    const token = await askToAuthorize(fake, { query: { response_type: 'token' } })
    expect([token.status, token.text.includes('error=unsupported_response_type')]).toEqual([400, true])
  })

  it('knows an app only on the hosts of its family', async () => {
    const text = 'error=invalid_client_id&error_description=client%20identifier%20invalid'
    for (const flow of [{ at: 'login' }, { query: { client_id: 'nonsense' } }, { at: 'test', app: 'hawser_acme' }] satisfies Flow[]) {
      const answer = await askToAuthorize(fake, flow)
      expect([answer.status, answer.text.includes(text), answer.headers.location]).toEqual([400, true, undefined])
    }
    expect((await askToAuthorize(fake, { at: 'test' })).status).toBe(302)
  })

  it('never redirects to an address that is not configured', async () => {
    const missing = await askToAuthorize(fake, { query: { redirect_uri: null } })
    expect(missing.text).toContain('error=redirect_uri_missing')
    const foreign = await askToAuthorize(fake, { query: { redirect_uri: `${CALLBACK}/` } })
    expect([foreign.status, foreign.headers.location]).toEqual([400, undefined])
    expect(foreign.text).toContain('error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration')
  })

  it('checks in the order of Salesforce: client before redirect before PKCE before scope', async () => {
    const wrong = { client_id: 'x', redirect_uri: 'https://evil.example', code_challenge: null, scope: 'wave_api' }
    expect((await askToAuthorize(fake, { query: wrong })).text).toContain('invalid_client_id')
    const { client_id: _known, ...later } = wrong
    expect((await askToAuthorize(fake, { query: later })).text).toContain('redirect_uri_mismatch')
    expect(callbackOf(await askToAuthorize(fake, { query: { ...later, redirect_uri: CALLBACK } }))['error']).toBe('invalid_request')
    expect(callbackOf(await askToAuthorize(fake, { query: { scope: 'wave_api' } }))['error']).toBe('invalid_scope')
  })

  it('refuses the generic host when My Domain forbids it', async () => {
    fake.set('orgs.acme-uat.preventGenericLogin', true)
    const answer = await askToAuthorize(fake, { at: 'test' })
    expect([answer.headers.location, answer.text.includes('Restricted Domain')]).toEqual([undefined, true])
    expect((await askToAuthorize(fake)).status).toBe(302)
  })

  it('does not know a production user at the test host', async () => {
    fake.consent({ decision: 'allow', user: 'ann@acme.example' })
    const answer = await askToAuthorize(fake, { at: 'test' })
    expect([answer.status, answer.headers.location]).toEqual([200, undefined])
    expect(answer.text).toContain('Please check your username and password')
  })
})

describe('errors on the page that never reach the callback', () => {
  it('cross-org: a browser session in another org, which prompt=login overcomes', async () => {
    fake.consent({ decision: 'allow', org: 'globex-uat' })
    const blocked = await askToAuthorize(fake)
    expect(blocked.headers.location).toContain(
      'error=OAUTH_AUTHORIZATION_BLOCKED&error_description=Cross-org+OAuth+flows+are+not+supported+for+this+external+client+app',
    )
    expect(await screenAfter(blocked)).toContain('OAUTH_AUTHORIZATION_BLOCKED')
    expect(callbackOf(await askToAuthorize(fake, { query: { prompt: 'login' } }))).toHaveProperty('code')
  })

  it('a packaged app that is not installed', async () => {
    fake.set('apps.hawser_acme_uat.distribution', 'Packaged')
    expect(await screenAfter(await askToAuthorize(fake))).toContain('OAUTH_EC_APP_NOT_FOUND')
    fake.set('apps.hawser_acme_uat.installedIn', ['acme-uat'])
    expect((await askToAuthorize(fake)).headers.location).toContain('code=')
  })

  it('an uninstalled connected app, unless the user may approve those', async () => {
    fake.addApp({ type: 'ca', orgKey: 'acme', developerName: 'vendor_ca', callbackUrls: [CALLBACK] })
    const answer = await askToAuthorize(fake, { app: 'vendor_ca' })
    expect(answer.headers.location).toContain('error=invalid_client&error_description=app+must+be+installed+into+org')
    expect(await screenAfter(answer)).toContain('OAUTH_APPROVAL_ERROR_GENERIC')
    fake.set('/users/ann@acme.example.uat/approveUninstalled', true)
    expect((await askToAuthorize(fake, { app: 'vendor_ca' })).headers.location).toContain('code=')
  })

  it('an app for admin-approved users, and a blocked one', async () => {
    fake.set('apps.hawser_acme_uat.policy.permittedUsers', 'AdminApprovedPreAuthorized')
    expect(await screenAfter(await askToAuthorize(fake))).toContain('OAUTH_APP_ACCESS_DENIED')
    fake.set('apps.hawser_acme_uat.policy.preauthorized', ['ann@acme.example.uat'])
    expect((await askToAuthorize(fake)).headers.location).toContain('code=')
    fake.set('apps.hawser_acme_uat.blocked', true)
    expect(await screenAfter(await askToAuthorize(fake))).toContain('OAUTH_APP_BLOCKED')
  })

  it('escapes what the error page shows', async () => {
    const page = await send(
      fake,
      `${fake.url('org:acme-uat')}/setup/secur/RemoteAccessErrorPage.apexp?error=%3Cb%3E&error_description=%3Ci%3E`,
    )
    expect(page.text).toContain('&lt;b&gt;')
    expect(page.text).not.toContain('<i>')
  })
})

describe('what goes to the callback', () => {
  it('a code and the state', async () => {
    const answer = await askToAuthorize(fake, { query: { state: 'a b&c=d' } })
    expect(answer.headers.location).toMatch(/\?code=aPrx[\w-]{66}%3D%3D&state=a%20b%26c%3Dd$/)
    expect(callbackOf(answer)['state']).toBe('a b&c=d')
  })

  it('a missing challenge when PKCE is required, in the exact words', async () => {
    const answer = await askToAuthorize(fake, { query: { code_challenge: null } })
    expect(answer.headers.location).toBe(
      `${CALLBACK}?error=invalid_request&error_description=missing%20required%20code%20challenge&state=st`,
    )
    fake.set('apps.hawser_acme_uat.flags.pkceRequired', false)
    expect(callbackOf(await askToAuthorize(fake, { query: { code_challenge: null } }))).toHaveProperty('code')
  })

  it('only S256, which is also meant when no method is named', async () => {
    const plain = await askToAuthorize(fake, { query: { code_challenge_method: 'plain' } })
    expect(callbackOf(plain)['error']).toBe('invalid_request')
    const { code } = callbackOf(await askToAuthorize(fake, { query: { code_challenge_method: null } }))
    expect((await exchange(fake, code ?? '')).status).toBe(200)
  })

  it('a denial, with the state', async () => {
    fake.consent({ decision: 'deny' })
    const fields = callbackOf(await askToAuthorize(fake))
    expect(fields).toEqual({ error: 'access_denied', error_description: 'end-user denied authorization', state: 'st' })
  })

  it('an inactive user, a locked org, a forbidden address', async () => {
    fake.set('/users/ann@acme.example.uat/active', false)
    expect(callbackOf(await askToAuthorize(fake))['error']).toBe('inactive_user')
    fake.set('/users/ann@acme.example.uat/active', true)
    fake.set('/users/ann@acme.example.uat/loginIpRanges', [{ start: '192.0.2.1', end: '192.0.2.9' }])
    expect(callbackOf(await askToAuthorize(fake))['error']).toBe('invalid_grant')
    const inside = { headers: { 'x-fake-client-address': '192.0.2.5' } }
    expect(callbackOf(await askToAuthorize(fake, inside))).toHaveProperty('code')
    fake.set('apps.hawser_acme_uat.policy.ipRelaxation', 'Bypass')
    expect(callbackOf(await askToAuthorize(fake))).toHaveProperty('code')
    fake.set('orgs.acme-uat.locked', true)
    expect(callbackOf(await askToAuthorize(fake))['error']).toBe('inactive_org')
  })
})

describe('the consent page', () => {
  const open = (flow: Flow = {}): Promise<Answer> => askToAuthorize(fake, flow)

  beforeEach(() => fake.consent({ decision: 'ask' }))

  function ticketOf(answer: Answer): string {
    return /name="ticket" value="([\w-]+)"/.exec(answer.text)?.[1] ?? ''
  }

  function press(ticket: string, decision: string, more: Record<string, string> = {}): Promise<Answer> {
    const url = `${fake.url('org:acme-uat')}/setup/secur/RemoteAccessAuthorizationPage.apexp`
    return send(fake, url, { form: { ticket, decision, ...more } })
  }

  it('says that it is no Salesforce, and lets its form go to the callback only', async () => {
    const answer = await open()
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('This is a fake for tests, not Salesforce')
    expect(answer.text).not.toContain('type="password"')
    expect(answer.headers['content-security-policy']).toContain("form-action 'self' http://localhost:3003")
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  })

  it('leads to a code or to a denial, once', async () => {
    const ticket = ticketOf(await open())
    expect((await press(ticket, 'nonsense')).status).toBe(400)
    expect(callbackOf(await press(ticket, 'allow'))).toHaveProperty('code')
    expect((await press(ticket, 'allow')).status).toBe(400)
    expect(callbackOf(await press(ticketOf(await open()), 'deny'))['error']).toBe('access_denied')
  })

  it('expires, and takes only the users it offered', async () => {
    fake.addUser({ orgKey: 'acme-uat', username: 'bob@acme.example.uat' })
    const answer = await open()
    expect(answer.text).toContain('<option>bob@acme.example.uat</option>')
    const ticket = ticketOf(answer)
    expect((await press(ticket, 'allow', { user: 'gus@globex.example.uat' })).status).toBe(400)
    const { code } = callbackOf(await press(ticket, 'allow', { user: 'bob@acme.example.uat' }))
    const tokens = (await exchange(fake, code ?? '')).json
    const me = await send(fake, `${tokens.instance_url}/services/oauth2/userinfo`, { bearer: tokens.access_token })
    expect(me.json.preferred_username).toBe('bob@acme.example.uat')
    const late = ticketOf(await open())
    fake.advance(16 * 60_000)
    expect((await press(late, 'allow')).status).toBe(400)
  })

  it('is skipped after an approval unless prompt=consent, and impossible with immediate', async () => {
    expect(callbackOf(await open({ query: { immediate: 'true' } }))['error']).toBe('immediate_unsuccessful')
    const { code } = callbackOf(await press(ticketOf(await open()), 'allow'))
    await exchange(fake, code ?? '')
    expect((await open()).status).toBe(302)
    expect((await open({ query: { prompt: 'consent' } })).status).toBe(200)
  })
})

describe('whom the fake browser logs in', () => {
  it('takes the login hint, and the user that the test names', async () => {
    fake.addUser({ orgKey: 'acme-uat', username: 'bob@acme.example.uat' })
    const hinted = await connect(fake, { query: { login_hint: 'bob@acme.example.uat' } })
    fake.consent({ decision: 'allow', user: 'ann@acme.example.uat' })
    const named = await connect(fake, { query: { login_hint: 'bob@acme.example.uat' } })
    expect(hinted['id']).not.toBe(named['id'])
  })
})

describe('a new app', () => {
  it('is unknown until it has propagated', async () => {
    fake.set('knobs.propagationDelayMs', 600_000)
    fake.addApp({ orgKey: 'acme-uat', developerName: 'fresh', callbackUrls: [CALLBACK] })
    expect((await askToAuthorize(fake, { app: 'fresh' })).text).toContain('invalid_client_id')
    expect((await refresh(fake, 'x', { app: 'fresh' })).json.error).toBe('invalid_client_id')
    fake.advance(600_000)
    expect(callbackOf(await askToAuthorize(fake, { app: 'fresh' }))).toHaveProperty('code')
  })

  it('has a key and a secret in the known shapes', () => {
    const { key, secret } = appOf(fake, 'hawser_acme_uat')
    expect(key).toMatch(/^3MVG9[\w.]{80}$/)
    expect(secret).toMatch(/^[0-9A-F]{64}$/)
  })
})
