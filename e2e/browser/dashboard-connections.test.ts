/** The list of connections over made-up answers: 100,000 of them. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
beforeAll(async () => {
  stub = await startStubApi(stubAnswers())
})
beforeEach(() => {
  stub.answers = stubAnswers()
})
afterAll(() => stub?.close())
const browser = useChromium()
const open = async (path: string) => (await openWatched(await browser.context(), stub.url + path)).page
const rows = (page: Page) => page.locator('[data-row]').count()

describe('the list', () => {
  it('is readable for everybody', async () => {
    await checkLooks(await browser.context(), `${stub.url}connections`, 'Grace Hopper 3')
  })

  it('draws only what is in sight of 100,000, and says how many there are', async () => {
    const page = await open('connections')
    await page.getByText('100,000 connections', { exact: true }).waitFor()
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('100001')
    expect(await rows(page)).toBeLessThan(60)
    const scroller = page.locator('[role=table] > [role=rowgroup]').nth(1)
    for (let turn = 0; turn < 4; turn += 1) {
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight))
      await expect
        .poll(async () => Number(await page.locator('[data-row]').first().getAttribute('data-row')))
        .toBeGreaterThan(turn * 200 + 100)
    }
    expect(await rows(page)).toBeLessThan(60)
  })

  it('is walked through by keyboard: one stop for Tab, arrows between rows', async () => {
    const page = await open('connections')
    const focusOn = (row: number) => page.locator(`[data-row="${row}"]:focus`).waitFor()
    await page.locator('[data-row="0"]').focus()
    for (let turn = 0; turn < 3; turn += 1) {
      await page.keyboard.press('PageDown')
      await focusOn((turn + 1) * 10)
    }
    await page.keyboard.press('ArrowUp')
    await focusOn(29)
    expect(await page.locator('[data-row][tabindex="0"]').count()).toBe(1)
    await page.keyboard.press('Enter')
    await page.waitForURL(/conn-000029$/)
  })

  it('keeps its filters in the address', async () => {
    const page = await open('connections')
    await page.getByLabel('State').selectOption('broken')
    await page.waitForURL(/state=broken/)
    await page.getByLabel(/^Search by id/).fill('nobody')
    await page.waitForURL(/search=nobody/)
    await page.getByRole('heading', { name: 'No connection fits these filters' }).waitFor()
    await page.getByRole('button', { name: 'Show all connections' }).click()
    await page.getByText('100,000 connections', { exact: true }).waitFor()
    expect(await page.getByLabel(/^Search by id/).inputValue()).toBe('')
  })

  it('teaches what connections are while there is none', async () => {
    stub.answers = stubAnswers({ rows: 0 })
    const page = await open('connections')
    await page.getByRole('heading', { name: 'No connections yet' }).waitFor()
  })
})
