/** RFC 9700 (Best Current Practice for OAuth 2.0 Security), item by item; the table in SECURITY.md names the tests. */
import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { API_KEY, createWorld, type World } from '../../server/connect/world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.saved.length = 0
  world.fake.log.clear()
})
afterEach(() => {
  world.db.setClockOffset(0)
  world.fake.consent({ decision: 'allow' })
})

type Browser = ReturnType<World['newBrowser']>

/** Begins in this browser and consents; the callback's URL, which nobody has opened yet. */
async function upToCallback(browser: Browser, { key = 'sf', token }: { key?: string; token: string }): Promise<URL> {
  let location = world.beginUrl(key, token)
  for (let step = 0; step < 7; step++) {
    const page = await browser.open(location, { follow: false })
    location = new URL(String(page.headers['location']), location).href
    if (location.startsWith(`${world.config.publicUrl}/oauth/callback`)) return new URL(location)
  }
  throw new Error('the provider did not send the browser back')
}

const changed = (url: URL, params: Record<string, string | undefined>): string => {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy.href
}

const exchanges = (): number => world.fake.log.counts['token:authorization_code'] ?? 0
const begin = async (more: Record<string, string>) =>
  world.newBrowser().open(world.beginUrl('sf', await world.newSession(), more), { follow: false })
const authorizeUrl = async (): Promise<URL> => new URL(String((await begin({})).headers['location']))

describe('9. the redirect URI (RFC 9700 §2.1, §4.1)', () => {
  it.each([
    ['redirect_uri', 'https://evil.example/oauth/callback'],
    ['redirect_uri', 'http://localhost/oauth/callback/../../evil'],
    ['REDIRECT_URI', 'https://evil.example'],
    ['client_id', 'somebody-elses'],
    ['state', 'chosen-by-the-attacker'],
    ['request', 'eyJhbGciOiJub25lIn0.e30.'],
    ['request_uri', 'https://evil.example/request'],
  ])('no parameter %s=%s comes along from the browser', async (name, value) => {
    const page = await begin({ [`authorization_params[${name}]`]: value })
    expect(page.status).toBe(400)
    expect(page.headers['location']).toBeUndefined()
  })

  it('is the one of the environment, to the letter, in both requests', async () => {
    const url = await authorizeUrl()
    expect(url.searchParams.getAll('redirect_uri')).toEqual([`${world.config.publicUrl}/oauth/callback`])
  })

  it.each(['redirect', 'redirect_uri', 'return_to', 'next', 'url', 'RelayState', 'startURL', 'continue'])(
    'nothing redirects to where %s says (§4.11)',
    async (name) => {
      const evil = encodeURIComponent('https://evil.example/')
      for (const path of [
        '/oauth/callback',
        '/oauth/connect/sf',
        '/connect-ui',
        '/connect-ui/',
        '/',
        '//evil.example/',
        '/connect-ui//evil.example',
      ]) {
        const page = await world.newBrowser().open(`${world.config.publicUrl}${path}?${name}=${evil}`, { follow: false })
        const location = page.headers['location']
        if (location !== undefined) expect(new URL(String(location), world.config.publicUrl).origin, path).toBe(world.config.publicUrl)
        expect(page.text).not.toMatch(/(?:href|src|url)=["']?https:\/\/evil/)
      }
    },
  )
})

describe('9. the state (§4.7)', () => {
  it.each([
    ['guessed', { state: 'A'.repeat(43) }],
    ['empty', { state: '' }],
    ['left out', { state: undefined }],
    ['the hash of one', { state: createHash('sha256').update('x').digest('base64url') }],
    ['in another case', { state: 'SWAP' }],
    ['with an addition', { state: 'ADD' }],
  ])('%s finds nothing, and the right one still works', async (_what, change) => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    const right = callback.searchParams.get('state')!
    const swapped = [...right].map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())).join('')
    const state = change.state === 'SWAP' ? swapped : change.state === 'ADD' ? `${right}=` : change.state
    expect((await browser.open(changed(callback, { state }))).status).toBe(400)
    expect(exchanges()).toBe(0)
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  it('sent twice, or the code twice, or as a list, is no answer (parameter pollution)', async () => {
    for (const more of ['&state=other', '&code=other', '&state[]=x', '&code[]=x', '&state[0]=x']) {
      const browser = world.newBrowser()
      const callback = await upToCallback(browser, { token: await world.newSession() })
      expect((await browser.open(callback.href + more)).status, more).toBe(400)
    }
    expect(world.saved).toEqual([])
  })

  it('of the attacker’s browser does nothing in the victim’s, cookies of hers notwithstanding (login CSRF)', async () => {
    const victim = world.newBrowser()
    await upToCallback(victim, { token: await world.newSession() })
    const attackers = await upToCallback(world.newBrowser(), { token: await world.newSession({ end_user: { id: 'attacker' } }) })
    expect((await victim.open(attackers.href)).status).toBe(400)
    expect(exchanges()).toBe(0)
  })

  it('raced by fifty callbacks makes one exchange', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    const pages = await Promise.all(Array.from({ length: 50 }, () => browser.open(callback.href)))
    expect(pages.filter((page) => page.status === 200)).toHaveLength(1)
    expect(exchanges()).toBe(1)
  })

  it('is not used up by a link preview: HEAD and POST finish nothing', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    for (const method of ['HEAD', 'POST', 'PUT'] as const)
      expect((await world.app.inject({ method, url: callback.pathname + callback.search })).statusCode).toBe(404)
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  it('is over at its deadline to the second', async () => {
    const browser = world.newBrowser()
    const late = await upToCallback(browser, { token: await world.newSession() })
    world.db.setClockOffset(15 * 60_000)
    expect((await browser.open(late.href)).status).toBe(400)
    expect(world.saved).toEqual([])
  })
})

describe('10. mix-up (§4.4)', () => {
  it.each([
    'https://evil.example',
    'https://login.salesforce.com.evil.example',
    'https://evil.example/login.salesforce.com',
    'https://login.salesforce.com@evil.example',
    'https://evil.example#login.salesforce.com',
    'login.salesforce.com',
    'https://evilmy.salesforce.com.example',
    '',
    'null',
  ])('an answer by %j ends before the code goes anywhere', async (iss) => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    expect((await browser.open(changed(callback, { iss }))).status).toBe(400)
    expect(exchanges()).toBe(0)
  })

  it('the code goes to the host at which the person signed in, whatever the callback says', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    await browser.open(`${callback.href}&token_url=https://evil.example&instance_url=https://evil.example&site=evil.example`)
    const asked = world.fake.log.entries.filter((entry) => entry.endpoint.startsWith('token'))
    expect(new Set(asked.map((entry) => entry.host.replace(/:\d+$/, '')))).toEqual(new Set(['login.salesforce.com']))
  })
})

