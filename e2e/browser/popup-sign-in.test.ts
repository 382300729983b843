/** The browser client in Chromium: the window, from the click to the result, and all the ways in which people leave it. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, readConnection } from '../customer.ts'
import { STEP_MS, useChromium } from './chromium-fixture.ts'
import { startProductPage, type ProductPage, type Wishes } from './popup-page.ts'

const SF = 'sf'
const COOP = { 'cross-origin-opener-policy': 'same-origin' }
/** More than a window that may have been cut off is waited for. */
const GRACE_MS = 10_000

let server: TestServer
let product: ProductPage
beforeAll(async () => {
  ;[server, product] = await Promise.all([startTestServer(), startProductPage()])
  await addIntegration(server, SF, addOrgApp(server, 'acme-uat', 'popup'))
})
afterAll(async () => {
  await product?.close()
  await server?.close()
})
const browser = useChromium(() => ({ salesforcePort: server.fake.port, allowPopups: false }))
beforeEach(() => {
  server.fake.consent({ decision: 'ask' })
  // Who has allowed an app once is not asked again.
  server.fake.state.grants.clear()
})

async function open(
  wishes: Partial<Wishes> = {},
  prepare: (page: Page) => Promise<unknown> = async () => {},
): Promise<{ page: Page; token: string; problems: string[] }> {
  const token = wishes.token ?? (await openSession(server, SF))
  const page = await (await browser.context()).newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await prepare(page)
  await page.goto(product.address({ action: 'connect', host: server.url, token, ...wishes }))
  await page.waitForFunction('window.isReady')
  return { page, token, problems }
}

async function press(page: Page): Promise<Page> {
  const popup = page.context().waitForEvent('page')
  await page.click('button')
  return popup
}

interface Outcome {
  result?: { providerConfigKey: string; connectionId: string; isPending: boolean } | null
  error?: { name: string; code: string; fallback?: string; diagnosis?: { class: string; end_user_text: string } }
}
async function outcome(page: Page, timeout = STEP_MS): Promise<Outcome> {
  await page.waitForFunction('window.outcome', undefined, { timeout })
  return page.evaluate<Outcome>('window.outcome')
}

const isClosed = (popup: Page) => (popup.isClosed() ? Promise.resolve() : popup.waitForEvent('close').then(() => {}))

describe('connect()', () => {
  it('resolves with the connection, and the window closes', async () => {
    const { page, problems } = await open()
    const popup = await press(page)
    await popup.click('button[value=allow]')
    const { result } = await outcome(page)
    expect(result).toEqual({ providerConfigKey: SF, connectionId: expect.stringMatching(/\w/), isPending: false })
    await isClosed(popup)
    expect(await readConnection(server, result?.connectionId ?? '', SF)).toMatchObject({ end_user: { id: 'user-1' } })
    expect(problems).toEqual([])
  })

  it('rejects with a diagnosis when the person declines; the window says so, too', async () => {
    const { page } = await open()
    const popup = await press(page)
    await popup.click('button[value=deny]')
    const { error } = await outcome(page)
    expect(error).toMatchObject({ name: 'HawserError', code: 'callback_err', diagnosis: { class: 'user' } })
    expect(await popup.getByRole('heading').innerText()).toBe('The connection was not made')
    // A second try in the same session, declined in the same way, is a result of its own.
    await page.evaluate('window.outcome = undefined')
    const second = await press(page)
    await second.click('button[value=deny]')
    expect((await outcome(page)).error).toMatchObject({ code: 'callback_err' })
  })

  it('hands a mistyped address back as an error', async () => {
    const { page } = await open({ options: { params: { hostname: 'evil.example' } } })
    await press(page)
    expect((await outcome(page)).error).toMatchObject({ code: 'url_param_err' })
  })

  it('rejects when the window is closed at the provider', async () => {
    const { page } = await open()
    const popup = await press(page)
    await popup.waitForSelector('button[value=allow]')
    await page.clock.install()
    await popup.close()
    await page.waitForTimeout(0)
    await page.clock.runFor(GRACE_MS)
    expect((await outcome(page)).error).toMatchObject({ code: 'window_closed' })
  })

  it('rejects at once when the window is closed before it got there', async () => {
    const { page } = await open()
    await page.route('**/connect/session', () => {})
    const popup = await press(page)
    await popup.close()
    expect((await outcome(page, 3000)).error).toMatchObject({ code: 'window_closed' })
  })

  it('opens the window anew for a second click, and keeps one window otherwise', async () => {
    const { page } = await open()
    const popup = await press(page)
    await popup.waitForSelector('button[value=allow]')
    await page.click('button')
    expect(page.context().pages()).toHaveLength(2)
    await popup.close()
    const second = await press(page)
    await second.click('button[value=allow]')
    await outcome(page)
    await page.waitForFunction('window.outcomes.length === 3')
    const ids = await page.evaluate<string[]>('window.outcomes.map(({ result }) => result.connectionId)')
    expect(new Set(ids).size).toBe(1)
  })

  it('says that the browser blocked the window, and what works without one', async () => {
    const { page } = await open({ unasked: true })
    expect((await outcome(page)).error).toMatchObject({ code: 'blocked_by_browser', fallback: 'redirect' })
  })

  it('gets the result on a page whose policy cuts the window off', async () => {
    const { page } = await open({ headers: COOP })
    const popup = await press(page)
    await popup.waitForSelector('button[value=allow]')
    // Without a window system every page believes it has the focus.
    await page.evaluate('document.hasFocus = () => false')
    await page.clock.install()
    await page.clock.runFor(5 * GRACE_MS)
    expect(await page.evaluate('window.outcome')).toBeUndefined()
    await popup.click('button[value=allow]')
    expect((await outcome(page)).result).toMatchObject({ providerConfigKey: SF })
  })

  it('gets the result where WebSockets do not work', async () => {
    const { page } = await open({}, (fresh) => fresh.routeWebSocket(/.*/, (socket) => socket.close()))
    const popup = await press(page)
    await popup.click('button[value=allow]')
    expect((await outcome(page)).result).toMatchObject({ providerConfigKey: SF })
  })

  it('bears the back button in the window', async () => {
    const { page } = await open()
    const popup = await press(page)
    await popup.waitForSelector('button[value=allow]')
    // The blank page is not in its history.
    await popup.evaluate('history.back()')
    await popup.click('button[value=deny]')
    expect((await outcome(page)).error).toMatchObject({ code: 'callback_err' })
    await popup.goBack()
    await page.evaluate('window.outcome = undefined')
    const second = await press(page)
    await second.click('button[value=allow]')
    expect((await outcome(page)).result).toMatchObject({ providerConfigKey: SF })
  })

  it('says that the session is over', async () => {
    const { page, token } = await open()
    expect((await createApiClient(server.url, token).call('DELETE', '/connect/session')).status).toBe(204)
    const popup = await press(page)
    expect((await outcome(page)).error).toMatchObject({ code: 'session_expired' })
    await isClosed(popup)
  })

  it('renews a connection', async () => {
    server.fake.consent({ decision: 'allow' })
    const id = await connect(server, SF, { endUser: 'again' })
    const session = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: id,
      integration_id: SF,
    })
    const { page } = await open({ action: 'reconnect', token: session.body.data.token })
    await press(page)
    expect((await outcome(page)).result).toMatchObject({ connectionId: id })
  })
})
