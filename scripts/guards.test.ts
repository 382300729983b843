import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LINES } from '../e2e/security/lines.ts'
import { guards } from './guards.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

it.each(guards)('the guard of $line is in its place: $what', ({ line, file, from, tests, named }) => {
  expect(read(file)).toContain(from)
  expect(named !== undefined || typeof line === 'number').toBe(true)
  const ofLine = new RegExp(`['"\`](?:security )?(?:\\d+, )*${line}[.:,] `)
  for (const path of tests) expect(read(path), path)[named === undefined ? 'toMatch' : 'toContain'](named ?? ofLine)
})

it('every line that is built has one', () => {
  const guarded = new Set(guards.map(({ line }) => line))
  expect(LINES.filter(({ line, notBuilt }) => notBuilt === undefined && !guarded.has(line)).map(({ line }) => line)).toEqual([])
})
