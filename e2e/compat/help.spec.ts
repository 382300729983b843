/** Help for whoever is stuck in a sign-in, in Chromium: errors that Salesforce shows on a page of its own, and approvals that are used up. */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, openSession } from '../customer.ts'
import { CHROMIUM, startChromium, type BrowserContext, type BrowserPage, type ChromiumBrowser } from './stock-clients.ts'

interface Page extends BrowserPage {
  keyboard: { press(key: string): Promise<void>; type(text: string): Promise<void> }
}

const DEADLINE = { timeout: 15_000 }
const INSTALL = 'https://login.salesforce.com/packaging/installPackage.apexp?p0=04t000000000001AAA'

let server: TestServer
let chromium: ChromiumBrowser
let context: BrowserContext
let page: Page
let problems: string[]

const linkOf = (token: string): string => `${server.url}/connect-ui/?session_token=${token}`
const text = (selector: string): Promise<string> => page.locator(selector).innerText()
const fits = async (): Promise<void> =>
  expect(await page.evaluate('document.documentElement.scrollWidth'), page.url()).toBeLessThanOrEqual(320)

describe.skipIf(!existsSync(CHROMIUM))('the hosted page helps', () => {
  beforeAll(async () => {
    server = await startTestServer()
    chromium = await startChromium(server.fake.port ?? 0)
    const app = addOrgApp(server, 'acme-uat', 'help')
    await addIntegration(server, 'sandbox', app)
    // The sandbox's local app is unknown in production: Salesforce says so on its own page, and never comes back.
    await addIntegration(server, 'elsewhere', app, 'salesforce')
    const changed = await createApiClient(server.url, server.apiKey).call('PATCH', '/integrations/elsewhere', {
      body: { install_url: INSTALL },
    })
    expect(changed.status).toBe(200)
  })
  afterAll(async () => {
    await chromium?.close()
    await server?.close()
  })
  beforeEach(async () => {
    await context?.close()
    context = await chromium.newContext({ ignoreHTTPSErrors: true, viewport: { width: 320, height: 640 } })
    page = (await context.newPage()) as Page
    problems = []
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
  })

  it('explains what Salesforce showed, by the keyboard alone, and says honestly what it does not know', async () => {
    const token = await openSession(server, 'elsewhere')
    await page.goto(linkOf(token))
    await page.waitForSelector('form', DEADLINE)
    expect(await page.locator('.pasted').count()).toBe(0)
    await page.fill('#field-hostname', 'acme.my.salesforce.com')
    await page.click('form [type=submit]', DEADLINE)
    // Not by a function: as long as our own page stands there, its policy lets none be evaluated.
    await page.waitForURL(/^https:\/\/[^/]*salesforce\.com\//, DEADLINE)
    await page.goto(`${server.url}/connect-ui/`)
    await page.waitForSelector('.pasted summary', DEADLINE)
    // Of Salesforce's page, which answers 400.
    problems.length = 0
    await page.evaluate(`document.querySelector('.pasted summary').focus()`)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.labels[0].innerText')).toBe('Paste what Salesforce showed you')
    await page.keyboard.type('OAUTH_EC_APP_NOT_FOUND: External client app is not installed in this org')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.pasted [role=status] p', DEADLINE)
    expect(await page.evaluate(`document.querySelector('.pasted [role=status] code').textContent`)).toBe('external-app-not-installed')
    expect(await page.evaluate(`document.querySelector('.pasted a.button').href`)).toBe(INSTALL)
    expect(await page.evaluate(`document.querySelector('.pasted a.button').rel`)).toBe('noopener noreferrer')
    await fits()

    await page.fill('#pasted', 'My cat walked over the keyboard')
    await page.click('.pasted button', DEADLINE)
    await expect.poll(() => text('.pasted [role=status]'), DEADLINE).toContain('do not know')
    expect(await page.locator('.pasted a.button').count()).toBe(0)
    await fits()
    expect(problems).toEqual([])
  })

  it('warns before the button when one more sign-in would end a connection', async () => {
    for (let count = 0; count < 5; count++) await connect(server, 'sandbox', { endUser: 'busy' })
    await page.goto(linkOf(await openSession(server, 'sandbox', { endUser: 'busy' })))
    await page.waitForSelector('.warning', DEADLINE)
    expect(await text('.warning')).toContain('stops working')
    expect(
      await page.evaluate(`document.querySelector('.warning').compareDocumentPosition(document.querySelector('form button')) & 4`),
    ).toBe(4)
    await fits()
    await page.goto(linkOf(await openSession(server, 'sandbox', { endUser: 'somebody else' })))
    await page.waitForSelector('form', DEADLINE)
    expect(await page.locator('.warning').count()).toBe(0)
  })
})
