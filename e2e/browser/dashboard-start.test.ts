/** Getting started, as after `npm start`: from the owner's link to the first proxied call, by clicks alone. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { axeFindings, checkLooks, openWatched } from './dashboard-page-checks.ts'
import { OWNER, startPracticeServer, type PracticeServer } from './dashboard-rig.ts'

let server: PracticeServer
beforeAll(async () => {
  server = await startPracticeServer()
})
afterAll(() => server?.close())
const browser = useChromium(() => ({ allowPopups: false }))

async function beOwner(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill(OWNER.name)
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Begin' }).click()
}

const doneSteps = async (page: Page) => {
  const texts = await page.getByRole('heading', { level: 2, name: /\(done\)$/ }).allTextContents()
  return texts.map((text) => text.replace(' (done)', ''))
}

describe('getting started', () => {
  it('leads from the link of the banner to a call against the practice org', async () => {
    const context = await browser.context()
    const { page, problems } = await openWatched(context, server.ownerLink)
    await beOwner(page)
    await page.getByText('was made at the first start').waitFor()
    expect(await doneSteps(page)).toEqual(['Choose what to connect'])
    expect(await axeFindings(page)).toEqual([])

    const popup = context.waitForEvent('page')
    await page.getByRole('button', { name: 'Open the Connect page' }).click()
    const connect = await popup
    await connect.getByRole('button', { name: /^Connect/ }).click()
    await page.getByText('Waiting for the connection…').waitFor()
    // The practice org asks for nothing but a click, in this window or in one of its own.
    const asked = async () => {
      for (const open of context.pages()) {
        const allow = open.locator('button[value=allow], button:has-text("Allow")').first()
        if (await allow.isVisible().catch(() => false)) return allow
      }
      return undefined
    }
    await expect
      .poll(async () => (await asked()) !== undefined || (await page.getByText('Connected just now').count()) > 0, { timeout: 8000 })
      .toBe(true)
    await (await asked())?.click()
    await page.getByText(/^Connected /).waitFor()
    expect(await doneSteps(page)).toContain('Connect an account')

    await page.getByRole('button', { name: 'Call it' }).click()
    const answer = page.getByLabel('Body of the answer')
    await answer.waitFor()
    expect(JSON.parse(await answer.innerText())).toMatchObject({ done: true })
    expect(await doneSteps(page)).toContain('Call the API')

    const code = page.getByRole('region', { name: 'In a shell' })
    expect(await code.innerText()).toContain('Bearer hws_…')
    await page.getByRole('button', { name: 'Make one' }).click()
    await page.getByText('Your key, shown this once').waitFor()
    const curl = await code.innerText()
    const [, key] = /Bearer (hws_dev_\w+)/.exec(curl)!
    const [, id] = /Connection-Id: ([^']+)/.exec(curl)!
    const [, url] = /curl '([^']+)'/.exec(curl)!
    const called = await fetch(url!, {
      headers: { authorization: `Bearer ${key}`, 'provider-config-key': 'salesforce-practice', 'connection-id': id! },
    })
    expect([called.status, await called.json()]).toMatchObject([200, { done: true }])
    await page.getByRole('tab', { name: '@hawser/browser' }).click()
    const inPage = (await page.getByRole('region', { name: 'In your product' }).innerText()).split('In your page')[1]
    expect(inPage).not.toContain(key)
    expect(problems).toEqual([])

    await page.reload()
    await page.getByText(/^Connected /).waitFor()
    expect(await page.content()).not.toContain(key)
    await checkLooks(context, `${server.dashboard}start`, 'Connect another account')
    await page.getByRole('link', { name: 'Add Salesforce' }).click()
    await page.waitForURL(`${server.dashboard}integrations/new?search=salesforce`)
  })
})