describe('11. authorization codes (§4.5, §4.8)', () => {
  it('of one sign-in do not work in another: PKCE binds them (code injection)', async () => {
    const browser = world.newBrowser()
    const mine = await upToCallback(browser, { token: await world.newSession() })
    const stolen = await upToCallback(world.newBrowser(), { token: await world.newSession() })
    expect((await browser.open(changed(mine, { code: stolen.searchParams.get('code')! }))).status).toBe(400)
    expect(world.saved).toEqual([])
  })

  it('do not work again with a fresh state (replay)', async () => {
    const browser = world.newBrowser()
    const first = await upToCallback(browser, { token: await world.newSession() })
    expect((await browser.open(first.href)).status).toBe(200)
    const second = await upToCallback(browser, { token: await world.newSession() })
    expect((await browser.open(changed(second, { code: first.searchParams.get('code')! }))).status).toBe(400)
    expect(world.saved).toHaveLength(1)
  })

  it.each([
    ['code_challenge', 'x'.repeat(43)],
    ['code_challenge_method', 'plain'],
    ['code_challenge_method', 'undefined'],
    ['code_challenge', 'undefined'],
    ['Code_Challenge_Method', 'plain'],
    ['response_type', 'token'],
    ['response_type', 'code id_token'],
    ['response_mode', 'fragment'],
  ])('no parameter %s=%s loosens PKCE or asks for tokens in the URL (downgrade, §2.1.2)', async (name, value) => {
    expect((await begin({ [`authorization_params[${name}]`]: value })).status).toBe(400)
  })

  it('always have a challenge, S256, of their own', async () => {
    const urls = [await authorizeUrl(), await authorizeUrl()]
    for (const url of urls) {
      expect(url.searchParams.get('response_type')).toBe('code')
      expect(url.searchParams.get('code_challenge_method')).toBe('S256')
    }
    expect(new Set(urls.map((url) => url.searchParams.get('code_challenge'))).size).toBe(2)
    expect(new Set(urls.map((url) => url.searchParams.get('state'))).size).toBe(2)
  })

  it('left out or empty end in an error page', async () => {
    for (const code of [undefined, '']) {
      const browser = world.newBrowser()
      const callback = await upToCallback(browser, { token: await world.newSession() })
      expect((await browser.open(changed(callback, { code }))).status).toBe(400)
    }
    expect(exchanges()).toBe(0)
  })

  it('together with an error are not used', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    expect((await browser.open(changed(callback, { error: 'access_denied' }))).status).toBe(400)
    expect(exchanges()).toBe(0)
  })
})

