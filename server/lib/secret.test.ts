import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isSecret, reveal, secret } from './secret.ts'

describe('secret', () => {
  const token = secret('00D-very-secret')

  it('4. prints [secret] wherever a value is turned into text', () => {
    const texts = [
      String(token),
      `${token}`,
      '' + token,
      JSON.stringify({ token }),
      inspect(token),
      inspect({ deep: [{ token }] }, { depth: 9, showHidden: true, getters: true }),
      format('%s %o %j', token, token, token),
      new Error(`failed with ${token}`).message,
    ]
    for (const text of texts) {
      expect(text).toContain('[secret]')
      expect(text).not.toContain('very-secret')
    }
  })

  it('4. has nothing to walk through', () => {
    expect(Reflect.ownKeys(token)).toEqual([])
    expect(Object.entries({ ...token })).toEqual([])
  })

  it('reveals its value, and only its own', () => {
    expect(reveal(token)).toBe('00D-very-secret')
    expect(() => reveal({ ...token })).toThrow('not a secret')
    expect(() => reveal(structuredClone({ token }).token)).toThrow('not a secret')
  })

  it('is told apart from strings and lookalikes', () => {
    expect(isSecret(token)).toBe(true)
    expect(isSecret('[secret]')).toBe(false)
    expect(isSecret({ toJSON: () => '[secret]' })).toBe(false)
  })
})
