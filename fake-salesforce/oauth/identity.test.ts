import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { appOf, connect, data, refresh, send, STOPPED_CLOCK } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>
const at = (path: string): string => `${fake.url('org:acme-uat')}${path}`

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

describe('userinfo and identity', () => {
  it('say who it is', async () => {
    const user = fake.state.users.get('ann@acme.example.uat')
    const info = await send(fake, at('/services/oauth2/userinfo'), { bearer: tokens['access_token'] ?? '' })
    expect(info.json).toMatchObject({
      user_id: user?.id,
      organization_id: fake.state.orgs.get('acme-uat')?.orgId,
      preferred_username: 'ann@acme.example.uat',
      sub: tokens['id'],
    })
    expect(info.json.urls.rest).toBe('https://acme--uat.sandbox.my.salesforce.com/services/data/v{version}/')
    const identity = await send(fake, tokens['id'] ?? '', { bearer: tokens['access_token'] ?? '' })
    expect(identity.json).toMatchObject({ id: tokens['id'], user_id: user?.id, username: 'ann@acme.example.uat', asserted_user: true })
    const generic = (tokens['id'] ?? '').replace('acme--uat.sandbox.my', 'test')
    expect((await send(fake, generic, { bearer: tokens['access_token'] ?? '' })).status).toBe(200)
  })

  it('answer a bad token with 403 and plain text, not with 401 and JSON', async () => {
    for (const url of [at('/services/oauth2/userinfo'), tokens['id'] ?? '']) {
      const answer = await send(fake, url, { bearer: '00Dnothing!here' })
      expect([answer.status, answer.text]).toEqual([403, 'Bad_OAuth_Token'])
      expect(answer.headers['content-type']).toContain('text/html')
    }
    expect((await send(fake, at('/services/oauth2/userinfo'))).text).toBe('Missing_OAuth_Token')
    const abroad = await send(fake, `${fake.url('org:globex-uat')}/services/oauth2/userinfo`, { bearer: tokens['access_token'] ?? '' })
    expect(abroad.text).toBe('Bad_OAuth_Token')
  })

  it('refuse another org or user', async () => {
    const bearer = tokens['access_token'] ?? ''
    const other = fake.state.orgs.get('globex-uat')?.orgId ?? ''
    const user = fake.state.users.get('ann@acme.example.uat')?.id ?? ''
    const stranger = fake.state.users.get('gus@globex.example.uat')?.id ?? ''
    const own = fake.state.orgs.get('acme-uat')?.orgId ?? ''
    expect((await send(fake, at(`/id/${other}/${user}`), { bearer })).text).toBe('Wrong_Org')
    expect((await send(fake, at(`/id/${own}/${stranger}`), { bearer })).status).toBe(404)
    expect((await send(fake, at('/id/x/y'), { bearer })).text).toBe('Bad_Id')
  })
})

describe('introspection', () => {
  const introspect = async (token: string, app = 'hawser_acme_uat') => {
    const { key, secret } = appOf(fake, app)
    return send(fake, at('/services/oauth2/introspect'), { form: { token, client_id: key, client_secret: secret } })
  }

  it('tells of own tokens in seconds', async () => {
    const { json } = await introspect(tokens['access_token'] ?? '')
    expect(json).toMatchObject({ active: true, token_type: 'access_token', username: 'ann@acme.example.uat', scope: tokens['scope'] })
    expect(json.exp - json.iat).toBe(7200)
    expect(json.iat).toBe(Math.floor(Number(tokens['issued_at']) / 1000))
    expect((await introspect(tokens['refresh_token'] ?? '')).json).toMatchObject({ active: true, token_type: 'refresh_token' })
  })

  it('calls everything else inactive', async () => {
    expect((await introspect('nonsense')).json).toEqual({ active: false })
    fake.addApp({ orgKey: 'acme-uat', developerName: 'other' })
    expect((await introspect(tokens['access_token'] ?? '', 'other')).json).toEqual({ active: false })
    fake.set('apps.other.flags.introspectAll', true)
    expect((await introspect(tokens['access_token'] ?? '', 'other')).json.active).toBe(true)
    fake.advance(121 * 60_000)
    expect((await introspect(tokens['access_token'] ?? '')).json).toEqual({ active: false })
  })

  it('wants the secret', async () => {
    const { key } = appOf(fake, 'hawser_acme_uat')
    const answer = await send(fake, at('/services/oauth2/introspect'), { form: { token: 'x', client_id: key } })
    expect(answer.json.error).toBe('invalid_client')
  })
})

describe('revocation', () => {
  const revoke = (token: string) => send(fake, at('/services/oauth2/revoke'), { form: { token } })

  it('of a session leaves the refresh token', async () => {
    const answer = await revoke(tokens['access_token'] ?? '')
    expect([answer.status, answer.text]).toEqual([200, ''])
    expect((await data(fake, tokens, '/limits')).status).toBe(401)
    expect((await refresh(fake, tokens['refresh_token'] ?? '')).status).toBe(200)
  })

  it('of a refresh token takes its sessions along; a second time it is invalid', async () => {
    const url = at(`/services/oauth2/revoke?token=${encodeURIComponent(tokens['refresh_token'] ?? '')}`)
    expect((await send(fake, url)).status).toBe(200)
    expect((await data(fake, tokens, '/limits')).status).toBe(401)
    const again = await revoke(tokens['refresh_token'] ?? '')
    expect([again.status, again.text]).toEqual([400, 'error=invalid_token&error_description=token+is+invalid'])
    expect(fake.log.entries.every((entry) => !entry.path.includes('5Aep861'))).toBe(true)
  })

  it('refuses unknown token types and foreign hosts', async () => {
    const typed = await send(fake, at('/services/oauth2/revoke'), { form: { token: 'x', token_type_hint: 'id_token' } })
    expect(typed.text).toContain('error=unsupported_token_type')
    const abroad = await send(fake, `${fake.url('org:globex-uat')}/services/oauth2/revoke`, {
      form: { token: tokens['access_token'] ?? '' },
    })
    expect(abroad.status).toBe(400)
  })
})

it('publishes a discovery document per host', async () => {
  const { json } = await send(fake, 'https://test.salesforce.com/.well-known/openid-configuration')
  expect(json.token_endpoint).toBe('https://test.salesforce.com/services/oauth2/token')
  expect(json).not.toHaveProperty('code_challenge_methods_supported')
})
