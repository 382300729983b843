/** Line 15: what providers, end users and other members write is text on every page of the dashboard, and nothing else. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STEP_MS, useChromium } from './chromium-fixture.ts'
import { activityAnswers } from './dashboard-activity-answers.ts'
import { HOSTILE_MESSAGE, hostileAnswers, RAN } from './hostile-answers.ts'
import { Refusal, startStubApi, type Answers, type StubApi } from './stub-api.ts'

/** Of one-time links, by their kinds. */
const TOKENS = { invitation: 'i'.repeat(43), password: 'p'.repeat(43) }
const AT_ONCE = 5
const ID = '0193f0a0-0000-7000-8000-000000999997'
const INSIDE = [
  ...['start', 'overview', 'integrations', 'integrations/new', 'integrations/salesforce-sandbox', 'connections'],
  ...['connections/salesforce-sandbox/conn-000003', 'logs', `logs/${ID}`, 'issues', 'webhooks', `webhooks/${ID}`],
  ...['settings/environment', 'settings/keys', 'settings/branding', 'settings/members', 'settings/audit', 'settings/vault', 'account'],
]
const OUTSIDE = [`invitation#${TOKENS.invitation}`, `set-password#${TOKENS.password}`, 'sign-in']

let stub: StubApi
let signedOut: StubApi
let failing: StubApi
beforeAll(async () => {
  const usual = activityAnswers().answers
  const readLink = ({ body }: { body: Record<string, unknown> }) => ({
    data: {
      kind: body['token'] === TOKENS.invitation ? 'invitation' : 'password',
      email: 'ada@example.com',
      roles: [{ environment: 'dev', role: 'viewer' }],
      invited_by: 'Olga',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    },
  })
  const answers = hostileAnswers({ ...usual, readLink })
  stub = await startStubApi(answers)
  const nobody = () => {
    throw new Refusal(401, 'not_signed_in', HOSTILE_MESSAGE)
  }
  signedOut = await startStubApi({ ...answers, getMe: nobody })
  const fails = () => {
    throw new Refusal(400, 'invalid_query_params', HOSTILE_MESSAGE)
  }
  const failed: Answers = Object.fromEntries(Object.keys(answers).map((name) => [name, fails]))
  failing = await startStubApi({ ...failed, getMe: usual['getMe']! })
})
afterAll(async () => {
  for (const one of [stub, signedOut, failing]) await one?.close()
})
const browser = useChromium()

async function opened(url: string): Promise<{ page: Page; dialogs: string[] }> {
  const page = await (await browser.context()).newPage()
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  // Not only the policy keeps scripts from running: what it would have had to stop is counted, too.
  await page.addInitScript(
    `window.stopped = []; document.addEventListener('securitypolicyviolation', (event) => window.stopped.push(event.violatedDirective))`,
  )
  await page.goto(url)
  await page.waitForLoadState('networkidle')
  return { page, dialogs }
}

/** React puts a throwing address in place of a `javascript:` one, which is what is wanted. */
const FOUND = `({
  ran: window.${RAN} ?? null,
  stopped: window.stopped.filter((one) => !one.startsWith('img-src')),
  handlers: [...document.querySelectorAll('*')].flatMap((one) => [...one.attributes].filter(({ name }) => name.startsWith('on')).map(({ name }) => one.localName + ' ' + name)),
  inline: [...document.querySelectorAll('script:not([src])')].map((one) => one.outerHTML),
  links: [...document.querySelectorAll('[href], [src], [action], [formaction], [srcdoc], [data]')].flatMap((one) => ['href', 'src', 'action', 'formaction', 'data', 'srcdoc'].map((name) => one.getAttribute(name)).filter((value) => !value?.includes('React has blocked a javascript: URL') && /^[\\s\\x00-\\x1f]*(javascript|vbscript|data:text)/i.test(value ?? ''))),
})`
const NOTHING = { ran: null, stopped: [], handlers: [], inline: [], links: [] }

async function isText({ page, dialogs }: { page: Page; dialogs: string[] }): Promise<void> {
  expect(await page.evaluate(FOUND)).toEqual(NOTHING)
  expect(dialogs).toEqual([])
}
/** Most of the time a page waits for the network to be still, so several do at once. */
async function inTurns(paths: readonly string[], check: (path: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < paths.length; at += AT_ONCE) await Promise.all(paths.slice(at, at + AT_ONCE).map(check))
}
const SHOWS = `(document.body.innerText + [...document.querySelectorAll('input')].map(({ value }) => value).join()).includes('${RAN}')`
/** A page that shows nothing proves nothing. */
const shown = (page: Page) => expect.poll(() => page.evaluate<boolean>(SHOWS), { timeout: STEP_MS }).toBe(true)

describe('15. XSS: hostile texts in every answer', () => {
  it.each(INSIDE)('are text on /%s', async (path) => {
    const found = await opened(stub.url + path)
    await shown(found.page)
    await isText(found)
    // What opens when somebody looks closer.
    for (const details of await found.page.locator('main summary').all()) await details.click({ timeout: 1000 }).catch(() => {})
    await isText(found)
  })

  it.each(OUTSIDE)('are text on /%s', async (path) => {
    const found = await opened(signedOut.url + path)
    await shown(found.page)
    await isText(found)
  })

  it('are text in the error messages of every page', async () => {
    await inTurns(INSIDE, async (path) => {
      const found = await opened(failing.url + path)
      await shown(found.page)
      await isText(found)
    })
  })

  it('are text in the address', async () => {
    const paths = ['connections?search=', 'logs?search=', 'issues?connection=', 'logs?connection=', 'sign-in?next=', 'sign-in?sso=']
    const attacks = [HOSTILE_MESSAGE, `javascript:window.${RAN}=1//`].map(encodeURIComponent)
    await inTurns(
      paths.flatMap((path) => attacks.map((attack) => path + attack)),
      async (path) => isText(await opened(stub.url + path)),
    )
  })
})