describe('4. what a URL, a referrer or a page gives away (§4.2, §4.3)', () => {
  it('no page of the way sends a referrer, is cached, framed or readable by another site', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, { token })
    const pages = [
      await browser.open(world.beginUrl('sf', token), { follow: false }),
      await browser.open(callback.href),
      await browser.open(callback.href),
      await browser.open(`${world.config.publicUrl}/oauth/callback`),
    ]
    for (const { headers, status } of pages) {
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['access-control-allow-origin']).toBeUndefined()
      if (status !== 302) expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    }
    expect(pages.map(({ status }) => status)).toEqual([302, 200, 400, 400])
  })

  it('the last page holds neither code nor state nor the session’s token, and loads nothing from elsewhere', async () => {
    const browser = world.newBrowser()
    const token = await world.newSession()
    const callback = await upToCallback(browser, { token })
    for (const page of [await browser.open(callback.href), await browser.open(callback.href)]) {
      for (const hidden of [callback.searchParams.get('code')!, callback.searchParams.get('state')!, token])
        expect(page.text).not.toContain(hidden)
      expect(page.text).not.toMatch(/(?:src|href)=["']https?:/)
    }
  })

  it('an API key is no query parameter, and no connect session', async () => {
    for (const name of ['access_token', 'token', 'api_key', 'key', 'authorization', 'secret_key']) {
      const answer = await world.app.inject(`/connect/session?${name}=${API_KEY}`)
      expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'missing_auth_header'])
    }
    const begun = await world.newBrowser().open(world.beginUrl('sf', API_KEY), { follow: false })
    expect(begun.status).toBe(401)
    expect(begun.text).not.toContain(API_KEY)
  })

  it('what the provider’s error says is text on the page, not markup (§4.16)', async () => {
    const browser = world.newBrowser()
    const callback = await upToCallback(browser, { token: await world.newSession() })
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    const page = await browser.open(
      changed(callback, { code: undefined, error: evil, error_description: evil, error_uri: 'javascript:alert(1)' }),
    )
    expect(page.status).toBe(400)
    expect(page.text).not.toMatch(/<script>alert|<img|javascript:/)
  })
})

describe('9. the browser’s cookie (session fixation)', () => {
  it.each(['hawser_browser=', 'hawser_browser=short', `hawser_browser=${'%'.repeat(43)}`, `hawser_browser="${'v'.repeat(43)}"`])(
    'planted as %j is replaced by one of ours',
    async (cookie) => {
      const answer = await world.app.inject({
        url: new URL(world.beginUrl('sf', await world.newSession())).href.slice(world.config.publicUrl.length),
        headers: { cookie },
      })
      const set = String(answer.headers['set-cookie'])
      expect(set).toMatch(/^hawser_browser=[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax/)
      expect(set.startsWith(`${cookie};`)).toBe(false)
    },
  )

  it('alone opens nothing: the API reads no cookie', async () => {
    const browser = world.newBrowser()
    await upToCallback(browser, { token: await world.newSession() })
    const jar = [...(browser.cookies.get(new URL(world.config.publicUrl).host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(jar).toContain('hawser_browser=')
    expect((await world.app.inject({ url: '/connect/session', headers: { cookie: jar } })).statusCode).toBe(401)
  })
})

describe('12. a connect session (§2.3: no more than it is for)', () => {
  it('of one integration begins no other, and ends with its deletion', async () => {
    const token = await world.newSession({ allowed_integrations: ['sf-sandbox'] })
    expect((await world.newBrowser().open(world.beginUrl('sf', token), { follow: false })).status).toBe(400)
    await world.api('DELETE', '/connect/session', token)
    expect((await world.newBrowser().open(world.beginUrl('sf-sandbox', token), { follow: false })).status).toBe(401)
  })

  it('makes no session, and reads no connection', async () => {
    const token = await world.newSession()
    expect((await world.api('POST', '/connect/sessions', token, { end_user: { id: 'other' } })).status).toBeGreaterThanOrEqual(400)
    expect(
      (await world.api('POST', '/connect/sessions/reconnect', token, { connection_id: 'c', integration_id: 'sf' })).status,
    ).toBeGreaterThanOrEqual(400)
  })
})
