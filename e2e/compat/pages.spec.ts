/** The pages that end users see, in Chromium: the hosted connect page on its own, in an iframe, and on a small screen. */
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addOrgApp, openSession, resultOf, type App } from '../customer.ts'
import { startPageServer, type PageServer } from './browser-page.ts'
import { CHROMIUM, startChromium, type BrowserContext, type BrowserPage, type ChromiumBrowser } from './stock-clients.ts'

/** What these specs use of Playwright besides. */
interface Page extends BrowserPage {
  screenshot(options?: { path: string; fullPage?: boolean }): Promise<Buffer>
  getByRole(role: string, options?: { name: RegExp | string; exact?: boolean }): ReturnType<BrowserPage['getByRole']>
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> }
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
  on(event: 'pageerror', listener: (error: Error) => void): void
  on(event: 'request', listener: (request: { url(): string }) => void): void
}

const SANDBOX = 'sf'
const PRODUCTION = 'prod'
const DEADLINE = { timeout: 15_000 }

let server: TestServer
let pages: PageServer
let chromium: ChromiumBrowser
let context: BrowserContext
let page: Page
/** Errors of scripts and of the console. */
let problems: string[]
let asked: Set<string>

async function addIntegration(key: string, app: App, provider: string, displayName: string): Promise<void> {
  const made = await createApiClient(server.url, server.apiKey).post('/integrations', {
    provider,
    unique_key: key,
    display_name: displayName,
    credentials: { type: 'OAUTH2', client_id: app.clientId, client_secret: app.clientSecret },
  })
  expect(made.status, JSON.stringify(made.body)).toBe(200)
}

async function openContext(options: Record<string, unknown> = {}): Promise<void> {
  await context?.close()
  context = await chromium.newContext({ ignoreHTTPSErrors: true, ...options })
  page = (await context.newPage()) as Page
  problems = []
  asked = new Set()
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('request', (request) => asked.add(new URL(request.url()).hostname))
}

