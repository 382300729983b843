/** From the owner's link to a second factor, by clicks, on the whole server. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../server/people/people-rig.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { useChromium } from './chromium-fixture.ts'
import { axeFindings, checkLooks, openWatched } from './dashboard-page-checks.ts'
import { callAs, OWNER } from './dashboard-rig.ts'

let server: TestServer
let ownerLink: string
/** Of the owner, once she is here. */
let session: Awaited<ReturnType<BrowserContext['storageState']>>
beforeAll(async () => {
  server = await startTestServer()
  ownerLink = (await server.server.firstOwnerLink())!
})
afterAll(() => server?.close())
const browser = useChromium()
const at = (path: string) => `${server.url}/dashboard/${path}`
const asOwner = () => browser.context({ storageState: session })

async function signInWith(page: Page, password: string): Promise<void> {
  await page.getByLabel('Email address').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

describe('the first owner', () => {
  it('is told how to begin before anybody is here', async () => {
    const { page, problems } = await openWatched(await browser.context(), at('overview'))
    // The page asks who is there, and is told that nobody is.
    await page.getByRole('heading', { name: 'Nobody can sign in yet' }).waitFor()
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
    expect(await axeFindings(page)).toEqual([])
  })

  it('comes by the link, whose secret leaves the address at once', async () => {
    const context = await browser.context()
    const { page, problems } = await openWatched(context, ownerLink)
    await page.getByLabel('Your name').fill(OWNER.name)
    expect(page.url()).toBe(at('welcome'))
    expect(await axeFindings(page)).toEqual([])
    await page.getByLabel('Email address').fill(OWNER.email)
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('short')
    await password.press('Enter')
    expect(await page.getByRole('button', { name: 'Begin' }).getAttribute('title')).toBe('The password is too short.')
    await password.fill(OWNER.password)
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.getByRole('heading', { name: 'Getting started' }).waitFor()
    expect(problems).toEqual([])
    session = await context.storageState()
  })

  it('is told that a used link is used', async () => {
    const page = (await openWatched(await browser.context(), ownerLink)).page
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await page.getByRole('link', { name: 'Go to the sign-in' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})

describe('signing in', () => {
  it('leads back to the page that was asked for, never elsewhere', async () => {
    const { page } = await openWatched(await browser.context(), at('settings/keys?tab=signing'))
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await signInWith(page, 'wrong password here')
    await page.getByText('That email address and password do not belong together.').waitFor()
    await signInWith(page, OWNER.password)
    await page.getByRole('tab', { name: 'Signing keys', selected: true }).waitFor()
    const elsewhere = (await openWatched(await browser.context(), at('sign-in?next=//evil.example/'))).page
    await signInWith(elsewhere, OWNER.password)
    await elsewhere.waitForURL(at('overview'))
  })

  it('looks right', async () => {
    await checkLooks(await browser.context(), at('sign-in'), 'Forgotten?')
  })

  it('is over after signing out', async () => {
    const context = await browser.context()
    const { page } = await openWatched(context, at('sign-in'))
    await signInWith(page, OWNER.password)
    await page.waitForURL(at('overview'))
    await page.goto(at('account'))
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goto(at('account'))
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })
})

describe('the account', () => {
  it('looks right', async () => {
    await checkLooks(await asOwner(), at('account'), 'Where you are signed in')
  })

  it('takes another name, and ends other sessions', async () => {
    const other = await browser.context()
    await callAs(other, server.url, 'POST', '/accounts/sign-in', { email: OWNER.email, password: OWNER.password })
    const { page, problems } = await openWatched(await asOwner(), at('account'))
    await page.getByLabel('Shown to others').fill('Olga O.')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Your account: Olga O.' }).waitFor()
    const ends = page.getByRole('button', { name: /^End the session/ })
    await ends.first().waitFor()
    for (let left = await ends.count(); left > 0; left -= 1) {
      await ends.first().click()
      await expect.poll(() => ends.count()).toBe(left - 1)
    }
    await expect(callAs(other, server.url, 'GET', '/people/me')).rejects.toThrow('not_signed_in')
    expect(problems).toEqual([])
  })

  it('sets up an app by its QR code or secret, and asks for its codes from then on', async () => {
    const { page } = await openWatched(await asOwner(), at('account'))
    await page.getByRole('button', { name: 'Set up an app' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Your password').fill(OWNER.password)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await dialog.getByRole('img', { name: /QR code/ }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await dialog.getByText('The app cannot scan?').click()
    const secret = await dialog.locator('code').innerText()
    await dialog.getByLabel('Code that the app shows').fill(codeOf(secret, server.clock.now()))
    await dialog.getByRole('button', { name: 'Switch it on' }).click()
    await dialog.getByText('It is on.').waitFor()
    const codes = await dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts()
    expect(codes.length).toBeGreaterThanOrEqual(8)
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Download' }).click()
    expect((await download).suggestedFilename()).toBe('hawser-recovery-codes.txt')
    await dialog.getByRole('button', { name: 'I have kept the codes' }).click()
    await page.getByRole('button', { name: 'New recovery codes' }).waitFor()
    // The cookie is another one from here on.
    session = await page.context().storageState()

    server.clock.advance(60_000)
    const fresh = (await openWatched(await browser.context(), at('sign-in'))).page
    await signInWith(fresh, OWNER.password)
    await fresh.getByRole('heading', { name: 'Second step' }).waitFor()
    expect(await axeFindings(fresh)).toEqual([])
    await fresh.getByLabel('Code of your authenticator app').fill('000000')
    await fresh.getByRole('button', { name: 'Sign in' }).click()
    await fresh.getByText('That code is wrong').waitFor()
    await fresh.getByRole('button', { name: 'I do not have the app here' }).click()
    await fresh.getByLabel('Recovery code').fill(codes[0]!)
    await fresh.getByRole('button', { name: 'Sign in' }).click()
    await fresh.waitForURL(at('overview'))
  })
})

describe('an invitation', () => {
  it('is accepted with a name and a password, and shows only what the role may see', async () => {
    const owner = await asOwner()
    const roles = [{ environment: 'dev', role: 'viewer' }]
    const made = await callAs(owner, server.url, 'POST', '/people/invitations', { email: 'vera@example.com', roles })
    const { url } = made['data'] as unknown as { url: string }
    const { page, problems } = await openWatched(await browser.context(), url)
    await page.getByText('has invited you to this server as viewer in dev').waitFor()
    await page.getByLabel('Your name').fill('Vera Viewer')
    await page.getByLabel('Password', { exact: true }).fill('orbit lantern velvet')
    await page.getByRole('button', { name: 'Join' }).click()
    await page.waitForURL(at('overview'))
    await page.goto(at('settings/members'))
    await page.getByRole('heading', { name: 'Your role may not see who else is here' }).waitFor()
    await page.goto(at('settings/audit'))
    await page.getByRole('heading', { name: 'Your role may not see the audit trail' }).waitFor()
    expect(problems).toEqual([])
  })
})
