/**
 * Pictures of the hosted connect page for the documentation: `node e2e/browser/connect-pictures.ts [folder] [--all]`. `--all`: every state, light and
 * dark, wide and narrow.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepareTestDatabases, removeTestDatabases } from '../../testkit/test-database.ts'
import { launchChromium } from './chromium-fixture.ts'
import { startConnectRig } from './connect-rig.ts'
import { states } from './connect-states.ts'

const FOR_DOCS = ['list', 'form', 'your own app', 'administrator', 'connected']
const folder = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(import.meta.dirname, '../../docs/images')
const isAll = process.argv.includes('--all')
mkdirSync(folder, { recursive: true })
await prepareTestDatabases()
const rig = await startConnectRig()
const browser = await launchChromium({ salesforcePort: rig.server.fake.port })
try {
  for (const state of states.filter(({ name }) => isAll || FOR_DOCS.includes(name)))
    for (const colorScheme of isAll ? (['light', 'dark'] as const) : (['light'] as const))
      for (const width of isAll ? [320, 1280] : [720]) {
        const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme, locale: 'en', viewport: { width, height: 800 } })
        context.setDefaultTimeout(10_000)
        const page = await context.newPage()
        rig.server.fake.consent({ decision: 'ask' })
        rig.server.fake.state.grants.clear()
        const name = `connect-${state.name.replaceAll(' ', '-')}${isAll ? `-${colorScheme}-${width}` : ''}.png`
        await state.reach(page, rig).catch((error: unknown) => process.stderr.write(`${name}: ${String(error)}\n`))
        await page.screenshot({ path: join(folder, name), fullPage: true })
        await context.close()
      }
} finally {
  await browser.close()
  await rig.close()
  await removeTestDatabases()
}
process.exit(0)
