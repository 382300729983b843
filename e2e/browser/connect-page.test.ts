/** The hosted connect page in Chromium: every state in light and dark, for screen readers, keyboards and small screens, and how soon it is there. */
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiClient } from '../api-client.ts'
import { connect, resultOf } from '../customer.ts'
import { useChromium } from './chromium-fixture.ts'
import { graveFaults, startConnectRig, type ConnectRig } from './connect-rig.ts'
import { failBecauseAppIsElsewhere, heading, openForm, states } from './connect-states.ts'

let rig: ConnectRig
beforeAll(async () => {
  rig = await startConnectRig()
})
afterAll(() => rig?.close())
const browser = useChromium(() => ({ salesforcePort: rig.server.fake.port }))
beforeEach(() => {
  rig.server.fake.consent({ decision: 'ask' })
  rig.server.fake.state.grants.clear()
})

const problems: string[] = []
const foreign: string[] = []
const OWN = /^(localhost|([a-z0-9-]+\.)+salesforce\.com)$/

async function newPage(wishes: Parameters<typeof browser.context>[0] = {}): Promise<Page> {
  problems.length = foreign.length = 0
  const page = await (await browser.context({ locale: 'en', ...wishes })).newPage()
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text())
  })
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (/^https?:$/.test(protocol) && !OWN.test(hostname)) foreign.push(request.url())
  })
  return page
}

const width = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth')

describe('every state', () => {
  it.each(states)('$name: nothing grave in light and dark, no sideways scrolling at 320 pixels, no third party', async ({ reach }) => {
    const page = await newPage({ viewport: { width: 320, height: 640 } })
    await reach(page, rig)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.waitForSelector(`html[data-theme=${colorScheme}]`, { state: 'attached' })
      expect(await graveFaults(page), colorScheme).toEqual([])
    }
    expect(await width(page)).toBeLessThanOrEqual(320)
    expect(problems).toEqual([])
    expect(foreign).toEqual([])
  })
})

describe('by the keyboard alone', () => {
  it('from the list to the connection; the focus goes with each step', async () => {
    const page = await newPage()
    await page.goto(rig.link(await rig.session()))
    await heading(page, 'What do you want to connect?')
    expect(await page.evaluate('document.activeElement.id')).toBe('title')
    await page.keyboard.press('Tab')
    await page.keyboard.type('sandbox')
    await page.waitForFunction(`document.querySelectorAll('main li').length === 3`)
    expect(await page.locator('[aria-live]').first().innerText()).toBe('3 found')
    const toSandbox = page.getByRole('button', { name: 'Salesforce Sandbox sandbox' })
    for (let presses = 0; presses < 20 && !(await toSandbox.evaluate((one) => one === one.ownerDocument.activeElement)); presses++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await heading(page, 'Connect Salesforce Sandbox')
    expect(await page.evaluate('document.activeElement.id')).toBe('title')
    await page.keyboard.press('Tab')
    await page.keyboard.type('nonsense.example.com')
    await page.keyboard.press('Enter')
    await page.waitForSelector('#field-hostname[aria-invalid]')
    expect(await page.evaluate('document.activeElement.id')).toBe('field-hostname')
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('acme--uat')
    expect(await page.getByText('You will sign in at').innerText()).toContain('acme--uat.sandbox.my.salesforce.com')
    await page.keyboard.press('Enter')
    await page.waitForSelector('button[value=allow]')
    await page.focus('button[value=allow]')
    await page.keyboard.press('Enter')
    await heading(page, 'Connected')
    expect(await page.evaluate('document.activeElement.id')).toBe('title')
    expect(await page.getByRole('status').innerText()).toContain('The connection is set up.')
  })

  it('a secret is dots until its eye is pressed', async () => {
    const page = await newPage()
    await openForm(page, rig, 'shop')
    await page.fill('#field-access_key', 'hidden')
    expect(await page.getAttribute('#field-access_key', 'type')).toBe('password')
    await page.getByRole('button', { name: 'Show' }).press('Enter')
    expect(await page.getAttribute('#field-access_key', 'type')).toBe('text')
    await page.selectOption('#field-region', 'us')
    expect(await page.locator('#field-tax_id').count()).toBe(0)
    await page.selectOption('#field-region', 'eu')
    expect(await page.locator('#field-tax_id').count()).toBe(1)
  })
})

describe('a reconnect', () => {
  it('renews the connection that it is for', async () => {
    rig.server.fake.consent({ decision: 'allow' })
    const id = await connect(rig.server, 'sandbox', { query: { 'params[hostname]': 'acme--uat' } })
    const made = await createApiClient(rig.server.url, rig.server.apiKey).post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: id,
      integration_id: 'sandbox',
    })
    const page = await newPage()
    await page.goto(rig.link(made.body.data.token))
    await heading(page, 'Reconnect Salesforce Sandbox')
    await page.fill('#field-hostname', 'acme--uat')
    await page.click('form [type=submit]')
    await heading(page, 'Connected')
    expect(await resultOf(rig.server, made.body.data.token)).toMatchObject({ outcome: 'success', connection_id: id })
  })
})

