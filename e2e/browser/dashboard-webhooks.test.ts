/** The webhooks and one delivery, over made-up answers; the way of a test over a real server. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_MS, useChromium } from './chromium-fixture.ts'
import { activityAnswers, deliveryOf, wholeDelivery } from './dashboard-activity-answers.ts'
import { becomeOwner, startPracticeServer } from './dashboard-rig.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { ago } from './stub-time.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
let unused: StubApi
beforeAll(async () => {
  stub = await startStubApi(activityAnswers().answers)
  unused = await startStubApi(activityAnswers({ isEmpty: true, role: 'viewer' }).answers)
})
afterAll(async () => {
  await stub?.close()
  await unused?.close()
})
const browser = useChromium()
const SOON = { timeout: STEP_MS }
const lastCall = () => stub.calls.at(-1)

describe('the webhooks', () => {
  it('are readable for everybody, light and dark, wide and narrow', async () => {
    await checkLooks(await browser.context(), `${stub.url}webhooks`, 'connection.sandbox_refreshed')
    await checkLooks(await browser.context(), `${stub.url}webhooks?tab=receive`, 'verifyWebhook')
    await checkLooks(await browser.context(), `${unused.url}webhooks`, 'No webhook was sent yet')
  })

  it('filter by what became of them, in the address', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}webhooks`)
    await page.getByRole('combobox', { name: 'State' }).selectOption('given_up')
    await page.waitForURL(/state=given_up/)
    await expect.poll(() => page.getByRole('region', { name: 'Deliveries' }).getByText('Delivered').count(), SOON).toBe(0)
    await page.getByText('Your server answered with an error (503)').first().waitFor()
  })

  it('send a test and tell what the receiver said', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}webhooks`)
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('Delivered: your server answered 204 after 61 ms.').waitFor()
    expect(lastCall()?.name).toBe('testWebhook')

    stub.answers['getDelivery'] = () => wholeDelivery(3, { type: 'webhook.test', state: 'waiting', attempts: 1 })
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('Your server answered 503. It is tried again by itself.').waitFor()
  })

  it('set the URL', async () => {
    stub.answers['updateEnvironment'] = async (call) => stub.answers['getEnvironment']!(call)
    const { page } = await openWatched(await browser.context(), `${stub.url}webhooks`)
    await page.getByRole('button', { name: 'Change' }).click()
    await page.getByLabel('Webhook URL').fill('https://new.example.com/hooks')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect.poll(() => page.getByRole('dialog').count(), SOON).toBe(0)
    expect(lastCall()).toMatchObject({ name: 'updateEnvironment', call: { body: { webhook_url: 'https://new.example.com/hooks' } } })
  })

  it('show the signing key on demand, and the code that checks with it', async () => {
    const { page } = await openWatched(await browser.context(), `${stub.url}webhooks?tab=receive`)
    await page.getByText('verifyWebhook').first().waitFor()
    expect(await page.getByText('whsec_c3R1').count()).toBe(0)
    await page.getByRole('button', { name: 'Show the key' }).click()
    await page.getByText('whsec_c3R1YmJlZC1zaWduaW5nLWtleQ==').waitFor()
    await page.getByRole('tab', { name: 'Plain Node' }).click()
    await page.getByText('timingSafeEqual').first().waitFor()
  })

  it('refuse nothing silently to people who may only look', async () => {
    const { page } = await openWatched(await browser.context(), `${unused.url}webhooks?tab=receive`)
    const show = page.getByRole('button', { name: 'Show the key', exact: true })
    await expect.poll(() => show.getAttribute('title'), SOON).toContain('Only roles')
    for (const name of ['Set the URL', 'Send failed ones again']) {
      expect(await page.getByRole('button', { name }).getAttribute('title'), name).toContain('Your role')
    }
  })

  it('send everything again that failed in a time, call after call', async () => {
    let left = 1200
    stub.answers['replayDeliveries'] = () => {
      const replayed = Math.min(500, left)
      left -= replayed
      return { data: { replayed, remaining: left } }
    }
    const { page } = await openWatched(await browser.context({ timezoneId: 'UTC' }), `${stub.url}webhooks`)
    await page.getByRole('button', { name: 'Send failed ones again' }).click()
    await page.getByRole('dialog').getByLabel('From').fill('2026-01-15T12:00:00')
    await page.getByRole('dialog').getByLabel('From').press('Enter')
    await page.getByRole('dialog').getByLabel('Type').selectOption('auth')
    await page.getByRole('button', { name: 'Send them again' }).click()
    await page.getByText('1,200 are on their way.').waitFor()
    const sent = stub.calls.filter(({ name }) => name === 'replayDeliveries').map(({ call }) => call.body)
    expect(sent).toHaveLength(3)
    expect(sent[0]).toMatchObject({ from: '2026-01-15T12:00:00.000Z', type: 'auth' })
  })
})

describe('one delivery', () => {
  const address = () => `${stub.url}webhooks/${deliveryOf(2).id}`

  it('is readable for everybody, light and dark, wide and narrow', async () => {
    stub.answers['getDelivery'] = () => wholeDelivery(2)
    await checkLooks(await browser.context(), address(), 'Payload')
  })

  it('is sent again by one press, and not while it is being sent', async () => {
    let isReplayed = false
    stub.answers['getDelivery'] = () =>
      wholeDelivery(2, isReplayed ? { state: 'waiting', next_attempt_at: ago(-1), replayed_at: ago(0) } : {})
    stub.answers['replayDelivery'] = () => {
      isReplayed = true
      return { data: deliveryOf(2, { state: 'waiting' }) }
    }
    const { page, problems } = await openWatched(await browser.context(), `${stub.url}webhooks?state=given_up`)
    await page.getByRole('link', { name: 'Sandbox refreshed' }).first().click()
    await page.getByText('<h1>Service Unavailable</h1>').first().waitFor()
    await page.getByText('"connection.sandbox_refreshed"').waitFor()
    const button = page.getByRole('button', { name: /Send again/ })
    await button.click()
    await expect.poll(() => button.getAttribute('title'), SOON).toBe('It is still being sent.')
    expect(lastCall()?.name).toBe('replayDelivery')
    expect(problems).toEqual([])
  })
})

it('a test goes to a receiver, and is found in the deliveries and in the logs', async () => {
  const bodies: string[] = []
  const receiver = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const server = await startPracticeServer({ HAWSER_TRUSTED_HOSTS: host })
  try {
    const context = await browser.context()
    await becomeOwner(context, server.url, server.ownerLink)
    const { page, problems } = await openWatched(context, `${server.dashboard}webhooks`)
    await page.getByRole('button', { name: 'Set the URL' }).click()
    await page.getByLabel('Webhook URL').fill(`http://${host}/hooks`)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Send a test' }).click()
    await page.getByText('Delivered: your server answered 204').waitFor()
    expect(JSON.parse(bodies.join(''))).toMatchObject({ type: 'webhook.test' })
    await page.getByRole('link', { name: 'Look at it' }).click()
    await page.getByText('"webhook.test"').waitFor()
    await page.getByRole('link', { name: 'Logs' }).click()
    await page.getByRole('row', { name: /Webhook webhook\.test/ }).waitFor()
    await page.getByRole('link', { name: 'Webhook webhook.test' }).click()
    await page.getByText('What happened').waitFor()
    expect(problems).toEqual([])
  } finally {
    await server.close()
    receiver.closeAllConnections()
    receiver.close()
  }
})
