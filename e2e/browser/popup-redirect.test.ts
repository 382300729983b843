/** The browser client in Chromium without a second window: by redirect, and as a page over the product's own. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addIntegration, addOrgApp, openSession } from '../customer.ts'
import { useChromium } from './chromium-fixture.ts'
import { startProductPage, type ProductPage } from './popup-page.ts'

const SF = 'sf'

let server: TestServer
let product: ProductPage
beforeAll(async () => {
  ;[server, product] = await Promise.all([startTestServer(), startProductPage()])
  await addIntegration(server, SF, addOrgApp(server, 'acme-uat', 'redirect'))
})
afterAll(async () => {
  await product?.close()
  await server?.close()
})
const browser = useChromium(() => ({ salesforcePort: server.fake.port, allowPopups: false }))
beforeEach(() => {
  server.fake.consent({ decision: 'ask' })
  server.fake.state.grants.clear()
})

async function open(action: 'redirect' | 'ui', token: string, options: unknown = {}): Promise<Page> {
  const page = await (await browser.context()).newPage()
  await page.goto(product.address({ action, host: server.url, token, options }))
  await page.waitForFunction('window.isReady')
  await page.click('button')
  return page
}

async function sessionThatReturns(): Promise<string> {
  const made = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions', {
    end_user: { id: 'user-1' },
    return_url: product.returnUrl,
  })
  return made.body.data.token
}

async function outcome(page: Page): Promise<{ result?: { connectionId: string } | null; error?: { code: string } }> {
  await page.waitForFunction('window.outcome')
  return page.evaluate('window.outcome')
}

describe('redirect()', () => {
  it('brings the person back with the connection', async () => {
    const page = await open('redirect', await sessionThatReturns(), { returnTo: product.returnUrl })
    await page.click('button[value=allow]')
    await page.waitForURL(`${product.origin}/back?*`)
    expect((await outcome(page)).result).toMatchObject({ connectionId: expect.stringMatching(/\w/) })
    expect(page.url()).toBe(product.returnUrl)
    expect(page.context().pages()).toHaveLength(1)
    await page.reload()
    expect((await outcome(page)).result).toBeNull()
  })

  it('brings who declined back with the reason', async () => {
    const page = await open('redirect', await sessionThatReturns())
    await page.click('button[value=deny]')
    await page.waitForURL(`${product.origin}/back?*`)
    expect((await outcome(page)).error).toMatchObject({ code: 'callback_err' })
    expect(page.url()).toBe(product.returnUrl)
  })

  it('knows no result after the back button, and can be begun again', async () => {
    const page = await open('redirect', await sessionThatReturns())
    await page.waitForSelector('button[value=allow]')
    await page.goBack()
    await page.waitForFunction('window.isReady')
    await page.goto(product.returnUrl)
    expect((await outcome(page)).result).toBeNull()
    await page.goBack()
    await page.waitForFunction('window.isReady')
    await page.click('button')
    await page.click('button[value=allow]')
    await page.waitForURL(`${product.origin}/back?*`)
    expect((await outcome(page)).result).toMatchObject({ connectionId: expect.stringMatching(/\w/) })
  })

  it('stays on the page without a return_url', async () => {
    const page = await open('redirect', await openSession(server, SF))
    expect((await outcome(page)).error).toMatchObject({ code: 'return_url_missing' })
  })
})

describe('openConnectUI()', () => {
  it('hands the token over to the page, and takes everything away when it is closed', async () => {
    const page = await open('ui', await openSession(server, SF))
    const frame = page.frameLocator('iframe#connect-ui')
    await frame.getByRole('heading', { name: /connect/i }).waitFor()
    expect(await page.evaluate('document.body.style.overflow')).toBe('hidden')
    // A stranger's word, and one from this page itself, are not the iframe's.
    await page.evaluate(`postMessage({ type: 'close' }, '*')`)
    await page.evaluate(`postMessage({ type: 'connect', payload: {} }, '*')`)
    await frame.getByRole('button', { name: /close/i }).first().click()
    await page.waitForFunction(`!document.querySelector('iframe')`)
    expect(await page.evaluate('window.events.map(({ type }) => type)')).toEqual(['ready', 'close'])
    expect(await page.evaluate('[document.body.style.overflow, document.activeElement.tagName]')).toEqual(['', 'BUTTON'])
  })
})
