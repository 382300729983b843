import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIdentityProvider, type IdentityProvider } from './identity-provider-for-tests.ts'
import { ORIGIN, PASSWORD, startPeopleRig, type Browser, type Rig } from './people-rig.ts'

let rig: Rig
let provider: IdentityProvider
let owner: Browser

beforeAll(async () => {
  provider = await startIdentityProvider(`${ORIGIN}/accounts/sso/callback`)
  rig = await startPeopleRig({
    HAWSER_OIDC_ISSUER: provider.issuer,
    HAWSER_OIDC_CLIENT_ID: provider.clientId,
    HAWSER_OIDC_CLIENT_SECRET: provider.clientSecret,
    HAWSER_OIDC_DOMAINS: 'corp.example',
    HAWSER_TRUSTED_HOSTS: `localhost:${provider.port}`,
  })
  owner = await rig.owner()
})
afterAll(async () => {
  await rig?.close()
  await provider?.close()
})

const NAVIGATION = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'hawser-environment': undefined, origin: undefined }

/** As far as the identity provider's redirect back. */
async function begun(browser: Browser, query = ''): Promise<{ away: URL; back: string }> {
  const answer = await browser.get(`/accounts/sso${query}`, NAVIGATION)
  expect(answer.status).toBe(303)
  const away = new URL(String(answer.headers['location']))
  return { away, back: (await provider.signIn(away.href)).slice(ORIGIN.length) }
}

async function signIn(browser: Browser, person: IdentityProvider['person']): Promise<string> {
  provider.person = person
  const { back } = await begun(browser)
  const answer = await browser.get(back, NAVIGATION)
  expect(answer.status).toBe(303)
  return String(answer.headers['location']).slice(ORIGIN.length)
}

const refused = (reason: string) => `/dashboard/sign-in?sso=${reason}`
const at = (name: string, domain = 'elsewhere.example') => ({ sub: name, email: `${name}@${domain}`, email_verified: true, name })

