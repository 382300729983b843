/** Integrations over made-up answers: choosing a provider, setting the app up, its rules and its end. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { checkLooks, openWatched } from './dashboard-page-checks.ts'
import { DIAGNOSIS } from './dashboard-connection-answers.ts'
import { INTEGRATION, stubAnswers } from './dashboard-stub-answers.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

let stub: StubApi
beforeAll(async () => {
  stub = await startStubApi(stubAnswers())
})
beforeEach(() => {
  stub.answers = stubAnswers()
  stub.calls.length = 0
})
afterAll(() => stub?.close())
const browser = useChromium()
const open = async (path: string) => (await openWatched(await browser.context(), stub.url + path)).page
const PAGE = 'integrations/salesforce-sandbox'

describe('integrations', () => {
  it.each([
    ['integrations', 'Salesforce Sandbox'],
    ['integrations/new', 'Acme Books'],
    [PAGE, 'Your callback URL'],
    [`${PAGE}?tab=credentials`, 'Show the client ids'],
    [`${PAGE}?tab=rules`, 'Kinds of orgs'],
    [`${PAGE}?tab=usage`, 'From a Connected App'],
    [`${PAGE}?tab=settings`, 'Delete this integration'],
  ])('%s is readable for everybody', async (path, ready) => {
    await checkLooks(await browser.context(), stub.url + path, ready)
  })

  it('are added from the catalogue', async () => {
    stub.answers['createQuickstartIntegration'] = ({ body }) => ({ data: { ...INTEGRATION, ...body } })
    const page = await open('integrations/new')
    await page.getByLabel('Search providers').fill('sandbox')
    await page.getByText('1 provider', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Salesforce Sandbox' }).click()
    // The first key is taken.
    expect(await page.getByLabel('Key').inputValue()).toBe('salesforce-sandbox-2')
    await page.getByRole('button', { name: 'Add it' }).click()
    await page.waitForURL(/integrations\/salesforce-sandbox-2$/)
    expect(stub.calls[0]?.call.body).toEqual({
      provider: 'salesforce-sandbox',
      unique_key: 'salesforce-sandbox-2',
      display_name: 'Salesforce Sandbox',
    })
  })

  it('take credentials without showing any', async () => {
    stub.answers['updateIntegration'] = () => ({ data: INTEGRATION })
    const page = await open(PAGE)
    await page.getByLabel('Consumer key').fill('3MVG9new')
    await page.getByLabel('Consumer secret').fill('s3cret')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved. New sign-ins use it').waitFor()
    expect(await page.getByLabel('Consumer secret').inputValue()).toBe('')
    expect(stub.calls[0]?.call.body).toEqual({ credentials: { type: 'OAUTH2', client_id: '3MVG9new', client_secret: 's3cret' } })
  })

  it('test the app, and explain what was found', async () => {
    stub.answers['probeIntegration'] = () => ({
      data: {
        ok: false,
        host: 'test.salesforce.com',
        pkce_required: null,
        checks: [
          { name: 'client_id', result: 'ok', diagnosis: null },
          { name: 'callback_url', result: 'failed', diagnosis: DIAGNOSIS },
        ],
      },
    })
    const page = await open(PAGE)
    await page.getByRole('button', { name: 'Test this app' }).click()
    await page.getByText('test.salesforce.com refuses this app.').waitFor()
    await page.getByText(DIAGNOSIS.fix[0]!).waitFor()
  })

  it('stage the next credentials and switch over', async () => {
    const client = { id: '0193f0a0-0000-7000-8000-000000000013', client_id: '3MVG9next', state: 'staged', has_secret: true, connections: 0 }
    const data = { ...client, broken_connections: 0, succeeds: null, created_at: INTEGRATION.created_at, retired_at: null }
    stub.answers['stageIntegrationClient'] = () => ({ data })
    stub.answers['promoteIntegrationClient'] = () => ({ data: { ...data, state: 'active' } })
    const page = await open(`${PAGE}?tab=credentials`)
    await page.getByLabel('Next client id').fill('3MVG9next')
    await page.getByLabel('Next client secret').fill('s3cret')
    await page.getByRole('button', { name: 'Keep as the next ones' }).click()
    await page.getByRole('button', { name: 'Switch over' }).click()
    await page.getByText('Switched over.').waitFor()
    expect(stub.calls.map(({ name }) => name)).toEqual(['stageIntegrationClient', 'promoteIntegrationClient'])
  })

  it('are deleted only after their key was typed', async () => {
    stub.answers['deleteIntegration'] = () => ({ success: true })
    const page = await open(`${PAGE}?tab=settings`)
    await page.getByRole('button', { name: 'Delete this integration' }).click()
    await page.getByText('100,000 connections are deleted with it').waitFor()
    await page.getByRole('button', { name: 'Delete with all connections' }).click({ force: true })
    expect(stub.calls).toEqual([])
    await page.getByLabel(/^Type/).fill('salesforce-sandbox')
    await page.getByRole('button', { name: 'Delete with all connections' }).click()
    await page.waitForURL(/\/integrations$/)
    expect(stub.calls.map(({ name }) => name)).toEqual(['deleteIntegration'])
  })

  it('cannot be changed by viewers, who are told why', async () => {
    stub.answers = stubAnswers({ role: 'viewer' })
    const page = await open(`${PAGE}?tab=settings`)
    const button = page.getByRole('button', { name: 'Delete this integration' })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    expect(await button.getAttribute('title')).toBe('Your role may not delete integrations.')
  })

  it('teach what they are while there is none', async () => {
    stub.answers['listIntegrations'] = () => ({ data: [] })
    const page = await open('integrations')
    await page.getByRole('heading', { name: 'No integrations yet' }).waitFor()
  })
})