describe('an app of one’s own', () => {
  it('is pasted, and signs in', async () => {
    const page = await newPage()
    await page.goto(rig.link(await rig.session({ integrations: ['own'] })))
    await heading(page, 'Use an app of your own')
    expect(await page.locator('code').first().innerText()).toBe(`${rig.server.url}/oauth/callback`)
    const consumer = rig.server.fake.state.apps.get('connect_ui')!.consumers[0]!
    await page.fill('#own-app-key', 'two words')
    await page.click('form [type=submit]')
    await page.waitForSelector('#own-app-key[aria-invalid]')
    await page.fill('#own-app-key', consumer.key)
    await page.fill('#own-app-secret', consumer.secret)
    const asked = page.waitForRequest(/\/oauth\/connect\//)
    await page.click('form [type=submit]')
    await heading(page, 'Connect Acme CRM')
    await page.fill('#field-hostname', 'acme--uat')
    await page.click('form [type=submit]')
    // Secrets have no business in addresses.
    expect((await asked).url()).not.toContain(consumer.secret)
    await page.click('button[value=allow]')
    await heading(page, 'Connected')
  })

  it('its files can be fetched', async () => {
    const page = await newPage()
    await page.goto(rig.link(await rig.session({ integrations: ['own'] })))
    await page.getByText('By one command').click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the files' }).click()
    expect((await download).suggestedFilename()).toBe('salesforce-app.zip')
  })
})

describe('an administrator', () => {
  it('sees by a link what to do; the page that waits goes on when it is done', async () => {
    const page = await newPage()
    await failBecauseAppIsElsewhere(page, rig)
    await page.getByRole('button', { name: 'Send it to your administrator' }).click()
    await heading(page, 'Ask your administrator')
    const link = await page.locator('code').innerText()
    const admin = await (await browser.context({ locale: 'en' })).newPage()
    await admin.goto(link)
    await heading(admin, 'Your help is needed')
    expect(admin.url()).not.toContain('session_token')
    expect(await admin.locator('ol li').count()).toBeGreaterThan(1)
    await admin.getByRole('button', { name: 'It is done' }).click()
    await heading(admin, 'Thank you')
    await heading(page, 'Connect Salesforce Sandbox')
    expect(await page.getByRole('status').innerText()).toContain('Your administrator says that it is done.')
  })

  it('sees it for an error on a page of Salesforce’s, too, which never came back', async () => {
    const page = await newPage()
    await states.find(({ name }) => name === 'explain')!.reach(page, rig)
    await page.getByRole('button', { name: 'Send it to your administrator' }).click()
    const link = await page.locator('code').innerText()
    await page.waitForResponse(/connect-ui\/ready/)
    const admin = await (await browser.context({ locale: 'en' })).newPage()
    await admin.goto(link)
    await heading(admin, 'Your help is needed')
    expect(await admin.locator('main').innerText()).toContain('The external client app is not installed in this org.')
    await admin.getByRole('button', { name: 'It is done' }).click()
    await heading(page, 'Connect Salesforce Sandbox')
  })

  it('is not lured by a code that somebody made up', async () => {
    const page = await newPage()
    await page.goto(
      rig.link(await rig.session({ integrations: ['sandbox'] }), { view: 'admin', integration: 'sandbox', diagnosis: '<b>call 555</b>' }),
    )
    await heading(page, 'Connect Salesforce Sandbox')
  })
})

describe('languages', () => {
  it.each([
    ['de', 'Salesforce Sandbox verbinden'],
    ['es', 'Conectar Salesforce Sandbox'],
    ['fr', 'Connecter Salesforce Sandbox'],
    ['ja', 'Salesforce Sandbox を接続'],
  ])('%s by the address; what the server says is marked as English', async (lang, title) => {
    const page = await newPage()
    await openForm(page, rig, 'sandbox', { lang })
    await heading(page, title)
    expect(await page.getAttribute('html', 'lang')).toBe(lang)
    expect(await page.getAttribute('label span', 'lang')).toBe('en')
    await page.click('form [type=submit]')
    await page.click('button[value=deny]')
    await page.waitForSelector('details')
    expect(await page.getAttribute('html', 'lang')).toBe(lang)
    expect(await page.locator('[role=status] [lang=en]').count()).toBe(1)
    expect(problems).toEqual([])
  })

  it('of the browser otherwise', async () => {
    const page = await newPage({ locale: 'fr-CA' })
    await openForm(page, rig)
    await heading(page, /^Connecter/)
  })
})

describe('the customer’s brand', () => {
  it('is its colour and logo', async () => {
    const png = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const send = (body: object) =>
      fetch(`${rig.server.url}/environment`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${rig.server.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect((await send({ connect_ui: { logo: png, light_primary: '#ffd500', default_theme: 'light' } })).status).toBe(200)
    const page = await newPage({ colorScheme: 'dark' })
    await openForm(page, rig)
    expect(await page.getAttribute('html', 'data-theme')).toBe('light')
    expect(await page.locator('main img').first().getAttribute('src')).toBe(png)
    const style = await page.evaluate(
      `(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector('[type=submit]')))`,
    )
    expect(style).toEqual(['rgb(255, 213, 0)', 'rgb(0, 0, 0)'])
    expect(await graveFaults(page)).toEqual([])
    await send({ connect_ui: { logo: null, light_primary: null, default_theme: 'system' } })
    expect(problems).toEqual([])
  })
})

describe('the preview', () => {
  it('shows the look that a page of this server sends, and asks for no session', async () => {
    const page = await newPage()
    await page.goto(`${rig.server.url}/connect-ui/?preview=true`)
    await heading(page, 'What do you want to connect?')
    const asked: string[] = []
    // A page of this server whose policy allows frames.
    await page.goto(`${rig.server.url}/health`)
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.evaluate(`{
      const frame = Object.assign(document.createElement('iframe'), { src: '/connect-ui/?preview=true' })
      document.body.append(frame)
    }`)
    const preview = page.frameLocator('iframe')
    await preview.getByRole('button', { name: 'Salesforce Sandbox' }).click()
    const settings = {
      showWatermark: true,
      defaultTheme: 'dark',
      theme: { light: { primary: '#00aa00' }, dark: { primary: '#00ff00' } },
      logo: null,
    }
    await page.evaluate(`frames[0].postMessage({ type: 'settings_changed', payload: ${JSON.stringify(settings)} }, '*')`)
    await preview.locator('html[data-theme=dark]').waitFor({ state: 'attached' })
    expect(await preview.locator('html').getAttribute('style')).toContain('--accent: #00ff00')
    expect(await preview.getByText('Hawser', { exact: true }).count()).toBe(1)
    expect(asked.filter((path) => !/connect-ui|images/.test(path))).toEqual([])
  })
})

describe('how soon it is there', () => {
  it('120 kB at most go over the line, in whatever language', async () => {
    const page = await newPage()
    const sizes = new Map<string, number>()
    page.on('response', async (response) => {
      if (/\/connect-ui\/(assets\/|\?)/.test(response.url()))
        sizes.set(response.url(), gzipSync(await response.body(), { level: 9 }).length)
    })
    await openForm(page, rig, 'sandbox', { lang: 'ja' })
    // The page, its entry with the rest that it shares, the styles, the code, the language.
    await expect.poll(() => sizes.size).toBe(6)
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000)
  })

  it('nothing moves once it stands', async () => {
    const page = await newPage()
    await page.addInitScript(
      `window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value }).observe({ type: 'layout-shift', buffered: true })`,
    )
    await openForm(page, rig)
    expect(await page.evaluate('window.shift')).toBeLessThan(0.1)
  })
})