describe('the single sign-on', () => {
  it('is offered, and asks for state, nonce and PKCE, none of which repeats', async () => {
    expect((await rig.browser().get('/accounts/ways')).body.data.sso).toEqual({ url: `${ORIGIN}/accounts/sso`, name: 'Single sign-on' })
    const [first, second] = [await rig.browser().get('/accounts/sso'), await rig.browser().get('/accounts/sso')]
    const [a, b] = [first, second].map(({ headers }) => new URL(String(headers['location'])).searchParams)
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(a!.get(name)!.length).toBeGreaterThanOrEqual(43)
      expect(a!.get(name)).not.toBe(b!.get(name))
    }
    expect(a!.get('code_challenge_method')).toBe('S256')
    expect(String(first.headers['set-cookie'])).toMatch(/^hawser_sso=[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
  })

  it('lets in who was invited, with the roles of the invitation, which is used up', async () => {
    await owner.post('/people/invitations', { email: 'ines@elsewhere.example', roles: [{ environment: 'dev', role: 'support' }] })
    const ines = rig.browser()
    expect(await signIn(ines, at('ines'))).toBe('/dashboard/')
    const me = (await ines.get('/people/me')).body.data
    expect(me).toMatchObject({ email: 'ines@elsewhere.example', name: 'ines', ways: ['sso'] })
    expect(me.environments).toMatchObject([{ name: 'dev', role: 'support' }])
    expect((await owner.get('/people/invitations')).body.data).toEqual([])
    expect(await signIn(rig.browser(), { ...at('ines'), email: 'renamed@elsewhere.example' })).toBe('/dashboard/')
  })

  it('lets in people of its domains, as viewers, and nobody else', async () => {
    const dan = rig.browser()
    expect(await signIn(dan, at('dan', 'corp.example'))).toBe('/dashboard/')
    expect((await dan.get('/people/me')).body.data.environments[0].role).toBe('viewer')
    const stranger = rig.browser()
    for (const domain of ['elsewhere.example', 'evil-corp.example', 'corp.example.evil.example', 'sub.corp.example'])
      expect(await signIn(stranger, at('stranger', domain))).toBe(refused('not_invited'))
    expect(stranger.cookies.has('hawser_session')).toBe(false)
  })

  it('believes no address that is not verified', async () => {
    const mallory = { sub: 'mallory', email: 'owner@example.com' }
    for (const person of [{ ...mallory, email_verified: false }, mallory])
      expect(await signIn(rig.browser(), person)).toBe(refused('unverified_email'))
    expect(await signIn(rig.browser(), { sub: 'nameless' })).toBe(refused('unverified_email'))
  })

  it('joins a person who is here by her verified address, and only one account there', async () => {
    const browser = rig.browser()
    expect(await signIn(browser, { sub: 'o-1', email: 'Owner@example.com', email_verified: true })).toBe('/dashboard/')
    expect((await browser.get('/people/me')).body.data).toMatchObject({ owner: true, ways: ['password', 'sso'] })
    expect(await signIn(rig.browser(), { sub: 'o-2', email: 'owner@example.com', email_verified: true })).toBe(refused('other_account'))
  })

  it('gives nobody a password who has none', async () => {
    const ines = rig.browser()
    await signIn(ines, at('ines'))
    expect((await ines.post('/accounts/confirm', { password: PASSWORD })).code).toBe('wrong_sign_in')
    expect((await rig.browser().post('/accounts/sign-in', { email: 'ines@elsewhere.example', password: PASSWORD })).code).toBe(
      'wrong_sign_in',
    )
  })

  it('9. takes a state once, in the browser that began, within ten minutes', async () => {
    provider.person = at('dan', 'corp.example')
    const browser = rig.browser()
    const { back } = await begun(browser)
    const other = rig.browser()
    expect((await other.get(back, NAVIGATION)).headers['location']).toBe(`${ORIGIN}${refused('expired')}`)
    const cookie = browser.cookies.get('hawser_sso')!
    expect((await browser.get(back, NAVIGATION)).headers['location']).toBe(`${ORIGIN}/dashboard/`)
    browser.cookies.set('hawser_sso', cookie)
    expect((await browser.get(back, NAVIGATION)).headers['location']).toBe(`${ORIGIN}${refused('expired')}`)
    const late = await begun(browser)
    rig.clock.advance(10 * 60_000 + 1000)
    expect((await browser.get(late.back, NAVIGATION)).headers['location']).toBe(`${ORIGIN}${refused('expired')}`)
    rig.clock.advance(-(10 * 60_000 + 1000))
  })

  it('11. a code of another sign-in is of no use: PKCE', async () => {
    provider.person = at('dan', 'corp.example')
    const [mine, stolen] = [rig.browser(), rig.browser()]
    const [first, second] = [await begun(mine), await begun(stolen)]
    const [own, foreign] = [first, second].map(({ back }) => new URL(back, ORIGIN))
    own!.searchParams.set('code', foreign!.searchParams.get('code')!)
    expect((await mine.get(own!.pathname + own!.search, NAVIGATION)).headers['location']).toBe(`${ORIGIN}${refused('refused')}`)
  })

  it('10. an answer in another issuer’s name, or in none, is refused', async () => {
    for (const iss of ['https://evil.example', undefined]) {
      const browser = rig.browser()
      const url = new URL((await begun(browser)).back, ORIGIN)
      if (iss === undefined) url.searchParams.delete('iss')
      else url.searchParams.set('iss', iss)
      expect((await browser.get(url.pathname + url.search, NAVIGATION)).headers['location']).toBe(`${ORIGIN}${refused('refused')}`)
    }
  })

  it('proves anew who one is, when it is asked to', async () => {
    provider.person = at('dan', 'corp.example')
    const browser = rig.browser()
    const { away, back } = await begun(browser, '?fresh=true')
    expect([away.searchParams.get('prompt'), away.searchParams.get('max_age')]).toEqual(['login', '0'])
    expect((await browser.get(back, NAVIGATION)).headers['location']).toBe(`${ORIGIN}/dashboard/`)
    expect(Date.parse((await browser.get('/people/me')).body.data.confirmed_until)).toBeGreaterThan(Date.now() + 14 * 60_000)
  })

  it('15. that needed no proof at the identity provider is none here', async () => {
    const browser = rig.browser()
    try {
      provider.signedInAgo = 3600
      expect(await signIn(browser, { sub: 'o-1', email: 'owner@example.com', email_verified: true })).toBe('/dashboard/')
    } finally {
      provider.signedInAgo = 0
    }
    const me = (await browser.get('/people/me')).body.data
    expect(me.owner).toBe(true)
    expect(Date.parse(me.confirmed_until)).toBeLessThan(Date.now())
    expect((await browser.post('/environments', { name: 'taken' })).code).toBe('confirm_identity')
    expect((await browser.get('/connections', { 'hawser-reveal': 'true' })).code).toBe('confirm_identity')
  })

  it('15. takes no address for another that only looks like it, and cuts none', async () => {
    // The Kelvin sign becomes a k in lower case.
    await rig.joined('kim@example.com', [{ environment: null, role: 'owner' }])
    expect(await signIn(rig.browser(), { sub: 'kelvin', email: '\u212Aim@example.com', email_verified: true })).toBe(
      refused('unverified_email'),
    )
    const long = `${'a'.repeat(254 - '@corp.example'.length)}@corp.example`
    expect(await signIn(rig.browser(), { sub: 'long', email: `${long}.evil.example`, email_verified: true })).toBe(
      refused('unverified_email'),
    )
  })

  it('15. knows people by their account at one issuer: the same name at another is somebody else', async () => {
    const other = await startIdentityProvider(`${ORIGIN}/accounts/sso/callback`)
    const moved = await startPeopleRig({
      HAWSER_OIDC_ISSUER: other.issuer,
      HAWSER_OIDC_CLIENT_ID: other.clientId,
      HAWSER_OIDC_CLIENT_SECRET: other.clientSecret,
      HAWSER_TRUSTED_HOSTS: `localhost:${other.port}`,
    })
    await moved.owner()
    const db = moved.store.db.kysely
    const inserted = () =>
      sql`
      insert into person_way (id, person_id, provider, subject) select gen_random_uuid(), id, 'sso', ${`${provider.issuer} 1001`} from person`.execute(
        db,
      )
    await inserted()
    const arrive = async (person: IdentityProvider['person']) => {
      other.person = person
      const browser = moved.browser()
      const away = await browser.get('/accounts/sso', NAVIGATION)
      const back = (await other.signIn(String(away.headers['location']))).slice(ORIGIN.length)
      return String((await browser.get(back, NAVIGATION)).headers['location']).slice(ORIGIN.length)
    }
    expect(await arrive({ sub: '1001', email: 'mallory@example.com', email_verified: true })).toBe(refused('not_invited'))
    // She herself comes in by her address, as when she first did, and is known there from now on.
    expect(await arrive({ sub: '2002', email: 'owner@example.com', email_verified: true })).toBe('/dashboard/')
    expect(await arrive({ sub: '2002', email: 'renamed@example.com', email_verified: true })).toBe('/dashboard/')
    expect(await arrive({ sub: '3003', email: 'owner@example.com', email_verified: true })).toBe(refused('other_account'))
    await moved.close()
    await other.close()
  })

  it('34. leaves a trace, and no code or token in the log', async () => {
    expect(rig.entries).toContainEqual(expect.objectContaining({ action: 'person.signed_in', subject: { way: 'sso' } }))
    expect(rig.entries).toContainEqual(
      expect.objectContaining({ action: 'person.sign_in_failed', subject: { way: 'sso', reason: 'not_invited' } }),
    )
    expect(rig.logged()).toContain('a single sign-on')
    expect(rig.logged()).not.toMatch(/code=|id_token|eyJ/)
    expect(rig.logged()).not.toContain(provider.clientSecret)
  })
})
