import { createHmac, generateKeyPairSync, sign, verify, createPublicKey } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import {
  appOf,
  askForToken,
  askToAuthorize,
  callbackOf,
  connect,
  data,
  exchange,
  refresh,
  send,
  VERIFIER,
  STOPPED_CLOCK,
} from '../testing/browser.ts'

const DAY = 86_400_000
let fake: FakeSalesforce

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
})

afterEach(() => fake.close())

const tokenUrl = (): string => `${fake.url('org:acme-uat')}/services/oauth2/token`

async function code(): Promise<string> {
  return callbackOf(await askToAuthorize(fake))['code'] ?? ''
}

describe('every grant', () => {
  it('refuses unknown grant types, other methods, the password grant', async () => {
    const unknown = await send(fake, tokenUrl(), { form: { grant_type: 'toString' } })
    expect([unknown.status, unknown.json]).toEqual([
      400,
      { error: 'unsupported_grant_type', error_description: 'grant type not supported' },
    ])
    expect((await send(fake, tokenUrl(), { form: { grant_type: 'password' } })).json.error).toBe('unsupported_grant_type')
    expect((await send(fake, tokenUrl())).json).toEqual({ error: 'invalid_request', error_description: 'must use HTTP POST' })
  })

  it('never lets answers be stored', async () => {
    const good = await exchange(fake, await code())
    expect(good.headers['cache-control']).toBe('no-store')
    expect(good.headers['content-type']).toBe('application/json;charset=UTF-8')
    expect((await send(fake, tokenUrl(), { form: {} })).headers['cache-control']).toBe('no-store')
  })

  it('wants the right client: unknown key, wrong secret, missing secret', async () => {
    const unknown = await refresh(fake, 'x', { form: { client_id: 'nobody' } })
    expect(unknown.json).toEqual({ error: 'invalid_client_id', error_description: 'client identifier invalid' })
    const wrong = await refresh(fake, 'x', { form: { client_secret: 'nope' } })
    expect([wrong.status, wrong.json]).toEqual([400, { error: 'invalid_client', error_description: 'invalid client credentials' }])
    expect((await refresh(fake, 'x', { form: { client_secret: null } })).json.error).toBe('invalid_client')
  })

  it('lets secrets be left out where the app says so, but never be wrong', async () => {
    fake.set('apps.hawser_acme_uat.flags.secretRequiredWeb', false)
    fake.set('apps.hawser_acme_uat.flags.secretRequiredRefresh', false)
    expect((await exchange(fake, await code(), { form: { client_secret: 'nope' } })).json.error).toBe('invalid_client')
    const tokens = await connect(fake, { form: { client_secret: null } })
    expect((await refresh(fake, tokens['refresh_token'] ?? '', { form: { client_secret: null } })).status).toBe(200)
  })

  it('takes client credentials by HTTP Basic', async () => {
    const { key, secret } = appOf(fake, 'hawser_acme_uat')
    const headers = { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}` }
    expect((await exchange(fake, await code(), { headers, form: { client_id: null, client_secret: null } })).status).toBe(200)
  })

  it('answers as XML or urlencoded when asked', async () => {
    const xml = await exchange(fake, await code(), { form: { format: 'xml' } })
    expect(xml.text).toMatch(/^<\?xml.*<OAuth><access_token>00D/)
    const form = await exchange(fake, await code(), { headers: { accept: 'application/x-www-form-urlencoded' } })
    expect(new URLSearchParams(form.text).get('token_type')).toBe('Bearer')
    expect((await exchange(fake, 'x', { form: { format: 'xml' } })).text).toContain('<error>invalid_grant</error>')
  })
})

describe('the success body', () => {
  it('has the known fields, no expires_in, and a true signature', async () => {
    const tokens = await connect(fake)
    expect(Object.keys(tokens).toSorted()).toEqual(
      ['access_token', 'id', 'id_token', 'instance_url', 'issued_at', 'refresh_token', 'scope', 'signature', 'token_type'].toSorted(),
    )
    const org = fake.state.orgs.get('acme-uat')
    expect(tokens['access_token']).toMatch(/^00D\w{12}![.\w]+$/)
    expect(tokens['access_token']?.slice(0, 15)).toBe(org?.orgId.slice(0, 15))
    expect(tokens['refresh_token']).toMatch(/^5Aep861[.\w]+$/)
    expect(tokens['issued_at']).toMatch(/^\d{13}$/)
    expect(tokens['instance_url']).toBe('https://acme--uat.sandbox.my.salesforce.com')
    const { secret } = appOf(fake, 'hawser_acme_uat')
    const expected = createHmac('sha256', secret).update(`${tokens['id']}${tokens['issued_at']}`).digest('base64')
    expect(tokens['signature']).toBe(expected)
  })

  it('has an id_token that the published key verifies', async () => {
    const tokens = await connect(fake, { query: { scope: 'openid api', nonce: 'n1' } })
    const [head = '', body = '', signature = ''] = (tokens['id_token'] ?? '').split('.')
    const keys = (await send(fake, `${fake.url('org:acme-uat')}/id/keys`)).json.keys
    const key = createPublicKey({ key: keys[0], format: 'jwk' })
    expect(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    expect(claims).toMatchObject({ nonce: 'n1', aud: appOf(fake, 'hawser_acme_uat').key, sub: tokens['id'] })
  })

  it('has a refresh token only when the scope asks and the policy allows', async () => {
    expect(await connect(fake, { query: { scope: 'api' } })).not.toHaveProperty('refresh_token')
    expect(await connect(fake, { query: { scope: 'api offline_access' } })).toHaveProperty('refresh_token')
    fake.set('apps.hawser_acme_uat.policy.rtPolicy', 'Zero')
    expect(await connect(fake)).not.toHaveProperty('refresh_token')
  })

  it('carries a forged instance_url when a test wants one', async () => {
    fake.set('orgs.acme-uat.instanceUrlOverride', 'https://evil.example')
    expect((await connect(fake))['instance_url']).toBe('https://evil.example')
  })

  it('follows the org to another host at the next refresh', async () => {
    const tokens = await connect(fake)
    fake.set('orgs.acme-uat.myDomainHost', 'acme2--uat.sandbox.my.salesforce.com')
    const again = await refresh(fake, tokens['refresh_token'] ?? '')
    expect(again.json.instance_url).toBe('https://acme2--uat.sandbox.my.salesforce.com')
  })
})

describe('authorization_code', () => {
  const refused = async (flow: Parameters<typeof exchange>[2], value?: string): Promise<string> => {
    const answer = await exchange(fake, value ?? (await code()), flow)
    expect(answer.status).toBe(400)
    return answer.json.error_description
  }

  it('works once, and for 15 minutes', async () => {
    const used = await code()
    expect((await exchange(fake, used)).status).toBe(200)
    expect(await refused({}, used)).toBe('expired authorization code')
    const late = await code()
    fake.advance(15 * 60_000 + 1)
    expect(await refused({}, late)).toBe('expired authorization code')
    expect(await refused({}, 'aPrxnonsense==')).toBe('invalid authorization code')
  })

  it('belongs to its app and to the family of its host', async () => {
    fake.addApp({ orgKey: 'acme-uat', developerName: 'other' })
    expect(await refused({ app: 'other' })).toBe('invalid authorization code')
    expect((await exchange(fake, await code(), { at: 'test' })).status).toBe(200)
    expect(await refused({ at: 'org:globex-uat' })).toBe('invalid authorization code')
    fake.set('orgs.acme-uat.preventGenericLogin', true)
    expect(await refused({ at: 'test' })).toBe('invalid authorization code')
  })

  it('wants the same redirect_uri', async () => {
    const answer = await exchange(fake, await code(), { form: { redirect_uri: 'http://localhost:3003/other' } })
    expect(answer.json.error).toBe('redirect_uri_mismatch')
  })

  it('wants the verifier, and refuses a tilde', async () => {
    expect(await refused({ form: { code_verifier: null } })).toBe('invalid code verifier')
    expect(await refused({ form: { code_verifier: 'wrong' } })).toBe('invalid code verifier')
    expect(await refused({ form: { code_verifier: `${VERIFIER}~` } })).toBe('invalid code verifier')
    fake.set('apps.hawser_acme_uat.flags.pkceRequired', false)
    const bare = callbackOf(await askToAuthorize(fake, { query: { code_challenge: null } }))['code'] ?? ''
    expect(await refused({}, bare)).toBe('unexpected code verifier')
  })

  it('refuses inactive users and foreign addresses', async () => {
    const first = await code()
    fake.set('apps.hawser_acme_uat.tokenIpRanges', [{ start: '192.0.2.1', end: '192.0.2.9' }])
    expect(await refused({}, first)).toBe('ip restricted')
    expect((await exchange(fake, first, { headers: { 'x-fake-client-address': '192.0.2.9' } })).status).toBe(200)
    const second = await code()
    fake.set('/users/ann@acme.example.uat/active', false)
    expect(await refused({}, second)).toBe('inactive user')
  })
})

describe('refresh_token', () => {
  const description = async (token: string, flow: Parameters<typeof refresh>[2] = {}): Promise<string> =>
    (await refresh(fake, token, flow)).json.error_description

  it('gives a new session and no new refresh token', async () => {
    const tokens = await connect(fake)
    const again = await refresh(fake, tokens['refresh_token'] ?? '', { form: { code_verifier: VERIFIER } })
    expect(again.status).toBe(200)
    expect(again.json).not.toHaveProperty('refresh_token')
    expect(again.json.access_token).not.toBe(tokens['access_token'])
    expect((await data(fake, tokens, '/limits')).status).toBe(200)
  })

  it('is refused at a foreign host, for a foreign app, when revoked', async () => {
    const token = (await connect(fake))['refresh_token'] ?? ''
    expect((await refresh(fake, token, { at: 'test' })).status).toBe(200)
    expect((await refresh(fake, token, { at: 'login' })).json.error).toBe('invalid_client_id')
    expect(await description(token, { at: 'org:globex-uat' })).toBe('expired access/refresh token')
    fake.addApp({ orgKey: 'acme-uat', developerName: 'other' })
    expect(await description(token, { app: 'other' })).toBe('expired access/refresh token')
    expect(fake.revokeUser('ann@acme.example.uat')).toBe(1)
    expect(await description(token)).toBe('expired access/refresh token')
  })

  it('ends with its lifetime, however often it is used', async () => {
    fake.set('apps.hawser_acme_uat.policy.rtPolicy', 'SpecificLifetime')
    fake.set('apps.hawser_acme_uat.policy.rtPeriod', 10)
    const token = (await connect(fake))['refresh_token'] ?? ''
    fake.advance(6 * DAY)
    expect((await refresh(fake, token)).status).toBe(200)
    fake.advance(5 * DAY)
    expect(await description(token)).toBe('token validity expired')
  })

  it('ends when idle: by its own policy, or by the 30-day rule', async () => {
    fake.set('apps.hawser_acme_uat.policy.rtPolicy', 'SpecificInactivity')
    fake.set('apps.hawser_acme_uat.policy.rtPeriod', 10)
    const token = (await connect(fake))['refresh_token'] ?? ''
    fake.advance(9 * DAY)
    expect((await refresh(fake, token)).status).toBe(200)
    fake.advance(9 * DAY)
    expect((await refresh(fake, token)).status).toBe(200)
    fake.advance(11 * DAY)
    expect(await description(token)).toBe('expired access/refresh token')
    fake.set('apps.hawser_acme_uat.policy.rtPolicy', 'Infinite')
    fake.advance(20 * DAY)
    expect((await refresh(fake, token)).status).toBe(200)
    fake.set('apps.hawser_acme_uat.flags.enforceTtl30d', true)
    fake.advance(31 * DAY)
    expect(await description(token)).toBe('expired access/refresh token')
  })

  it('refuses inactive users, locked orgs, foreign addresses, withdrawn approval', async () => {
    const token = (await connect(fake))['refresh_token'] ?? ''
    fake.set('/users/ann@acme.example.uat/active', false)
    expect(await description(token)).toBe('inactive user')
    fake.set('/users/ann@acme.example.uat/active', true)
    fake.set('orgs.acme-uat.locked', true)
    expect((await refresh(fake, token)).json.error).toBe('inactive_org')
    fake.set('orgs.acme-uat.locked', false)
    fake.set('/users/ann@acme.example.uat/loginIpRanges', [{ start: '192.0.2.1', end: '192.0.2.9' }])
    expect(await description(token)).toBe('ip restricted')
    fake.set('orgs.acme-uat.trustedIps', [{ start: '203.0.113.0', end: '203.0.113.255' }])
    expect((await refresh(fake, token)).status).toBe(200)
    fake.set('apps.hawser_acme_uat.tokenIpRanges', [{ start: '192.0.2.1', end: '192.0.2.9' }])
    expect(await description(token)).toBe('ip restricted')
    fake.set('apps.hawser_acme_uat.policy.permittedUsers', 'AdminApprovedPreAuthorized')
    expect((await refresh(fake, token)).json.error).toBe('invalid_app_access')
  })

  it('is pushed out by the sixth approval', async () => {
    const all = []
    for (let i = 0; i < 6; i++) all.push(await connect(fake))
    const works = []
    for (const tokens of all) works.push((await refresh(fake, tokens['refresh_token'] ?? '')).status)
    expect(works).toEqual([400, 200, 200, 200, 200, 200])
    expect((await data(fake, all[0] ?? {}, '/limits')).status).toBe(401)
    expect((await data(fake, all[1] ?? {}, '/limits')).status).toBe(200)
  })
})

describe('rotation', () => {
  beforeEach(() => fake.set('apps.hawser_acme_uat.flags.rotation', true))

  it('gives a new refresh token each time', async () => {
    const first = await connect(fake)
    const second = (await refresh(fake, first['refresh_token'] ?? '')).json
    const third = (await refresh(fake, second.refresh_token)).json
    expect(new Set([first['refresh_token'], second.refresh_token, third.refresh_token]).size).toBe(3)
  })

  it('kills the family and its sessions when an old one is used', async () => {
    const first = await connect(fake)
    const second = (await refresh(fake, first['refresh_token'] ?? '')).json
    expect((await refresh(fake, first['refresh_token'] ?? '')).json.error_description).toBe('expired access/refresh token')
    expect((await refresh(fake, second.refresh_token)).json.error_description).toBe('expired access/refresh token')
    expect((await data(fake, second, '/limits')).status).toBe(401)
    expect((await data(fake, first, '/limits')).status).toBe(401)
  })

  it('forgives when reuseKillsFamily is off', async () => {
    fake.set('apps.hawser_acme_uat.flags.reuseKillsFamily', false)
    const first = await connect(fake)
    const second = (await refresh(fake, first['refresh_token'] ?? '')).json
    expect((await refresh(fake, first['refresh_token'] ?? '')).status).toBe(400)
    expect((await refresh(fake, second.refresh_token)).status).toBe(200)
  })

  it('loses the answer but rotates, when the connection is cut', async () => {
    const first = await connect(fake)
    fake.set('knobs.dropAfterSend', 1)
    await expect(refresh(fake, first['refresh_token'] ?? '')).rejects.toThrow(/socket hang up|ECONNRESET/)
    expect(fake.log.entries.at(-1)).toMatchObject({ endpoint: 'token:refresh_token', status: 0 })
    expect((await refresh(fake, first['refresh_token'] ?? '')).json.error_description).toBe('expired access/refresh token')
  })
})

describe('client_credentials', () => {
  const ask = (at: 'org:acme-uat' | 'test' = 'org:acme-uat') => askForToken(fake, { at }, { grant_type: 'client_credentials' })

  it('works on My Domain only, with a run-as user, without a refresh token', async () => {
    expect((await ask('test')).json.error_description).toBe('request not supported on this domain')
    expect((await ask()).json.error).toBe('invalid_grant')
    fake.set('apps.hawser_acme_uat.flags.clientCredentials', true)
    expect((await ask()).json.error_description).toBe('no client credentials user enabled')
    fake.set('apps.hawser_acme_uat.policy.runAs', 'ann@acme.example.uat')
    const { json } = await ask()
    expect(json).not.toHaveProperty('refresh_token')
    expect((await data(fake, json, '/limits')).status).toBe(200)
    fake.set('apps.hawser_acme_uat.scopes', ['refresh_token'])
    expect((await ask()).json.error_description).toBe('no valid scopes defined')
  })
})

describe('jwt-bearer', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  function assertion(changes: Record<string, unknown> = {}): string {
    const claims = {
      iss: appOf(fake, 'hawser_acme_uat').key,
      sub: 'ann@acme.example.uat',
      aud: 'https://test.salesforce.com',
      exp: Math.floor(fake.state.clock.now() / 1000) + 120,
      ...changes,
    }
    const signed = [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
  }

  const ask = (text: string) =>
    send(fake, tokenUrl(), { form: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text } })

  beforeEach(() => fake.set('apps.hawser_acme_uat.certificatePem', publicKey.export({ type: 'spki', format: 'pem' })))

  it('wants an earlier approval or a preauthorized user', async () => {
    expect((await ask(assertion())).json.error_description).toBe("user hasn't approved this consumer")
    fake.set('apps.hawser_acme_uat.policy.permittedUsers', 'AdminApprovedPreAuthorized')
    fake.set('apps.hawser_acme_uat.policy.preauthorized', ['ann@acme.example.uat'])
    const { status, json } = await ask(assertion())
    expect(status).toBe(200)
    expect(json).not.toHaveProperty('refresh_token')
  })

  it('refuses bad assertions and audiences', async () => {
    const inSeconds = (seconds: number) => ({ exp: Math.floor(fake.state.clock.now() / 1000) + seconds })
    for (const bad of ['x', 'a.b.c', `${assertion()}AA`, assertion(inSeconds(-1)), assertion(inSeconds(3600))]) {
      expect((await ask(bad)).json.error_description).toBe('invalid assertion')
    }
    expect((await ask(assertion({ aud: 'https://evil.example' }))).json.error_description).toBe('audience is invalid')
    expect((await ask(assertion({ sub: 'gus@globex.example.uat' }))).json.error_description).toBe("user hasn't approved this consumer")
  })
})

describe('two sets of credentials', () => {
  it('both work while one is staged, and for 30 days after the rotation', async () => {
    const old = appOf(fake, 'hawser_acme_uat')
    const staged = fake.stageConsumer('hawser_acme_uat')
    const tokens = await connect(fake)
    const withStaged = { form: { client_id: staged.key, client_secret: staged.secret } }
    expect((await refresh(fake, tokens['refresh_token'] ?? '', withStaged)).status).toBe(200)
    fake.promoteConsumer('hawser_acme_uat')
    const withOld = { form: { client_id: old.key, client_secret: old.secret } }
    expect(appOf(fake, 'hawser_acme_uat').key).toBe(staged.key)
    fake.advance(30 * 86_400_000 - 1)
    expect((await refresh(fake, tokens['refresh_token'] ?? '', withOld)).status).toBe(200)
    fake.advance(1)
    expect((await refresh(fake, tokens['refresh_token'] ?? '', withOld)).json.error).toBe('invalid_client_id')
    expect((await refresh(fake, tokens['refresh_token'] ?? '', withStaged)).status).toBe(200)
  })

  it('a changed secret is refused in its old form', async () => {
    const { secret } = appOf(fake, 'hawser_acme_uat')
    const tokens = await connect(fake)
    const fresh = fake.rotateSecret('hawser_acme_uat')
    expect((await refresh(fake, tokens['refresh_token'] ?? '', { form: { client_secret: secret } })).json.error).toBe('invalid_client')
    expect((await refresh(fake, tokens['refresh_token'] ?? '', { form: { client_secret: fresh } })).status).toBe(200)
  })
})
