/** Every page of the dashboard over a real server with a day's work in it: its own data, no failed request, nothing from elsewhere. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { createApiClient } from '../api-client.ts'
import { openWatched } from './dashboard-page-checks.ts'
import { OWNER } from './dashboard-rig.ts'
import { startUsedServer, type UsedServer } from './used-server-rig.ts'

const BROKEN = 'Brightwater Logistics'
const WORKING = 'Cobalt & Finch'
const RIG_MS = 90_000
const IMAGES = join(import.meta.dirname, '../../docs/images')
/** The pictures of the documentation are made of the same run: `HAWSER_PICTURES=1`. */
const MAKES_PICTURES = process.env['HAWSER_PICTURES'] === '1'

let used: UsedServer
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>
beforeAll(async () => {
  used = await startUsedServer()
}, RIG_MS)
afterAll(() => used?.close())
const browser = useChromium()

/** At the time that the server believes it is. */
async function open(url: string, more: BrowserContextOptions = {}) {
  const context = await browser.context({ viewport: { width: 1280, height: 800 }, locale: 'en', ...more })
  await context.clock.setSystemTime(used.server.clock.now())
  const problems: string[] = []
  context.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} ${response.request().method()} ${response.url()}`)
  })
  const watched = await openWatched(context, url)
  return { page: watched.page, noProblems: () => expect([...problems, ...watched.problems]).toEqual([]) }
}

const inside = (path: string, more: BrowserContextOptions = {}) =>
  open(`${used.server.url}/dashboard/${path}`, { storageState: signedIn, ...more })

async function idOf(company: string): Promise<string> {
  const { body } = await createApiClient(used.server.url, used.server.apiKey).get<{ connections: Listed[] }>('/connections')
  return body.connections.find(({ end_user: user }) => user.organization.display_name === company)!.connection_id
}
interface Listed {
  connection_id: string
  end_user: { organization: { display_name: string } }
}

const go = (page: Page, name: string, navigation = 'Main') =>
  page.getByRole('navigation', { name: navigation }).getByRole('link', { name, exact: true }).click()

describe('the dashboard over a real server', () => {
  it('lets the first owner in by her link, once', async () => {
    const link = (await used.server.server.firstOwnerLink())!
    const { page, noProblems } = await open(link)
    await page.getByLabel('Your name').fill(OWNER.name)
    await page.getByLabel('Email address').fill(OWNER.email)
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByText('Choose what to connect').waitFor()
    await page.getByText(/^Connected /).waitFor()
    noProblems()
    signedIn = await page.context().storageState()
  })

  it('sums up what the customers did', async () => {
    const { page, noProblems } = await inside('')
    await page.getByRole('link', { name: 'Need attention 3' }).waitFor()
    await page.getByRole('link', { name: 'Connections working 9' }).waitFor()
    await page.getByRole('img', { name: /^Calls\. Last 24 hours: [\d,]{3,} calls/ }).waitFor()
    await page.getByRole('row', { name: 'salesforce-sandbox 3 1 0' }).waitFor()
    noProblems()
  })

  it('shows the integrations and how to set them up', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Integrations')
    await page.getByRole('link', { name: 'Salesforce sandboxes' }).click()
    await page.getByText(`${used.server.url}/oauth/callback`).first().waitFor()
    for (const tab of ['Credentials', 'Rules', 'Usage', 'Settings']) await page.getByRole('tab', { name: tab }).click()
    noProblems()
    await page.getByRole('tab', { name: 'Usage' }).click()
    await page.getByText('No user of this integration has used up all five.').waitFor()
    await page.getByRole('navigation', { name: 'Path' }).getByRole('link', { name: 'Integrations' }).click()
    await page.getByRole('link', { name: 'Add' }).first().click()
    await page.getByRole('button', { name: 'Salesforce Sandbox' }).waitFor()
    noProblems()
  })

  it('finds a connection, reveals its token, and tries a request with it', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Connections')
    await page.getByText('12 connections').waitFor()
    await page.getByRole('searchbox').fill('cobalt')
    await page.getByText('1 connection fit').waitFor()
    await page.getByRole('link', { name: WORKING }).click()
    await page.getByText('https://cobalt.my.salesforce.com').first().waitFor()
    await page.getByRole('tab', { name: 'Credentials' }).click()
    await page.getByRole('button', { name: 'Reveal for 30 seconds' }).click()
    await page.getByText(/^00D\w+!/).waitFor()
    await page.getByRole('button', { name: 'Hide' }).click()
    await page.getByRole('button', { name: 'Refresh now' }).click()
    await page.getByText('The provider issued a new token.').waitFor()
    await page.getByRole('tab', { name: 'Try a request' }).click()
    await page.getByRole('button', { name: 'Send' }).click()
    const answer = page.getByLabel('Body of the answer')
    await answer.waitFor()
    expect(await answer.innerText()).toContain(`${WORKING} North`)
    await page.getByRole('tab', { name: 'Activity' }).click()
    await page
      .getByRole('link', { name: /^GET \/services/ })
      .first()
      .waitFor()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: /^Delete/ }).waitFor()
    noProblems()
  })

  it('tells in the logs what happened step by step', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Logs')
    await page.getByRole('button', { name: 'Refreshes' }).click()
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('failure')
    await page.getByRole('link', { name: 'Token refresh' }).first().click()
    await page.getByText('The provider answered 400 invalid_grant.').waitFor()
    await page.getByRole('heading', { name: 'What happened' }).waitFor()
    noProblems()
  })

  it('lists the issues with their causes, and makes a reconnect link', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Issues')
    await page.getByRole('link', { name: BROKEN }).waitFor()
    await page.getByRole('heading', { name: 'The sandbox was refreshed' }).waitFor()
    await page.getByRole('button', { name: 'Reconnect link', exact: true }).first().click()
    await page.getByText(`${used.server.url}/connect-ui/?session_token=`).first().waitFor()
    noProblems()
  })

  it('shows the webhooks that were sent, and the key that they are signed with', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Webhooks')
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('webhook.test').first().waitFor()
    await page.getByRole('tab', { name: 'Signing key and code' }).click()
    await page.getByRole('button', { name: 'Show the key' }).click()
    await page.getByText(/^whsec_/).waitFor()
    await page.getByRole('tab', { name: 'Deliveries' }).click()
    await page.getByRole('table').getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Payload' }).waitFor()
    noProblems()
  })

  it('opens every page of the settings, and the account', async () => {
    const { page, noProblems } = await inside('')
    await go(page, 'Settings')
    const webhooks = page.getByLabel('Address')
    await webhooks.waitFor()
    expect(await webhooks.inputValue()).toMatch(/\/hawser$/)
    const settings: [name: string, shows: string | RegExp][] = [
      ['Keys and tokens', 'API keys'],
      ['Connect page', 'Colour of buttons, light'],
      ['Members', OWNER.email],
      ['Audit', 'Became an owner'],
      ['Vault', 'Live'],
    ]
    for (const [name, shows] of settings) {
      await go(page, name, 'Settings')
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await page.getByRole('main').getByText(shows).filter({ visible: true }).first().waitFor()
    }
    await page.getByRole('link', { name: /^Your account/ }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    await page.getByText('What you may do').waitFor()
    noProblems()
  })
})

interface Picture {
  name: string
  path: string
  ready: string
  dark?: boolean
}

describe.runIf(MAKES_PICTURES)('pictures', () => {
  const connection = `connections/salesforce/__ID__`
  const pictures: Picture[] = [
    { name: 'overview', path: 'overview', ready: 'Half of them' },
    { name: 'overview-dark', path: 'overview', ready: 'Half of them', dark: true },
    { name: 'integration', path: 'integrations/salesforce-sandbox', ready: 'oauth/callback' },
    { name: 'connections', path: 'connections', ready: WORKING },
    { name: 'connection', path: connection, ready: 'What to do' },
    { name: 'logs', path: 'logs', ready: 'Call' },
    { name: 'issues', path: 'issues', ready: 'What to do' },
    { name: 'start', path: 'start', ready: 'Connected' },
  ]
  it.each(pictures)('of $name', async ({ name, path, ready, dark = false }) => {
    mkdirSync(IMAGES, { recursive: true })
    const { page } = await inside(path.replace('__ID__', await idOf(BROKEN)), {
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    })
    await page.getByText(ready).first().waitFor()
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(IMAGES, `dashboard-${name}.png`) })
  })
})
