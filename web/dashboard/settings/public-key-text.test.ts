import { describe, expect, it } from 'vitest'
import { publicKeyOf } from './public-key-text.ts'

describe('publicKeyOf', () => {
  it('takes PEM and JWK', () => {
    expect(publicKeyOf(' -----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n').value).toContain('BEGIN PUBLIC')
    expect(publicKeyOf('{"kty":"OKP","x":"y"}').value).toEqual({ kty: 'OKP', x: 'y' })
    expect(publicKeyOf('  ')).toEqual({})
  })

  it.each([
    '-----BEGIN PRIVATE KEY-----\nx',
    '-----BEGIN RSA PRIVATE KEY-----\nx',
    '{"kty":"OKP","d":"secret"}',
    '{"kty":"oct","k":"secret"}',
  ])('keeps %s in the page', (text) => {
    const { value, fault } = publicKeyOf(text)
    expect(value).toBeUndefined()
    expect(fault).toContain('private key')
  })

  it.each(['hello', '{'])('refuses %s', (text) => {
    expect(publicKeyOf(text).fault).toBeDefined()
  })
})
