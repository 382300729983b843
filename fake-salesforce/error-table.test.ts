import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { namedErrors, oauthErrors, pageErrors, restErrors } from './error-table.ts'

const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('node_modules') && file !== 'error-table.ts')
  .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  .join('\n')

describe('the error table', () => {
  it.each(Object.entries({ oauthErrors, pageErrors, restErrors, namedErrors }))(
    'has no entry in %s that nothing says',
    (table, entries) => {
      // Page errors are looked up by their code besides.
      const unused = Object.keys(entries).filter((name) => !sources.includes(`${table}.${name}`))
      expect(unused).toEqual([])
    },
  )

  it('is the only place that holds error codes of the data API', () => {
    const codes = [...new Set(Object.values(restErrors).map((entry) => entry.errorCode))].filter((code) => code !== 'INVALID_SESSION_ID')
    expect(codes.filter((code) => sources.includes(`'${code}'`) || sources.includes(`"${code}"`))).toEqual([])
  })
})
