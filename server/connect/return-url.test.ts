import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { API_KEY, createWorld, type World } from './world-for-tests.ts'

let world: World
const RETURN_URL = 'http://localhost:9/settings?tab=crm#top'
const marked = (outcome: string) => `http://localhost:9/settings?tab=crm&hawser_result=${outcome}#top`

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.fake.consent({ decision: 'allow' })
})

/** Where the page sends the person: by its script, and by its link. */
function targetOf({ text }: { text: string }): string | undefined {
  const data = JSON.parse(/id="data">(.*?)<\/script>/.exec(text)?.[1] ?? '{}') as { url?: string }
  const link = /href="(http[^"]+)">Continue</.exec(text)?.[1]?.replaceAll('&amp;', '&')
  expect(link).toBe(data.url)
  return data.url
}

const open = (key: string, token: string, more: Record<string, string> = {}) =>
  world.newBrowser().open(world.beginUrl(key, token, { mode: 'redirect', ...more }))

describe('a sign-in without a window', () => {
  it('leads back to the address that the session’s backend named', async () => {
    const token = await world.newSession({ return_url: RETURN_URL })
    const page = await open('sf', token)
    expect(targetOf(page)).toBe(marked('success'))
    expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(await world.result(token)).toMatchObject({ outcome: 'success', provider_config_key: 'sf' })
  })

  it('leads back when the person says no, and when the way there fails', async () => {
    const token = await world.newSession({ return_url: RETURN_URL })
    world.fake.consent({ decision: 'deny' })
    expect(targetOf(await open('sf', token))).toBe(marked('error'))
    expect(await world.result(token)).toMatchObject({ outcome: 'error', error_type: 'callback_err' })
    const page = await open('sf', token, { 'params[hostname]': 'evil.example' })
    expect(await world.result(token)).toMatchObject({ outcome: 'error', error_type: 'url_param_err' })
    expect(targetOf(page)).toBe(marked('error'))
  })

  it('never lets the browser name an address', async () => {
    const token = await world.newSession()
    const page = await open('sf', token, { return_url: RETURN_URL, return_to: RETURN_URL })
    expect(page.status).toBe(400)
    expect(targetOf(page)).toBeUndefined()
    expect(page.text).toContain('The connection was not made')
    expect(await world.result(token)).toMatchObject({ error_type: 'url_param_err', error_desc: expect.stringContaining('return_url') })
  })

  it('shows a page to another browser than the one that left', async () => {
    const token = await world.newSession({ return_url: RETURN_URL })
    const begun = await world.newBrowser().open(world.beginUrl('sf', token, { mode: 'redirect' }), { follow: false })
    const page = await world.newBrowser().open(begun.headers['location'] as string)
    expect(page.status).toBe(400)
    expect(targetOf(page)).toBeUndefined()
    expect(await world.result(token)).toMatchObject({ error_type: 'state_cookie_err' })
  })

  it('shows a page when the session is over, and stays on it in the other modes', async () => {
    const token = await world.newSession({ return_url: RETURN_URL })
    expect(targetOf(await open('sf', token, { mode: 'page' }))).toBeUndefined()
    expect(targetOf(await open('sf', token, { mode: 'popup' }))).toBeUndefined()
    await world.api('DELETE', '/connect/session', token)
    expect((await open('sf', token)).text).toContain('This link has expired')
  })
})

describe('the session', () => {
  it('takes only http(s) addresses, and shows its own to the browser', async () => {
    for (const return_url of ['javascript:alert(1)', '/settings', 'ftp://example.com', ''])
      expect((await world.api('POST', '/connect/sessions', API_KEY, { end_user: { id: 'u' }, return_url })).body.error.code).toBe(
        'invalid_body',
      )
    const token = await world.newSession({ return_url: RETURN_URL })
    const { data } = (await world.api('GET', '/connect/session', token)).body
    expect(data.return_url).toBe(RETURN_URL)
    expect(data.overrides).toBeUndefined()
  })

  it('says when an attempt ended, so that two with the same end differ', async () => {
    const token = await world.newSession()
    const ends: string[] = []
    for (let attempt = 0; attempt < 2; attempt++) {
      await world.newBrowser().open(world.beginUrl('sf', token, { 'params[hostname]': 'evil.example' }))
      ends.push((await world.result(token)).at)
    }
    expect(ends[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(ends[1]! > ends[0]!).toBe(true)
  })
})
