/** `@nangohq/frontend` in Chromium: the popup protocol and the connect page in an iframe. */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, readConnection } from '../customer.ts'
import { startPageServer, type PageServer } from './browser-page.ts'
import { CHROMIUM, startChromium, type BrowserContext, type BrowserPage, type ChromiumBrowser } from './stock-clients.ts'

const INTEGRATION = 'sf'
const DEADLINE = { timeout: 15_000 }

let server: TestServer
let pages: PageServer
let chromium: ChromiumBrowser
let context: BrowserContext
let page: BrowserPage
let problems: string[]

describe.skipIf(!existsSync(CHROMIUM))('the browser client', () => {
  beforeAll(async () => {
    server = await startTestServer()
    pages = await startPageServer()
    chromium = await startChromium(server.fake.port ?? 0)
    await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'frontend'))
  })
  afterAll(async () => {
    await chromium?.close()
    await pages?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await context?.close()
    context = await chromium.newContext({ ignoreHTTPSErrors: true })
    page = await context.newPage()
    problems = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/i.test(message.text())) problems.push(message.text())
    })
    server.fake.consent({ decision: 'allow' })
  })

  async function open(action: 'auth' | 'ui', endUser: string, options: unknown = {}): Promise<void> {
    await openWith(await openSession(server, INTEGRATION, { endUser }), action, options)
  }

  async function openWith(token: string, action: 'auth' | 'reconnect' | 'ui', options: unknown = {}): Promise<void> {
    await page.goto(pages.page({ action, host: server.url, token, integration: INTEGRATION, options }))
    await page.waitForFunction('window.isReady', undefined, DEADLINE)
  }

  async function press(): Promise<BrowserPage> {
    const popup = page.waitForEvent('popup', DEADLINE)
    await page.click('button', DEADLINE)
    return popup
  }

  async function outcome(): Promise<{
    result?: { providerConfigKey: string; connectionId: string }
    error?: { type: string; message: string }
  }> {
    await page.waitForFunction('window.outcome', undefined, DEADLINE)
    return page.evaluate('window.outcome')
  }

  it('auth() resolves with the connection when the popup is done', async () => {
    await open('auth', 'popup')
    await press()
    const { result } = await outcome()
    expect(result).toMatchObject({ providerConfigKey: INTEGRATION, connectionId: expect.stringMatching(/\w/) })
    expect(await readConnection(server, result?.connectionId ?? '', INTEGRATION)).toMatchObject({ end_user: { id: 'popup' } })
    expect(problems).toEqual([])
  })

  it('auth() asks the person on the provider’s page, and goes on when she agrees', async () => {
    server.fake.consent({ decision: 'ask' })
    await open('auth', 'asked', { authorization_params: { prompt: 'consent' } })
    const popup = await press()
    await popup.locator('button[value=allow]').click(DEADLINE)
    expect((await outcome()).result).toMatchObject({ providerConfigKey: INTEGRATION })
    expect(problems).toEqual([])
  })

  it('auth() rejects when she says no', async () => {
    server.fake.consent({ decision: 'deny' })
    await open('auth', 'denied')
    await press()
    const { error } = await outcome()
    expect(error).toMatchObject({ type: 'callback_err', message: expect.stringMatching(/\w+ \w+/) })
  })

  it('auth() rejects when the popup is closed, if asked to look', async () => {
    server.fake.consent({ decision: 'ask' })
    await open('auth', 'closed', { detectClosedAuthWindow: true, authorization_params: { prompt: 'consent' } })
    const popup = await press()
    await popup.waitForSelector('button[value=allow]', DEADLINE)
    await popup.close()
    expect((await outcome()).error).toMatchObject({ type: 'window_closed' })
  })

  it('auth() hands form values over, and rejects what the server refuses', async () => {
    await open('auth', 'typed', { params: { hostname: 'acme--uat' } })
    await press()
    const { result } = await outcome()
    const exchange = server.fake.log.entries.findLast((entry) => entry.endpoint === 'token:authorization_code')
    expect(exchange?.host).toBe('acme--uat.sandbox.my.salesforce.com')
    expect(result).toBeDefined()
    await open('auth', 'mistyped', { params: { hostname: 'evil.example' } })
    await press()
    expect((await outcome()).error).toMatchObject({ message: expect.stringMatching(/\w+ \w+/) })
  })

  it('reconnect() renews a connection', async () => {
    const id = await connect(server, INTEGRATION, { endUser: 'again' })
    const session = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: id,
      integration_id: INTEGRATION,
    })
    await openWith(session.body.data.token, 'reconnect')
    await press()
    expect((await outcome()).result).toMatchObject({ providerConfigKey: INTEGRATION, connectionId: id })
  })

  it('openConnectUI() reports the connection', async () => {
    await open('ui', 'iframe')
    await page.click('button', DEADLINE)
    await page.waitForSelector('iframe#connect-ui', DEADLINE)
    await page.waitForFunction(`window.events.some((event) => event.type === 'ready')`, undefined, DEADLINE)
    await page
      .frameLocator('iframe#connect-ui')
      .getByRole('button', { name: /^connect/i })
      .first()
      .click(DEADLINE)
    await page.waitForFunction(`window.events.some((event) => event.type === 'connect')`, undefined, DEADLINE)
    const events = await page.evaluate<{ type: string; payload?: unknown }[]>('window.events')
    const done = events.find((event) => event.type === 'connect')
    expect(done?.payload).toMatchObject({ providerConfigKey: INTEGRATION, connectionId: expect.stringMatching(/\w/) })
    expect(problems).toEqual([])
  })
})
