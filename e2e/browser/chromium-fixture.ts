/** A Chromium of a test's own: new profile, no calls home. `CHROMIUM_PATH` names another than the system's. */
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { chromiumPath } from '../../testkit/chromium.ts'

/** Of every single step; a step that takes longer is broken. */
export const STEP_MS = 10_000

const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface ChromiumOptions {
  /** The fake Salesforce's port: `*.salesforce.com` and `*.force.com` lead there, with a certificate that nobody signed. */
  salesforcePort?: number | undefined
  /** Off: the browser blocks windows that no click opened, as it does for people. Playwright switches that off. */
  allowPopups?: boolean
  args?: string[]
}

/** Close it. */
export async function launchChromium({ salesforcePort, allowPopups = true, args = [] }: ChromiumOptions = {}): Promise<Browser> {
  const hosts = ['*.salesforce.com', '*.force.com'].map((host) => `MAP ${host} 127.0.0.1:${salesforcePort}`).join(', ')
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [...FLAGS, ...(salesforcePort === undefined ? [] : [`--host-resolver-rules=${hosts}`, '--ignore-certificate-errors']), ...args],
    ...(allowPopups ? {} : { ignoreDefaultArgs: ['--disable-popup-blocking'] }),
    timeout: 30_000,
  })
}

/**
 * For the top of a test file: one browser for the file, contexts of their own for each test. `options` is asked when the browser starts, after the
 * hooks before this call, so it may name a server's port.
 */
export function useChromium(options: () => ChromiumOptions = () => ({})) {
  let browser: Browser | undefined
  const contexts: BrowserContext[] = []
  beforeAll(async () => {
    browser = await launchChromium(options())
  })
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
  })
  afterAll(() => browser?.close())
  return {
    /** A profile of its own, closed after the test. */
    async context(wishes: BrowserContextOptions = {}): Promise<BrowserContext> {
      if (!browser) throw new Error('the browser is started before the tests')
      const context = await browser.newContext({ ignoreHTTPSErrors: true, ...wishes })
      context.setDefaultTimeout(STEP_MS)
      contexts.push(context)
      return context
    },
  }
}
