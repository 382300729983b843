/** Everything that is shipped or needed to build has a licence approved by the Open Source Initiative. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const APPROVED = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'MPL-2.0',
  'BlueOak-1.0.0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])
const root = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { link?: boolean }> }

/** `(MIT OR X)` is fine when one of the choices is; `A AND B` needs both. */
function isOpen(licence: string): boolean {
  const text = licence.replaceAll(/[()]/g, '')
  if (text.includes(' OR ')) return text.split(' OR ').some(isOpen)
  return text.split(' AND ').every((one) => APPROVED.has(one.trim()))
}

const installed = Object.entries(lock.packages).filter(
  ([path, entry]) => path.startsWith('node_modules/') && !entry.link && existsSync(join(root, path)),
)

it('looks at what is installed', () => expect(installed.length).toBeGreaterThan(100))

it.each(installed.map(([path]) => path))('%s', (path) => {
  const { license, licenses } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as {
    license?: string
    licenses?: { type: string }[]
  }
  const stated = license ?? licenses?.map((one) => one.type).join(' OR ')
  expect(stated, `${path} states no licence`).toBeTypeOf('string')
  expect(isOpen(stated!), `${path}: ${stated}`).toBe(true)
})

it('none of the clients that are only run in compatibility tests is in the lock file', () => {
  expect(Object.keys(lock.packages).filter((path) => path.includes('@nangohq'))).toEqual([])
})
