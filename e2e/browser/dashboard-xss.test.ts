/** Names, messages and addresses that others chose, hostile ones, on every page that shows them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useChromium } from './chromium-fixture.ts'
import { ago, stubAnswers } from './dashboard-stub-answers.ts'
import { startStubApi, type Answers, type StubApi } from './stub-api.ts'

const HOSTILE = `"><img src=x onerror="window.owned=1"><script>window.owned=1</script>{{7*7}}`
const HOSTILE_URL = 'javascript:window.owned=1'
/** Fields whose text is a provider's, a customer's or an end user's. */
const TEXTS = new Set(
  `display_name email name title cause end_user_text message reason source org_name username organization_type instance_name path host region plan
   default_scopes client_id fix words`.split(/\s+/),
)
const ADDRESSES = new Set(['docs', 'docs_connect', 'install_url', 'logo'])
/** Of the server's own making, or held to a form by the contract. */
const KEPT = new Set(['getMe', 'getVault', 'getEnvironment'])

let stub: StubApi
beforeAll(async () => {
  const answers = stubAnswers({ rows: 40 })
  const hostile: Answers = {}
  for (const [name, answer] of Object.entries(answers)) hostile[name] = KEPT.has(name) ? answer : (call) => made(answer(call), '')
  hostile['getVault'] = stubAnswers({
    frozen: [{ what: 'environment', integration: null, connection_id: null, reason: HOSTILE, frozen_at: ago(5) }],
  })['getVault']!
  stub = await startStubApi(hostile)
})
afterAll(() => stub?.close())
const browser = useChromium()

/** The answer with hostile texts in place of those that others chose. */
function made(value: unknown, key: string): unknown {
  if (typeof value === 'string') return ADDRESSES.has(key) ? HOSTILE_URL : TEXTS.has(key) ? HOSTILE : value
  if (Array.isArray(value)) return value.map((one) => made(one, key))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, made(one, name)]))
  return value
}

describe('15. no text of others runs as a script', () => {
  it.each([
    ['overview'],
    ['integrations'],
    ['integrations/new'],
    ['integrations/salesforce-sandbox'],
    ['connections'],
    ['connections/salesforce-sandbox/conn-000003'],
    ['connections/salesforce-sandbox/conn-000003?tab=settings'],
    ['connections/salesforce-sandbox/conn-000003?tab=activity'],
    ['logs'],
    ['issues'],
  ])('%s', async (path) => {
    const context = await browser.context()
    const page = await context.newPage()
    let dialogs = 0
    page.on('dialog', (dialog) => {
      dialogs += 1
      void dialog.dismiss()
    })
    await page.goto(stub.url + path)
    // Shown as the text that it is: else this page would prove nothing.
    await page.getByText('{{7*7}}').first().waitFor({ state: 'attached' })
    const found = await page.evaluate<{ owned: boolean; images: number; links: string[] }>(
      `({ owned: 'owned' in window, images: document.querySelectorAll('img[src="x"], [onerror]').length,
          links: [...document.querySelectorAll('[href], [src], [action]')].flatMap((one) => ['href', 'src', 'action'].map((name) => one.getAttribute(name) ?? ''))
            .filter((address) => /^\\s*javascript:/i.test(address)) })`,
    )
    expect(found).toEqual({ owned: false, images: 0, links: [] })
    expect(dialogs).toBe(0)
  })
})
