/** The logs and one operation, over made-up answers. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_MS, useChromium } from './chromium-fixture.ts'
import { activityAnswers, idOf, operationOf, type ActivityStub } from './dashboard-activity-answers.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
let unused: StubApi
let activity: ActivityStub
beforeAll(async () => {
  activity = activityAnswers()
  stub = await startStubApi(activity.answers)
  unused = await startStubApi(activityAnswers({ isEmpty: true }).answers)
})
afterAll(async () => {
  await stub?.close()
  await unused?.close()
})
const browser = useChromium()
const SOON = { timeout: STEP_MS }

/** Of the row in focus. */
const focused = (page: Page) => page.evaluate<string | undefined>('document.activeElement.dataset.row')
const scroller = '[data-scroll-restoration-id=logs]'
let arrived = 0
const arrival = (name: string) => ({ ...operationOf(0), id: idOf(5_000_000 + arrived++), path: `/${name}` })

describe('the logs', () => {
  it('are readable for everybody, light and dark, wide and narrow', async () => {
    await checkLooks(await browser.context(), `${stub.url}logs`, 'Token refresh')
    await checkLooks(await browser.context(), `${unused.url}logs`, 'Nothing has happened yet')
  })

  it('keep the filters in the address, and take them from there', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.getByRole('button', { name: 'Refreshes' }).click()
    await page.waitForURL(/kind=refresh$/)
    await expect.poll(() => page.getByRole('row', { name: /Sign-in/ }).count(), SOON).toBe(0)
    await page.getByRole('button', { name: 'Calls' }).click()
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('failure')
    await page.getByRole('textbox', { name: 'Connection’s id' }).fill('conn-000003')
    await page.waitForURL(/connection=conn-000003/)
    await page.reload()
    await page
      .getByRole('row', { name: /GET \/services/ })
      .first()
      .waitFor()
    expect(await page.getByRole('button', { name: 'Calls' }).getAttribute('aria-pressed')).toBe('true')
    expect(await page.getByRole('combobox', { name: 'Outcome' }).inputValue()).toBe('failure')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.waitForURL(/logs$/)
  })

  it('ask for exact times in the reader’s time zone', async () => {
    const { page } = await openWatched(await browser.context({ timezoneId: 'Asia/Tokyo' }), `${stub.url}logs`)
    await page.getByRole('combobox', { name: 'Time' }).selectOption('exact')
    await page.getByLabel('To', { exact: true }).fill('2026-01-15T12:00:00')
    await page.getByLabel('To', { exact: true }).press('Enter')
    await page.waitForURL((url) => url.searchParams.get('to') === '2026-01-15T03:00:00.000Z')
    await page.getByText('Not live: the time has an end').waitFor()
  })

  it('are read with the keyboard, and come back to where one was', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.locator(`[data-row="${operationOf(0).id}"]`).focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => focused(page), SOON).toBe(operationOf(1).id)
    for (const at of [11, 21, 31, 41]) {
      await page.keyboard.press('PageDown')
      await expect.poll(() => focused(page), SOON).toBe(operationOf(at).id)
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(/logs\/0193f0a0/)
    await page.getByText('What happened').waitFor()
    await page.goBack()
    await page.locator(`[data-row="${operationOf(41).id}"]`).waitFor()
  })

  it('draw only what is in sight of thousands of rows, and load on', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.locator(`[data-row="${operationOf(0).id}"]`).focus()
    // Each End goes to the last row that is there by then.
    const end = async () => {
      await page.keyboard.press('End')
      return focused(page)
    }
    await expect.poll(end, SOON).satisfy((id: string) => id <= operationOf(299).id)
    expect(await page.getByRole('row').count()).toBeLessThan(80)
  })

  it('look further back in a search that found nothing yet', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.getByRole('searchbox').fill('rare')
    await page.getByRole('button', { name: 'Search further back' }).click()
    await page.locator(`[data-row="${operationOf(3).id}"]`).waitFor()
    await page.getByText('One operation, no earlier ones.').waitFor()
  })
})

