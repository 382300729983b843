/** The overview over made-up answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
import { ago } from './stub-time.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
beforeAll(async () => {
  stub = await startStubApi(stubAnswers())
})
afterAll(() => stub?.close())
const browser = useChromium()

describe('the overview', () => {
  it('is readable for everybody, light and dark, wide and narrow', async () => {
    await checkLooks(await browser.context(), `${stub.url}overview`, 'By integration')
  })

  it('leads from a number to its rows', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}overview`)
    await page.getByRole('link', { name: 'Need attention' }).click()
    await page.waitForURL(/\/connections\?state=broken$/)
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor()
  })

  it('tells the figures of a chart as a table, and keeps the time range in the address', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}overview`)
    await page.getByRole('img', { name: /^Calls\. Last 24 hours: [\d,]+ calls/ }).waitFor()
    await page.getByRole('button', { name: 'Show as a table' }).first().click()
    const table = page.getByRole('region', { name: 'Calls, as a table' })
    expect(await table.getByRole('row').count()).toBe(97)
    await page.getByRole('combobox', { name: 'Time' }).selectOption('1')
    await page.waitForURL(/hours=1$/)
    await expect.poll(() => table.getByRole('row').count()).toBe(61)
  })

  it('says why everything stands still', async () => {
    const own = await startStubApi(
      stubAnswers({
        frozen: [{ what: 'environment', integration: null, connection_id: null, reason: 'a laptop was stolen', frozen_at: ago(5) }],
      }),
    )
    try {
      const { page } = await openWatched(await browser.context(), `${own.url}overview`)
      await page.getByText('Reason: a laptop was stolen').waitFor()
    } finally {
      await own.close()
    }
  })
})
