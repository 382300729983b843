import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CannotOpen, SEAL_OVERHEAD, newDataKey, open, seal } from './envelope.ts'

const bytes = fc.uint8Array({ maxLength: 3_000 }).map((array) => Buffer.from(array))

describe('seal and open', () => {
  const key = newDataKey()

  it('give back what was put in, for all bytes and labels', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.string({ unit: 'binary' }).filter((aad) => aad.isWellFormed()),
        (plaintext, aad) => {
          const sealed = seal(key, aad, plaintext)
          expect(sealed.length).toBe(plaintext.length + SEAL_OVERHEAD)
          expect(open(createSecretKey(key), aad, sealed).equals(plaintext)).toBe(true)
        },
      ),
    )
  })

  it('take text as UTF-8', () => {
    expect(open(key, 'a', seal(key, 'a', 'Grüße 🔑')).toString()).toBe('Grüße 🔑')
  })

  it('7. do not open under another label', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (sealedFor, openedAs) => {
        fc.pre(sealedFor !== openedAs)
        expect(() => open(key, openedAs, seal(key, sealedFor, 'token'))).toThrow(CannotOpen)
      }),
    )
  })

  it('do not open with another key', () => {
    expect(() => open(newDataKey(), 'a', seal(key, 'a', 'token'))).toThrow(CannotOpen)
  })

  it('do not open when any one bit was changed', () => {
    const sealed = seal(key, 'grant:1', 'a refresh token')
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => open(key, 'grant:1', changed), `bit ${bit}`).toThrow(CannotOpen)
    }
  })

  it('do not open when cut short or made longer, also with a short tag', () => {
    const sealed = seal(key, 'a', 'a refresh token')
    for (let length = 0; length < sealed.length; length++) {
      expect(() => open(key, 'a', sealed.subarray(0, length)), `length ${length}`).toThrow(CannotOpen)
    }
    expect(() => open(key, 'a', Buffer.concat([sealed, Buffer.from([0])]))).toThrow(CannotOpen)
  })

  it('never use a nonce twice', () => {
    const nonces = Array.from({ length: 500 }, () => seal(key, 'a', 'same').subarray(1, 13).toString('hex'))
    expect(new Set(nonces).size).toBe(500)
  })

  it('4. say nothing about the value when they fail', () => {
    const sealed = seal(key, 'a', 'hunter2')
    expect(() => open(key, 'b', sealed)).toThrow(/^the sealed value does not open: wrong key, wrong row, or changed bytes$/)
  })
})
