/** The hosted connect page in an iframe of a product on another origin, in Chromium that blocks windows as people's does. */
import type { FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { graveFaults, startConnectRig, type ConnectRig } from './connect-rig.ts'
import { startProductPage, type ProductPage } from './popup-page.ts'

let rig: ConnectRig
let product: ProductPage
beforeAll(async () => {
  ;[rig, product] = await Promise.all([startConnectRig(), startProductPage()])
})
afterAll(async () => {
  await product?.close()
  await rig?.close()
})
const browser = useChromium(() => ({ salesforcePort: rig.server.fake.port, allowPopups: false }))
beforeEach(() => {
  rig.server.fake.consent({ decision: 'ask' })
  rig.server.fake.state.grants.clear()
})

interface Embedded {
  page: Page
  frame: FrameLocator
  token: string
}

async function openEmbedded(headers: Record<string, string> = {}): Promise<Embedded> {
  const page = await (await browser.context({ locale: 'en' })).newPage()
  const token = await rig.session({ integrations: ['sandbox'] })
  await page.goto(product.address({ action: 'ui', host: rig.server.url, token, headers }))
  await page.waitForFunction('window.isReady')
  await page.click('button')
  const frame = page.frameLocator('iframe#connect-ui')
  await frame.locator('form').waitFor()
  return { page, frame, token }
}

async function connect({ page, frame }: Embedded): Promise<Page> {
  const popup = page.context().waitForEvent('page')
  await frame.getByRole('button', { name: /^Connect/ }).click()
  const opened = await popup
  await opened.waitForSelector('button[value=allow]')
  return opened
}

const events = (page: Page) => page.evaluate('window.events') as Promise<{ type: string; payload?: Record<string, unknown> }[]>

describe('the page in an iframe', () => {
  it('connects in a window, and tells the product, without a secret', async () => {
    const embedded = await openEmbedded()
    const popup = await connect(embedded)
    await embedded.frame.getByRole('heading', { name: 'Waiting for your sign-in' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await embedded.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      expect(await graveFaults(embedded.page.frames()[1]!), colorScheme).toEqual([])
    }
    await popup.click('button[value=allow]')
    await embedded.frame.getByRole('heading', { name: 'Connected' }).waitFor()
    await expect.poll(() => popup.isClosed()).toBe(true)
    const heard = await events(embedded.page)
    expect(heard.map(({ type }) => type)).toEqual(['ready', 'connect'])
    expect(heard[1]?.payload).toEqual({ providerConfigKey: 'sandbox', connectionId: expect.any(String), isPending: false })
    expect(JSON.stringify(heard)).not.toContain(embedded.token)
    await embedded.frame.getByRole('button', { name: 'Done' }).click()
    await embedded.page.waitForSelector('iframe#connect-ui', { state: 'detached' })
  })

  it('says what went wrong, closes the window, and tries again', async () => {
    const embedded = await openEmbedded()
    const popup = await connect(embedded)
    await popup.click('button[value=deny]')
    await embedded.frame.getByRole('heading', { name: 'The connection was not made' }).waitFor()
    await expect.poll(() => popup.isClosed()).toBe(true)
    expect((await events(embedded.page)).at(-1)).toMatchObject({ type: 'error', payload: { errorType: 'callback_err' } })
    await embedded.frame.getByRole('button', { name: 'Try again' }).click()
    await (await connect(embedded)).click('button[value=allow]')
    await embedded.frame.getByRole('heading', { name: 'Connected' }).waitFor()
  })

  it('opens the window again when it was closed', async () => {
    const embedded = await openEmbedded()
    await (await connect(embedded)).close()
    await embedded.frame.getByText('The window seems to be closed.').waitFor({ timeout: 25_000 })
    const again = embedded.page.context().waitForEvent('page')
    await embedded.frame.getByRole('button', { name: /Open it again/ }).click()
    await (await again).click('button[value=allow]')
    await embedded.frame.getByRole('heading', { name: 'Connected' }).waitFor()
  })

  it('hears the result where the browser cuts the window off', async () => {
    const embedded = await openEmbedded({ 'cross-origin-opener-policy': 'same-origin' })
    const { page, frame } = embedded
    const first = page.context().waitForEvent('page')
    await frame.getByRole('button', { name: /^Connect/ }).click()
    const cutOff = await first
    await frame.getByRole('heading', { name: 'Waiting for your sign-in' }).waitFor()
    // The browser gives no handle on the window, so a link opens it.
    const second = page.context().waitForEvent('page')
    await frame.getByRole('link', { name: 'Open the sign-in window' }).click()
    await (await second).click('button[value=allow]')
    await frame.getByRole('heading', { name: 'Connected' }).waitFor()
    expect((await events(page)).map(({ type }) => type)).toContain('connect')
    await cutOff.close()
  })

  it('goes on in the whole tab, if that is wished', async () => {
    const embedded = await openEmbedded()
    await connect(embedded)
    await embedded.frame.getByRole('link', { name: 'Continue in this tab instead' }).click()
    await embedded.page.waitForURL(/\/connect-ui\//)
    await embedded.page.click('form [type=submit]')
    await embedded.page.click('button[value=allow]')
    await embedded.page.getByRole('heading', { name: 'Connected' }).waitFor()
  })

  it('is closed by Escape, by its button, and by a press beside the card', async () => {
    for (const close of [
      ({ page }: Embedded) => page.keyboard.press('Escape'),
      ({ frame }: Embedded) => frame.getByRole('button', { name: 'Close' }).click(),
      ({ page }: Embedded) => page.mouse.click(5, 5),
    ]) {
      const embedded = await openEmbedded()
      await close(embedded)
      await embedded.page.waitForSelector('iframe#connect-ui', { state: 'detached' })
    }
  })

  it('16. takes no token from anybody but its parent, and tells nothing before it has one', async () => {
    const page = await (await browser.context({ locale: 'en' })).newPage()
    await page.goto(product.origin)
    await page.evaluate(`new Promise((resolve) => {
      window.heard = []
      addEventListener('message', ({ data }) => heard.push(data))
      const frame = document.createElement('iframe')
      frame.src = '${rig.server.url}/connect-ui/'
      frame.onload = resolve
      document.body.append(frame)
    })`)
    await page.waitForFunction('heard.length > 0')
    const [token, theirs] = await Promise.all([rig.session({ integrations: ['sandbox'] }), rig.session({ integrations: ['shop'] })])
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/connect/session')) asked.push(request.headers()['authorization'] ?? '')
    })
    await page.evaluate(`{
      const other = document.createElement('iframe')
      const script = 'parent.frames[0].postMessage({ type: "session_token", sessionToken: "${theirs}" }, "*"); parent.postMessage("sent", "*")'
      other.srcdoc = '<script>' + script + '</' + 'script>'
      document.body.append(other)
    }`)
    await page.waitForFunction(`heard.includes('sent')`)
    expect(await page.evaluate('heard')).toEqual([{ type: 'ready' }, 'sent'])
    await page.evaluate(`frames[0].postMessage({ type: 'session_token', sessionToken: '${token}' }, '*')`)
    await page.frames()[1]?.locator('form').waitFor()
    expect(asked).toEqual([`Bearer ${token}`])
  })
})
