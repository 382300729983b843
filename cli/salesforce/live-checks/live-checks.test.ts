import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { BESIDE_THE_PAGE, liveChecks } from './all-checks.ts'
import { withoutNames } from './live-check.ts'

const page = await readFile(new URL('../../../docs/salesforce-unverified.md', import.meta.url), 'utf8')
const rows = [...page.matchAll(/^\| `([\w-]+)`/gm)].map(([, row]) => row!)
const bullets = [...page.matchAll(/^- (.*)$/gm)].map(([, text]) => text!.replaceAll('**', ''))
const abouts = liveChecks.map(({ about }) => about)

it('there is something on the page', () => {
  expect(rows.length).toBeGreaterThan(15)
  expect(bullets.length).toBeGreaterThan(15)
})

it.each(rows)('the row %s has a check', (row) => {
  expect(abouts.filter((about) => about === row)).toHaveLength(1)
})

it.each(bullets)('the bullet "%s" has a check', (bullet) => {
  expect(abouts.filter((about) => bullet.startsWith(about))).toHaveLength(1)
})

it.each(abouts.filter((about) => !BESIDE_THE_PAGE.includes(about)))('the check of "%s" is on the page', (about) => {
  expect(rows.includes(about) || bullets.some((bullet) => bullet.startsWith(about))).toBe(true)
})

it('each check says how a person finds out', () => {
  for (const { about, person } of liveChecks) expect(person.length, about).toBeGreaterThan(10)
})

it('a report holds no id, host, address or credential', () => {
  const text =
    'ann@acme.example.uat of 00D5g0000012abCEAQ at acme--uat.sandbox.my.salesforce.com, key 3MVG9abc.def, deploy 0Af5g00000ABCdeCAD'
  expect(withoutNames(text)).toBe('<email> of <id> at <host>, key <secret>, deploy <id>')
  expect(withoutNames('INVALID_QUERY_LOCATOR insufficient')).toBe('INVALID_QUERY_LOCATOR insufficient')
})
