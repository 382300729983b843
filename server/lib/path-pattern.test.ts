import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternCovers } from './path-pattern.ts'

describe('patternCovers', () => {
  it.each([
    ['/services/data/*', '/services/data/v60.0/query', true],
    ['/services/data/*', '/services/data/', true],
    ['/services/data/*', '/services/data', false],
    ['/services/data/*', '/services/database', false],
    ['/services/data/*', '/x/services/data/v60.0', false],
    ['/services/data/v*/query', '/services/data/v60.0/query', true],
    ['/services/data/v*/query', '/services/data/v60.0/x/query', false],
    ['/services/data/v*/query', '/services/data/v60.0/query/', false],
    ['/a*b*c', '/aXbYc', true],
    ['/a*b*c', '/aXcYb', false],
    ['/ab*ba', '/aba', false],
    ['/exact', '/exact', true],
    ['/exact', '/Exact', false],
    ['/*', '/', true],
    ['/*', '', false],
    // The narrower pattern within the wider one.
    ['/services/*', '/services/data/*', true],
    ['/services/data/*', '/services/*', false],
    ['/a/*/c', '/a/x*/c', true],
    ['/a/x*/c', '/a/*/c', false],
    ['/a/*/c', '/a/*', false],
    ['/a/x*', '/a/*', false],
  ])('%s covers %s: %s', (pattern, path, covers) => expect(patternCovers(pattern, path)).toBe(covers))

  const part = fc.stringMatching(/^[ab*]{0,4}$/).filter((text) => !text.includes('**'))
  const pattern = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
  const path = fc.array(fc.stringMatching(/^[ab]{0,4}$/), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)

  it('a pattern within another one lets nothing through that the other does not', () => {
    fc.assert(
      fc.property(pattern, pattern, path, (wide, narrow, text) => {
        if (patternCovers(wide, narrow) && patternCovers(narrow, text)) expect(patternCovers(wide, text)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('agrees with a regular expression', () => {
    fc.assert(
      fc.property(pattern, path, (wanted, text) => {
        const source = wanted.replace(/\/\*$/, '/\u0000').replaceAll('*', '[^/]*').replace('\u0000', '.*')
        expect(patternCovers(wanted, text)).toBe(new RegExp(`^${source}$`).test(text))
      }),
      { numRuns: 5_000 },
    )
  })
})
