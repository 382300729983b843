import { launchChromium } from './chromium-fixture.ts'
import { startStubApi } from './stub-api.ts'
import { stubAnswers } from './dashboard-stub-answers.ts'
const out = process.argv[2]!, wanted = process.argv.slice(3)
const stub = await startStubApi(stubAnswers(), () => ({ totalSize: 1, done: true, records: [{ Id: '001', Name: 'Acme' }] }))
const browser = await launchChromium()
const pages = wanted.length ? wanted : ['overview','integrations','integrations/new','integrations/salesforce-sandbox','integrations/salesforce-sandbox?tab=credentials','integrations/salesforce-sandbox?tab=rules','integrations/salesforce-sandbox?tab=usage','integrations/salesforce-sandbox?tab=settings','connections','connections/salesforce-sandbox/conn-000003','connections/salesforce-sandbox/conn-000003?tab=try','connections/salesforce-sandbox/conn-000003?tab=activity','connections/salesforce-sandbox/conn-000003?tab=credentials','connections/salesforce-sandbox/conn-000003?tab=settings']
for (const [w, scheme] of [[1280,'light'],[390,'dark']] as const) {
  const ctx = await browser.newContext({ viewport: { width: w, height: w === 390 ? 844 : 800 }, colorScheme: scheme })
  for (const path of pages) {
    const page = await ctx.newPage()
    page.on('console', m => m.type() === 'error' && console.log(path, m.text(), m.location().url))
    page.on('pageerror', e => console.log(path, 'PAGEERROR', e.message))
    await page.goto(stub.url + path); await page.waitForLoadState('networkidle').catch(() => {}); await page.waitForTimeout(300)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (over > 0) console.log(path, w, 'OVERFLOW', over)
    await page.screenshot({ path: `${out}/${path.replaceAll(/[/?=]/g,'_')}-${w}.png`, fullPage: true })
    await page.close()
  }
}
await browser.close(); await stub.close().catch(e => console.log(e.message))
