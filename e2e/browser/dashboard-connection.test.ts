/** The page of one connection over made-up answers, and everything that is done there. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { connectionAnswer } from './dashboard-connection-answers.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
import { startStubApi, type StubApi, type StubCall } from './stub-api.ts'

let stub: StubApi
let proxied: (StubCall & { path: string; method: string })[] = []
beforeAll(async () => {
  stub = await startStubApi(stubAnswers(), (call) => {
    proxied.push(call)
    return { totalSize: 1, records: [{ Name: 'Acme' }] }
  })
})
beforeEach(() => {
  stub.answers = stubAnswers()
  stub.calls.length = 0
  proxied = []
})
afterAll(() => stub?.close())
const browser = useChromium()
const open = async (path: string) => (await openWatched(await browser.context(), stub.url + path)).page
const PAGE = 'connections/salesforce-sandbox/conn-000003'

describe('one connection', () => {
  it.each([
    ['', 'The Salesforce org'],
    ['?tab=try', 'Start from'],
    ['?tab=activity', 'Search all of it'],
    ['?tab=credentials', 'Reveal for 30 seconds'],
    ['?tab=settings', 'User and tags'],
  ])('%s is readable for everybody', async (tab, ready) => {
    await checkLooks(await browser.context(), stub.url + PAGE + tab, ready)
  })

  it('says what is wrong, and makes the reconnect link by one click', async () => {
    const data = { token: 't', connect_link: 'https://hawser.example.com/connect/abc', expires_at: connectionAnswer().created_at }
    stub.answers['createReconnectSession'] = () => ({ data })
    const page = await open(PAGE)
    await page.getByRole('heading', { name: 'The sign-in is no longer valid' }).waitFor()
    await page.getByRole('button', { name: 'Reconnect link' }).last().click()
    await page.getByText('https://hawser.example.com/connect/abc').waitFor()
    expect(stub.calls[0]?.call.body).toEqual({ connection_id: 'conn-000003', integration_id: 'salesforce-sandbox' })
  })

  it('sends a request with a token of a minute, and shows the answer', async () => {
    stub.answers['createConnectionToken'] = () => ({
      data: { id: '0193f0a0-0000-7000-8000-000000000021', token: 'short-lived', expires_at: connectionAnswer().created_at },
    })
    const page = await open(`${PAGE}?tab=try`)
    await page.getByLabel('Start from').selectOption({ label: 'Limits of the org' })
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByLabel('Body of the answer').getByText('"totalSize": 1').waitFor()
    expect(stub.calls[0]?.call.body).toEqual({ expires_in: 60 })
    expect(proxied[0]).toMatchObject({
      method: 'GET',
      path: 'services/data/v66.0/limits',
      headers: { authorization: 'Bearer short-lived' },
    })
    expect(proxied[0]?.headers.cookie).toBeUndefined()
  })

  it('sends nothing that would leave the provider’s API', async () => {
    const page = await open(`${PAGE}?tab=try`)
    await page.getByRole('textbox', { name: 'Path' }).fill('/../environment')
    await page.getByText('The path leads out of the provider’s API.').first().waitFor()
    await page.getByRole('button', { name: 'Send' }).click({ force: true })
    expect(stub.calls).toEqual([])
  })

  it('reveals the token for 30 seconds, and hides it', async () => {
    const context = await browser.context()
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(`${stub.url}${PAGE}?tab=credentials`)
    await page.getByRole('button', { name: 'Reveal for 30 seconds' }).click()
    const token = page.getByText('00Dx!AQ_stub_access_token')
    await token.waitFor()
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Hide')
    await page.clock.runFor(29_000)
    expect(await token.count()).toBe(1)
    await page.clock.runFor(2000)
    await token.waitFor({ state: 'detached' })
  })

  it('names the line in which metadata stops being JSON', async () => {
    stub.answers['setMetadata'] = ({ body }) => body
    const page = await open(`${PAGE}?tab=settings`)
    await page.getByLabel('Metadata as JSON').fill('{\n  "plan": "pro",\n}')
    await page.getByText('Line 3, column 1: A name in double quotes is expected here.').waitFor()
    await page.getByLabel('Metadata as JSON').fill('{"plan":"team"}')
    await page.getByRole('button', { name: 'Save the metadata' }).click()
    await expect.poll(() => stub.calls[0]?.call.body['metadata']).toEqual({ plan: 'team' })
  })

  it('keeps the tags that follow from the person when another changes', async () => {
    stub.answers['getConnection'] = () => ({ ...connectionAnswer(), tags: { end_user_id: 'user-3', region: 'us' } })
    stub.answers['updateConnection'] = () => ({ success: true })
    const page = await open(`${PAGE}?tab=settings`)
    await page.getByLabel('Value of tag 1').fill('eu')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => stub.calls[0]?.call.body).toEqual({ tags: { end_user_id: 'user-3', region: 'eu' } })
  })

  it('is deleted only after its id was typed', async () => {
    stub.answers['deleteConnection'] = () => ({ success: true })
    const page = await open(`${PAGE}?tab=settings`)
    await page.getByRole('button', { name: 'Delete this connection' }).click()
    await page.getByLabel(/^Type/).fill('conn-000003')
    await page.getByRole('button', { name: 'Delete the connection' }).click()
    await page.waitForURL(/\/connections$/)
    expect(stub.calls.map(({ name }) => name)).toEqual(['deleteConnection'])
  })
})
