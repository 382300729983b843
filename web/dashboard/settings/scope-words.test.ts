import { scopes } from '@hawser/api/scopes.ts'
import { describe, expect, it } from 'vitest'
import { presets, scopeGroups, scopeText } from './scope-words.ts'

describe('scopes in words', () => {
  it('has every scope in exactly one group', () => {
    expect(scopeGroups.flatMap((group) => group.scopes).toSorted()).toEqual([...scopes].toSorted())
  })

  it('has words for every scope, and for wildcards', () => {
    expect(scopes.filter((scope) => scopeText(scope) === scope)).toEqual([])
    expect(scopeText('environment:*')).toBe('Everything')
    expect(scopeText('environment:signing_keys:*')).toBe('Everything with signing keys')
  })

  it('shows no secret by the presets for daily work', () => {
    for (const { value, scopes: held } of presets)
      if (value !== 'all')
        expect(held.filter((scope) => /credentials|refresh_token|write$/.test(scope))).toEqual(
          value === 'product' ? ['environment:connect_sessions:write'] : [],
        )
  })
})
