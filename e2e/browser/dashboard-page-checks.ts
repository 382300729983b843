/** What every page of the dashboard has to pass, whatever it shows. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string | null
  nodes: { html: string }[]
}

/** Serious and critical findings of axe, each with the first place. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const violations = await page.evaluate<Violation[]>('axe.run(document).then(({ violations }) => violations)')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
}

/** Opens a page and collects what must not happen there: errors in the console, calls to other hosts. */
export async function openWatched(context: BrowserContext, url: string): Promise<{ page: Page; problems: string[] }> {
  const page = await context.newPage()
  const problems: string[] = []
  const { origin } = new URL(url)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problems.push(`asks ${request.url()}`)
  })
  await page.goto(url)
  return { page, problems }
}

/** `ready`: a text that stands there once the page has its data. Light and dark, wide and 320 px. */
export async function checkLooks(context: BrowserContext, url: string, ready: string): Promise<void> {
  const { page, problems } = await openWatched(context, url)
  await page.getByText(ready).first().waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    expect(await axeFindings(page), `${url}, ${colorScheme}`).toEqual([])
  }
  await page.setViewportSize({ width: 320, height: 700 })
  expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'), `${url} at 320 px`).toBeLessThanOrEqual(0)
  expect(problems).toEqual([])
  await page.close()
}
