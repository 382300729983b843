/** The list of what must not be possible, and its tests: each line has one at least whose name begins with its number (`17.` or `security 17:`). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LINES } from './lines.ts'

const ROOT = join(import.meta.dirname, '../..')
const FOLDERS = ['server', 'e2e', 'cli', 'sdk', 'api', 'salesforce', 'scripts', 'testkit', 'fake-salesforce']
/** A title that is a text of its own, in a call or as the first item of a row of `it.each`. */
const TITLE = /(?:\(|\[|^)\s*(?:'|"|`)(?:security )?(\d{1,2}(?:, \d{1,2})*)[.:] /gm

const testFiles = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'))
    .map((path) => join(folder, path)),
)

const testsOf = new Map<number, Set<string>>()
for (const file of testFiles) {
  for (const [, numbers = ''] of readFileSync(join(ROOT, file), 'utf8').matchAll(TITLE))
    for (const number of numbers.split(', ').map(Number)) testsOf.set(number, (testsOf.get(number) ?? new Set()).add(file))
}

describe('the list of attacks', () => {
  it('has 34 lines, each once', () => {
    expect(LINES.map(({ line }) => line)).toEqual(Array.from({ length: 34 }, (_, index) => index + 1))
  })

  it.each(LINES.filter(({ notBuilt }) => notBuilt === undefined))('$line is tested: $what', ({ line }) => {
    expect([...(testsOf.get(line) ?? [])]).not.toEqual([])
  })

  it.each(LINES.filter(({ notBuilt }) => notBuilt !== undefined))('$line is about something that is not built: $what', ({ notBuilt }) => {
    for (const path of notBuilt!.wouldBe) expect(readdirSync(join(ROOT, 'server'))).not.toContain(path)
  })

  it('names no line in a test’s name that does not exist', () => {
    expect([...testsOf.keys()].filter((line) => line < 1 || line > 34)).toEqual([])
  })
})

describe('SECURITY.md', () => {
  const text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')

  it('has a row for each line', () => {
    const rows = text.split('\n').map((row) => row.split('|').map((cell) => cell.trim()))
    for (const { line, what } of LINES) expect(rows.find(([, number]) => number === String(line))?.[2], `line ${line}`).toBe(what)
  })

  it('names tests that exist', () => {
    const names = [...text.matchAll(/^\|.*\| `([^`]+\.test\.ts)`: ([^|]+?) *\|$/gm)]
    expect(names.length).toBeGreaterThan(25)
    for (const [, file = '', titles = ''] of names) {
      const source = readFileSync(join(ROOT, file), 'utf8')
      for (const title of titles.split('; ')) expect(source, `${file} has no test "${title}"`).toContain(title)
    }
  })
})