const linkOf = (token: string): string => `${server.url}/connect-ui/?session_token=${token}`
const heading = (name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor(DEADLINE)
const text = (selector: string): Promise<string> => page.locator(selector).innerText()
const buttons = (): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('button, a.button')].filter((one) => one.checkVisibility()).map((one) => one.innerText)`)

/** Opens the form of an integration, and returns the session's token. */
async function openForm(integration = SANDBOX): Promise<string> {
  const token = await openSession(server, integration)
  await page.goto(linkOf(token))
  await page.waitForSelector('form', DEADLINE)
  return token
}

const submit = (): Promise<void> => page.click('form [type=submit]', DEADLINE)

describe.skipIf(!existsSync(CHROMIUM))('the hosted page', () => {
  beforeAll(async () => {
    server = await startTestServer()
    pages = await startPageServer()
    chromium = await startChromium(server.fake.port ?? 0)
    const app = addOrgApp(server, 'acme-uat', 'pages')
    await addIntegration(SANDBOX, app, 'salesforce-sandbox', 'Acme Sandbox')
    await addIntegration(PRODUCTION, app, 'salesforce', 'Acme Sales')
  })
  afterAll(async () => {
    await chromium?.close()
    await pages?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await openContext()
    server.fake.consent({ decision: 'ask' })
    // Who has allowed an app once is not asked again.
    server.fake.state.grants.clear()
  })
  afterEach(() => {
    // Whoever signs in must not be told on: neither to a font server nor to a counter.
    for (const host of asked) expect(host).toMatch(/^(localhost|([a-z0-9-]+\.)+salesforce\.com)$/)
  })

  it('leads through Salesforce and back to "Connected", by the keyboard alone', async () => {
    const token = await openForm()
    expect(page.url()).not.toContain(token)
    expect(await page.evaluate('document.activeElement.id')).toBe('title')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.labels[0].innerText')).toContain('My Domain')
    await page.keyboard.type('acme--uat')
    await page.keyboard.press('Enter')
    await page.waitForSelector('button[value=allow]', DEADLINE)
    expect(new URL(page.url()).hostname).toBe('acme--uat.sandbox.my.salesforce.com')
    await page.click('button[value=allow]', DEADLINE)
    await heading('Connected')
    expect(await text('[role=status]')).toBe('The connection is set up. You can close this page.')
    expect(new URL(page.url()).pathname).toBe('/connect-ui/')
    expect(await resultOf(server, token)).toMatchObject({ outcome: 'success', provider_config_key: SANDBOX })
    expect(problems).toEqual([])
  })

  it('says in plain words that access was denied; trying again keeps what was typed, and works', async () => {
    const token = await openForm()
    await page.fill('#field-hostname', 'acme--uat')
    await submit()
    await page.click('button[value=deny]', DEADLINE)
    await heading('The connection was not made')
    expect(await text('[role=status]')).toBe('You did not allow access to Salesforce. Start again and press Allow to connect.')
    expect(await text('details')).toBe('Technical details')
    await page.getByRole('button', { name: 'Try again' }).click(DEADLINE)
    await page.waitForSelector('form', DEADLINE)
    expect(await page.evaluate(`document.querySelector('#field-hostname').value`)).toBe('acme--uat')
    await submit()
    await page.click('button[value=allow]', DEADLINE)
    await heading('Connected')
    expect(await resultOf(server, token)).toMatchObject({ outcome: 'success' })
    // The page at the end of a failed sign-in answers 400; a browser notes that.
    expect(problems).toEqual(['Failed to load resource: the server responded with a status of 400 (Bad Request)'])
  })

  it('forgets an old failure when the link is opened or reloaded', async () => {
    const token = await openForm()
    await submit()
    await page.click('button[value=deny]', DEADLINE)
    await heading('The connection was not made')
    await page.goto(`${server.url}/connect-ui/`)
    await heading('Connect Acme Sandbox')
    await page.goto(linkOf(token))
    await heading('Connect Acme Sandbox')
  })

  it('shows what is wrong with a mistyped address at its field', async () => {
    const token = await openForm()
    await page.fill('#field-hostname', 'acme.example.com')
    await submit()
    await page.waitForSelector('#field-hostname[aria-invalid=true]', DEADLINE)
    const described = await page.evaluate<string>(
      `document.querySelector('#field-hostname').getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).innerText).join(' ')`,
    )
    expect(described).toMatch(/^That is not the address of a Salesforce org\. Type your Salesforce My Domain.*enough\.$/s)
    expect(await page.evaluate('document.activeElement.id')).toBe('field-hostname')
    expect(await page.evaluate('document.activeElement.value')).toBe('acme.example.com')
    expect(await resultOf(server, token)).toBeNull()
    await page.fill('#field-hostname', 'acme--uat')
    expect(await page.locator('[aria-invalid], .field-error').count()).toBe(0)
    await submit()
    await page.waitForSelector('button[value=allow]', DEADLINE)
    expect(problems).toEqual([])
  })

  it('says which kind of org was signed in to, and which one is wanted', async () => {
    await openForm(PRODUCTION)
    await page.fill('#field-hostname', 'acme--uat')
    await submit()
    await page.click('button[value=allow]', DEADLINE)
    await heading('The connection was not made')
    const said = await text('[role=status]')
    expect(said).toContain('You signed in to a sandbox, but this connection is for a production org.')
    expect(said).not.toMatch(/`|integration/)
    expect(await buttons()).toEqual(['Try again'])
  })

  it('offers no new try where it cannot help: a link that is unknown, incomplete or over', async () => {
    await page.goto(linkOf(`nango_connect_session_${'0'.repeat(64)}`))
    await heading('This link has expired')
    expect(await text('[role=status]')).toBe('Please ask whoever sent you the link for a new one.')
    expect(await buttons()).toEqual([])
    await openContext()
    await page.goto(`${server.url}/connect-ui/`)
    await heading('This link is incomplete')
    expect(await buttons()).toEqual([])
    const token = await openForm()
    expect((await createApiClient(server.url, token).call('DELETE', '/connect/session')).status).toBe(204)
    await submit()
    await heading('This link has expired')
    expect(await buttons()).toEqual([])
  })

  it('offers no new try for what only the integration’s owner can mend', async () => {
    await addIntegration(
      'wrong-secret',
      { ...addOrgApp(server, 'acme-uat', 'wrong_secret'), clientSecret: 'wrong' },
      'salesforce-sandbox',
      'Wrong',
    )
    await openForm('wrong-secret')
    await page.fill('#field-hostname', 'acme--uat')
    await submit()
    await page.click('button[value=allow]', DEADLINE)
    await heading('The connection was not made')
    expect(await text('[role=status]')).toBe('Something is set up wrong on our side. Please contact our support.')
    expect(await buttons()).toEqual([])
  })

  it('lists integrations by their names, with the provider under each, and leads back to the list', async () => {
    const session = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions', {
      end_user: { id: 'chooser' },
      allowed_integrations: [SANDBOX, PRODUCTION],
    })
    await page.goto(linkOf(session.body.data.token))
    await heading('What do you want to connect?')
    expect((await buttons()).toSorted()).toEqual(['Acme Sales\nSalesforce', 'Acme Sandbox\nSalesforce Sandbox'])
    await page.getByRole('button', { name: /Acme Sales/ }).click(DEADLINE)
    await heading('Connect Acme Sales')
    await page.getByRole('button', { name: 'Back' }).click(DEADLINE)
    await heading('What do you want to connect?')
    expect(problems).toEqual([])
  })

  it.each(['light', 'dark'] as const)('lets the page shine through around its card in an iframe (%s)', async (colorScheme) => {
    await openContext({ colorScheme, viewport: { width: 900, height: 700 } })
    const token = await openSession(server, SANDBOX)
    await page.goto(pages.page({ action: 'ui', host: server.url, token, integration: SANDBOX }))
    await page.waitForFunction('window.isReady', undefined, DEADLINE)
    await page.evaluate(`document.documentElement.style.background = 'rgb(0, 170, 0)'`)
    await page.click('button', DEADLINE)
    await page
      .frameLocator('iframe#connect-ui')
      .getByRole('button', { name: /^connect/i })
      .waitFor(DEADLINE)
    const [red = 255, green = 0, blue = 255] = await pixel(await page.screenshot(), 20, 650)
    // Darkened, and still nothing but the page's green.
    expect([red, blue]).toEqual([0, 0])
    expect(green).toBeGreaterThan(50)
    expect(green).toBeLessThan(120)
    const card = await pixel(await page.screenshot(), 450, 70)
    expect(Math.max(...card) < 128).toBe(colorScheme === 'dark')
    expect(problems).toEqual([])
  })

  it('shows a mistyped address at its field in an iframe, too, and opens no window', async () => {
    const token = await openSession(server, SANDBOX)
    await page.goto(pages.page({ action: 'ui', host: server.url, token, integration: SANDBOX }))
    await page.waitForFunction('window.isReady', undefined, DEADLINE)
    await page.click('button', DEADLINE)
    const frame = page.frameLocator('iframe#connect-ui')
    await frame.getByRole('button', { name: /^connect/i }).waitFor(DEADLINE)
    await page.keyboard.press('Tab')
    await page.keyboard.type('acme.example.com')
    await page.keyboard.press('Enter')
    await frame.locator('#field-hostname[aria-invalid=true]').waitFor(DEADLINE)
    expect(await resultOf(server, token)).toBeNull()
    await page.keyboard.press('Escape')
    await page.waitForFunction(`!document.querySelector('iframe#connect-ui')`, undefined, DEADLINE)
  })

  it.each(['light', 'dark'] as const)('fits a screen of 320 pixels (%s)', async (colorScheme) => {
    await openContext({ colorScheme, viewport: { width: 320, height: 640 } })
    const fits = async (): Promise<void> => {
      expect(await page.evaluate('document.documentElement.scrollWidth'), page.url()).toBeLessThanOrEqual(320)
      const margins = await page.evaluate<number[]>(
        `(({ left, right }) => [left, innerWidth - right])(document.querySelector('main').getBoundingClientRect())`,
      )
      expect(Math.min(...margins), page.url()).toBeGreaterThanOrEqual(8)
    }
    await openForm()
    await fits()
    expect(await page.evaluate(`document.querySelector('#field-hostname').placeholder`)).toBe('')
    await page.fill('#field-hostname', 'acme.example.com')
    await submit()
    await page.waitForSelector('[aria-invalid=true]', DEADLINE)
    await fits()
    const broken = await page.evaluate<string[]>(
      `[...document.querySelectorAll('.unbroken')].filter((one) => one.getClientRects().length > 1).map((one) => one.innerText)`,
    )
    expect(broken).toEqual([])
    await page.fill('#field-hostname', '')
    await submit()
    await page.waitForSelector('button[value=deny]', DEADLINE)
    await fits()
    await page.click('button[value=deny]', DEADLINE)
    await heading('The connection was not made')
    await page.click('summary', DEADLINE)
    await fits()
  })
})

/** Red, green and blue of one point. Chromium itself reads the picture. */
async function pixel(png: Buffer, x: number, y: number): Promise<number[]> {
  const reader = (await context.newPage()) as Page
  const script = `(async () => {
    const image = new Image()
    image.src = 'data:image/png;base64,${png.toString('base64')}'
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const pen = canvas.getContext('2d')
    pen.drawImage(image, 0, 0)
    return [...pen.getImageData(${x}, ${y}, 1, 1).data].slice(0, 3)
  })()`
  const color = await reader.evaluate<number[]>(script)
  await reader.close()
  return color
}