describe('the live log', () => {
  it('follows at the top, holds back for a reader elsewhere, and stops when told', async () => {
    const { page, problems } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.clock.install()
    await page.reload()
    await page.locator(`[data-row="${operationOf(0).id}"]`).waitFor()
    activity.arrives(arrival('at-the-top'))
    await page.clock.runFor(2_500)
    await page.getByText('GET /at-the-top').waitFor()

    await page.locator(scroller).evaluate((box: { scrollTop: number }) => (box.scrollTop = 2_000))
    const row = page.locator(`[data-row="${operationOf(55).id}"]`)
    const before = await row.boundingBox()
    activity.arrives(arrival('held-1'), arrival('held-2'))
    await page.clock.runFor(5_000)
    const button = page.getByRole('button', { name: '2 new' })
    await button.waitFor()
    expect(await row.boundingBox()).toEqual(before)
    await button.click()
    await page.getByText('GET /held-2').waitFor()
    expect(await page.locator(scroller).evaluate((box: { scrollTop: number }) => box.scrollTop)).toBe(0)

    await page.getByRole('button', { name: 'Pause' }).click()
    activity.arrives(arrival('while-paused'))
    await page.clock.runFor(30_000)
    expect(await page.getByText('GET /while-paused').count()).toBe(0)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.clock.runFor(2_500)
    await page.getByText('GET /while-paused').waitFor()
    expect(problems).toEqual([])
  })

  it('asks for nothing while nobody can see it, and at once when somebody can', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs`)
    await page.clock.install()
    await page.reload()
    await page.locator(`[data-row="${operationOf(0).id}"]`).waitFor()
    let asked = 0
    page.on('request', (request) => (asked += request.url().includes('after=') ? 1 : 0))
    const see = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`,
      )
    await see(true)
    await page.clock.runFor(120_000)
    expect(asked).toBe(0)
    await see(false)
    await expect.poll(() => asked, SOON).toBe(1)
  })

  it('says that the server does not answer, and asks less and less', async () => {
    const context = await browser.context()
    const { page } = await openWatched(context, `${stub.url}logs`)
    await page.clock.install()
    await page.reload()
    await page.locator(`[data-row="${operationOf(0).id}"]`).waitFor()
    let asked = 0
    await page.route(/after=/, (route) => {
      asked++
      return route.abort()
    })
    await page.clock.runFor(2_500)
    await page.getByText('No answer from the server; trying again').waitFor()
    await page.clock.runFor(3_000)
    expect(asked).toBe(1)
    await page.unroute(/after=/)
    await page.clock.runFor(2_000)
    await page.getByText('Live', { exact: true }).waitFor()
  })
})

describe('one operation', () => {
  const failure = () => `${stub.url}logs/${operationOf(3).id}`

  it('is readable for everybody, light and dark, wide and narrow', async () => {
    await checkLooks(await browser.context(), failure(), 'What happened')
  })

  it('says what happened, why, and what to do', async () => {
    const context = await browser.context({ permissions: ['clipboard-read', 'clipboard-write'] })
    const { page, problems } = await openWatched(context, failure())
    await page.getByRole('heading', { name: 'The sign-in is no longer valid' }).waitFor()
    await page.getByText('Ask an administrator whether the app was blocked in the org.').waitFor()
    await page.getByText('+133 ms').waitFor()
    await page.getByText('"errorCode": "NOT_FOUND"').waitFor()
    await page.getByRole('link', { name: 'The sign-in is no longer valid' }).waitFor()
    await page.getByRole('button', { name: 'Copy for a support ticket' }).click()
    await page.getByText('Copied').waitFor()
    const text = await page.evaluate<string>('navigator.clipboard.readText()')
    expect(text).toContain(`Operation:   ${operationOf(3).id}`)
    expect(text).toContain('1. Send the user a reconnect link.')
    await page.getByRole('link', { name: 'What else this connection did within 5 minutes' }).click()
    await page.waitForURL(/logs\?connection=conn-000003&from=.+&to=/)
    expect(problems).toEqual([])
  })

  it('that is not there any more says so', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}logs/${idOf(5)}`)
    await page.getByText('This operation is not in the log').waitFor()
  })
})
