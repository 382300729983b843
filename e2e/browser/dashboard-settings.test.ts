/** The settings on the whole server: what people change by clicks, and what they are asked for first. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect } from '../customer.ts'
import { useChromium } from './chromium-fixture.ts'
import { axeFindings, checkLooks, openWatched } from './dashboard-page-checks.ts'
import { becomeOwner, callAs, OWNER } from './dashboard-rig.ts'

const INTEGRATION = 'acme'
let server: TestServer
let connection: string
let session: Awaited<ReturnType<BrowserContext['storageState']>>
beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'settings'))
  connection = await connect(server, INTEGRATION)
})
afterAll(() => server?.close())
const browser = useChromium()
const at = (path: string) => `${server.url}/dashboard/settings/${path}`

async function asOwner(): Promise<BrowserContext> {
  if (session) return browser.context({ storageState: session })
  const context = await browser.context()
  await becomeOwner(context, server.url, (await server.server.firstOwnerLink())!)
  session = await context.storageState()
  return context
}
const open = async (path: string) => openWatched(await asOwner(), at(path))
const typed = async (page: Page, name: string, action: string) => {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
  await dialog.getByRole('button', { name: action }).click()
}

describe('every page', () => {
  it.each([
    ['environment', 'Salesforce orgs that nobody may connect here'],
    ['keys', 'Everything'],
    ['keys?tab=tokens', 'No token is good at the moment'],
    ['keys?tab=signing', 'No signing key yet'],
    ['branding', 'Preview'],
    ['members', 'olga@example.com'],
    ['audit', 'That is all.'],
    ['vault', 'Revoke grants'],
  ])('%s looks right', async (path, ready) => {
    await checkLooks(await asOwner(), at(path), ready)
  })
})

describe('keys', () => {
  it('makes a key of chosen scopes and limits, shows it once, and revokes it by its name', async () => {
    const { page, problems } = await open('keys')
    await page.getByRole('button', { name: 'New API key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('night worker')
    await dialog.getByLabel(/^Choose/).check()
    await dialog.getByLabel('List connections', { exact: true }).uncheck()
    await dialog.getByText('Limits').click()
    await dialog.getByLabel('GET', { exact: true }).check()
    await dialog.getByLabel('Only these paths of proxied calls').fill('/services/data/*')
    await dialog.getByLabel('Ends').selectOption('30')
    expect(await axeFindings(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await dialog.getByText('It is shown this once').waitFor()
    const secret = await dialog.locator('code').innerText()
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByText('Limited to GET; paths /services/data/*').waitFor()
    expect(await page.content()).not.toContain(secret)
    const call = () =>
      fetch(`${server.url}/proxy/services/data`, {
        headers: { authorization: `Bearer ${secret}`, 'provider-config-key': INTEGRATION, 'connection-id': connection },
      })
    expect((await call()).status).toBe(403)
    await page.getByRole('button', { name: 'Revoke night worker' }).click()
    await typed(page, 'night worker', 'Revoke it')
    await page.getByRole('button', { name: 'Revoke night worker' }).waitFor({ state: 'detached' })
    expect((await call()).status).toBe(401)
    expect(problems).toEqual([])
  })

  it('makes a token for one connection, lists it, and ends it', async () => {
    const { page, problems } = await open('keys?tab=tokens')
    await page.getByRole('button', { name: 'New token' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Connection id').fill(connection)
    await dialog.getByLabel('Name').fill('for a look')
    await dialog.getByRole('button', { name: 'Make the token' }).click()
    await dialog.getByText('It is shown this once').waitFor()
    await dialog.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('link', { name: connection }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'End for a look' }).click()
    await page.getByText('No token is good at the moment').waitFor()
    expect(problems).toEqual([])
  })

  it('keeps a private key in the page', async () => {
    const { page } = await open('keys?tab=signing')
    await page.getByRole('button', { name: 'Register a key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Public key').fill('-----BEGIN PRIVATE KEY-----\nx')
    await dialog.getByText('This is a private key.').first().waitFor()
  })
})

describe('the environment', () => {
  it('refuses kinds of org, and takes a webhook URL', async () => {
    const { page, problems } = await open('environment')
    await page.getByLabel('Production', { exact: true }).check()
    await page.getByRole('button', { name: 'Save what is refused' }).click()
    await page.getByLabel('Address').fill('https://hooks.example.com/hawser')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const saved = async () => (await callAs(page.context(), server.url, 'GET', '/environment'))['data']
    await expect
      .poll(saved)
      .toMatchObject({ refused_org_kinds: ['production'], webhook_url: 'https://hooks.example.com/hawser', webhook_signing_key: null })
    expect(problems).toEqual([])
  })

  it('shows the signing key when it is asked for, and writes that down', async () => {
    const { page } = await open('environment')
    await page.getByRole('button', { name: 'Show the key' }).click()
    await page.getByText(/^whsec_/).waitFor()
    await page.getByRole('button', { name: 'Hide the key' }).click()
    await expect.poll(() => page.content()).not.toContain('whsec_')
    const { events } = (await callAs(
      page.context(),
      server.url,
      'GET',
      '/audit?action=environment.read_webhook_signing_key',
    )) as unknown as {
      events: unknown[]
    }
    expect(events).toHaveLength(1)
  })
})

describe('the look of the Connect page', () => {
  it('is seen in the preview at once, and saved', async () => {
    const { page, problems } = await open('branding')
    const frame = page.frameLocator('iframe')
    await frame.getByRole('heading', { name: 'What do you want to connect?' }).waitFor()
    await page.getByLabel('Colour of buttons, light', { exact: true }).fill('#7a1fa2')
    const accent = () =>
      frame
        .locator('html')
        .evaluate((html) => (html as unknown as { style: { getPropertyValue(name: string): string } }).style.getPropertyValue('--accent'))
    await expect.poll(accent).toBe('#7a1fa2')
    await page.getByRole('button', { name: 'Save the look' }).click()
    await expect
      .poll(async () => (await callAs(page.context(), server.url, 'GET', '/environment'))['data'])
      .toMatchObject({ connect_ui: { light_primary: '#7a1fa2' } })
    expect(problems).toEqual([])
  })
})

describe('members', () => {
  it('are invited by a link, given other roles, and removed; after 15 minutes the password is asked for first', async () => {
    server.clock.advance(16 * 60_000)
    const { page } = await open('members')
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    const dialog = page.getByRole('dialog', { name: 'Invite somebody' })
    await dialog.getByLabel('Email address').fill('dora@example.com')
    await dialog.getByRole('button', { name: 'Make the invitation' }).click()
    const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' })
    await confirm.getByLabel('Your password').fill('not my password')
    expect(await axeFindings(page)).toEqual([])
    await confirm.getByRole('button', { name: 'Confirm' }).click()
    await confirm.getByText('That is not your password.').waitFor()
    await confirm.getByLabel('Your password').fill(OWNER.password)
    await confirm.getByRole('button', { name: 'Confirm' }).click()
    await dialog.getByText('Hand this link to dora@example.com alone').waitFor()
    const link = await dialog.locator('code').innerText()
    await dialog.getByRole('button', { name: 'I have copied it' }).click()
    await page.getByText('developer in dev · by Olga Owner').waitFor()

    const dora = await browser.context()
    await callAs(dora, server.url, 'POST', '/accounts/accept-invitation', {
      token: link.split('#')[1],
      name: 'Dora',
      password: 'lantern velvet orbit',
    })
    await page.reload()
    await page.getByRole('button', { name: 'Change the roles of Dora' }).click()
    await page.getByLabel('In dev').selectOption('viewer')
    await page.getByRole('button', { name: 'Save the roles' }).click()
    await page.getByText('viewer in dev').waitFor()
    await page.getByRole('button', { name: 'Remove Dora' }).click()
    await typed(page, 'dora@example.com', 'Remove')
    await page.getByRole('button', { name: 'Remove Dora' }).waitFor({ state: 'detached' })
    await expect(callAs(dora, server.url, 'GET', '/people/me')).rejects.toThrow('not_signed_in')
  })

  it('are not touched when nobody confirms', async () => {
    server.clock.advance(16 * 60_000)
    const { page } = await open('members')
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByLabel('Email address').fill('nobody@example.com')
    await page.getByRole('button', { name: 'Make the invitation' }).click()
    await page.getByRole('dialog', { name: 'Confirm that it is you' }).getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Nothing was done: you did not confirm that it is you.').waitFor()
  })
})

describe('the audit trail', () => {
  it('is narrowed by the address, and opened by keyboard', async () => {
    const { page, problems } = await open('audit?action=api_key.create')
    const row = page.getByRole('row', { name: /Made an API key/ })
    await row.waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await row.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Made an API key' }).getByText('night worker').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByLabel('Action').selectOption('person.removed')
    await page.getByRole('row', { name: /Removed a person/ }).waitFor()
    expect(page.url()).toContain('action=person.removed')
    expect(problems).toEqual([])
  })
})

describe('the vault', () => {
  it('freezes the environment and thaws it', async () => {
    const { page, problems } = await open('vault')
    await page.getByRole('button', { name: 'Freeze dev' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('a leak is looked into')
    await dialog.getByRole('button', { name: 'Freeze it' }).click()
    await page
      .getByText(/^Frozen .*a leak is looked into$/)
      .first()
      .waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: 'Use dev again' }).click()
    await dialog.getByRole('button', { name: 'Use it again' }).click()
    await page.getByRole('button', { name: 'Freeze dev' }).waitFor()
    expect(problems).toEqual([])
  })

  it('counts grants before it revokes them', async () => {
    server.clock.advance(16 * 60_000)
    const { page } = await open('vault')
    const revoke = page.getByRole('button', { name: /^Revoke/ })
    await page.getByLabel('Of which integration').selectOption(INTEGRATION)
    expect(await revoke.getAttribute('title')).toBe('Count first, to see what would end.')
    await page.getByRole('button', { name: 'Count what would end' }).click()
    await page.getByLabel('Your password').fill(OWNER.password)
    await page.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('1 grant would end; 1 connection would have to be connected again.').waitFor()
    await revoke.click()
    await typed(page, INTEGRATION, 'Revoke for good')
    await page.getByText('1 grant ended.').waitFor()
  })
})
