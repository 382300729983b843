/** The issues, over made-up answers. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_MS, useChromium } from './chromium-fixture.ts'
import { activityAnswers } from './dashboard-activity-answers.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { Refusal, startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
let well: StubApi
let many: StubApi
beforeAll(async () => {
  stub = await startStubApi(activityAnswers().answers)
  well = await startStubApi(activityAnswers({ isEmpty: true }).answers)
  many = await startStubApi(activityAnswers({ issues: 201, role: 'support' }).answers)
})
afterAll(async () => {
  for (const one of [stub, well, many]) await one?.close()
})
const browser = useChromium()
const SOON = { timeout: STEP_MS }

describe('the issues', () => {
  it('are readable for everybody, light and dark, wide and narrow', async () => {
    await checkLooks(await browser.context(), `${stub.url}issues`, 'What to do')
    await checkLooks(await browser.context(), `${well.url}issues`, 'All is well')
  })

  it('tell a kind’s cause once, who has to act, and everybody whom it concerns', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}issues`)
    const group = page.getByRole('region', { name: 'The sign-in is no longer valid' })
    await group.getByText('The person who connected has to act').waitFor()
    expect(await group.getByText('Salesforce answered the refresh with invalid_grant').count()).toBe(1)
    expect(await group.getByRole('listitem').filter({ hasText: 'seen' }).count()).toBe(10)
    await group.getByRole('button', { name: 'Show all 12' }).click()
    expect(await group.getByRole('listitem').filter({ hasText: 'seen' }).count()).toBe(12)
  })

  it('group by integration, each with its own cause, and filter', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}issues`)
    await page.getByRole('combobox', { name: 'Group' }).selectOption('integration')
    await page.waitForURL(/group=integration/)
    const group = page.getByRole('region', { name: 'salesforce-sandbox' })
    await group.getByText('Cause and what to do').first().click()
    await group.getByText('host org1.my.salesforce.com').waitFor()
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('sandbox_refreshed')
    await page.waitForURL(/kind=sandbox_refreshed/)
    await expect.poll(() => page.getByText('The sign-in is no longer valid').count(), SOON).toBe(0)
  })

  it('stay readable when they are over', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}issues`)
    await page.getByRole('combobox', { name: 'State' }).selectOption('closed')
    await page.getByText('Resolved', { exact: true }).nth(1).waitFor()
    expect(await page.getByRole('button', { name: 'Reconnect link' }).count()).toBe(0)
  })

  it('lead to a reconnect link by one press', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}issues?connection=conn-000003`)
    await page.getByRole('button', { name: 'Reconnect link', exact: true }).click()
    await page.getByText('session_token=conn-000003').waitFor()
    expect(stub.calls.at(-1)).toMatchObject({
      name: 'createReconnectSession',
      call: { body: { connection_id: 'conn-000003', integration_id: 'salesforce' } },
    })
  })
})

describe('reconnect links for many', () => {
  it('come as a file, one for each connection of the filter', async () => {
    const { page, problems } = await openWatched(await browser.context(), `${stub.url}issues?kind=sandbox_refreshed`)
    await page.getByRole('button', { name: 'Reconnect links as CSV' }).click()
    await page.getByRole('button', { name: 'Make the links' }).click()
    await page.getByText('2 links are ready.').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as a file' }).click()])
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
    expect(lines[0]).toBe('integration,connection_id,end_user_id,end_user_email,organization,issue,reconnect_link,expires_at')
    expect(lines.slice(1).map((line) => line.split(',')[1])).toEqual(['conn-000004', 'conn-000009'])
    expect(problems).toEqual([])
  })

  it('are never more than 200, and say so; what failed is counted', async () => {
    let made = 0
    const before = many.answers['createReconnectSession']!
    many.answers['createReconnectSession'] = (call) => {
      if (++made === 7) throw new Refusal(400, 'invalid_body')
      return before(call)
    }
    const { page } = await openWatched(await browser.context(), `${many.url}issues`)
    await page.getByRole('button', { name: 'Reconnect links as CSV' }).click()
    await page.getByRole('button', { name: 'Make the links' }).click()
    await page.getByText('199 links are ready. 1 could not be made; try again later. There are more connections').waitFor()
    expect(made).toBe(200)
  })

  it('are not for people who may only look', async () => {
    const viewer = await startStubApi(activityAnswers({ role: 'viewer' }).answers)
    try {
      const { page } = await openWatched(await browser.context(), `${viewer.url}issues`)
      const button = page.getByRole('button', { name: /Reconnect links as CSV/ })
      await button.waitFor()
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      expect(await button.getAttribute('title')).toContain('Your role')
    } finally {
      await viewer.close()
    }
  })
})
