/** What a browser loads before it shows anything, compressed. `npm run build:web` built it, or the set-up of the tests. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const DIST = join(import.meta.dirname, 'dist')
const kB = (files: readonly string[]) => files.reduce((sum, file) => sum + readFileSync(`${file}.gz`).byteLength, 0) / 1000

/** The files that the page names itself. */
function namedBy(app: string): string[] {
  const html = readFileSync(join(DIST, app, 'index.html'), 'utf8')
  return [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => join(DIST, app, path!))
}

describe('what a browser loads', () => {
  it('of the Connect UI is less than 120 kB, with every language', () => {
    const all = readdirSync(join(DIST, 'connect/assets')).filter((name) => name.endsWith('.js') || name.endsWith('.css'))
    expect(all.length).toBeGreaterThan(5)
    expect(kB(all.map((name) => join(DIST, 'connect/assets', name)))).toBeLessThan(120)
  })

  it('of the dashboard, before its page, is less than 150 kB', () => {
    const first = namedBy('dashboard')
    expect(first.length).toBeGreaterThan(2)
    expect(kB(first)).toBeLessThan(150)
  })
})
