/** Pictures of the dashboard for the documentation, over made-up answers: `node e2e/browser/dashboard-pictures.ts [folder]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { activityAnswers } from './dashboard-activity-answers.ts'
import { launchChromium } from './chromium-fixture.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
import { startStubApi, type StubApi } from './stub-api.ts'

const folder = process.argv[2] ?? join(import.meta.dirname, '../../docs/images')
mkdirSync(folder, { recursive: true })
const stub = await startStubApi(stubAnswers())
const activity = await startStubApi(activityAnswers().answers)

const PAGES: readonly { name: string; path: string; ready: string; dark?: boolean; of?: StubApi }[] = [
  { name: 'overview', path: 'overview', ready: 'By integration' },
  { name: 'overview-dark', path: 'overview', ready: 'By integration', dark: true },
  { name: 'integration', path: 'integrations/salesforce-sandbox', ready: 'oauth/callback' },
  { name: 'connections', path: 'connections', ready: 'Grace Hopper 3' },
  { name: 'connection', path: 'connections/salesforce-sandbox/conn-000003', ready: 'The sign-in is no longer valid' },
  { name: 'logs', path: 'logs', ready: 'Token refresh', of: activity },
  { name: 'issues', path: 'issues', ready: 'What to do', of: activity },
]

const browser = await launchChromium()
try {
  for (const { name, path, ready, dark, of = stub } of PAGES) {
    const context = await browser.newContext({ colorScheme: dark ? 'dark' : 'light', locale: 'en', viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    await page.goto(of.url + path)
    await page.getByText(ready).first().waitFor()
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(folder, `dashboard-${name}.png`) })
    await context.close()
  }
} finally {
  await browser.close()
  await stub.close()
  await activity.close()
}
process.exit(0)
