import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gatewayIdOf } from '#lib/ids.ts'
import { readApiKey, readGatewayBearer } from './bearer.ts'

const UUID = '0192f0c4-0000-7000-8000-00000000abcd'
const KEY = 'hws_prod_0123456789abcdefghijABCDEFGHIJ0123456789abc'
const token = `${KEY}.${gatewayIdOf(UUID)}`

describe('readGatewayBearer', () => {
  it.each([
    `Bearer ${token}`,
    `bearer ${token}`,
    `OAuth ${token}`,
    `Bearer 00D5g000004Xyz!${token}`,
    `Bearer 00D5g000004XyzEAB!${token}`,
    `Bearer   ${token}  `,
  ])('%s', (text) => expect(readGatewayBearer(text, undefined)).toEqual({ key: KEY, connectionUuid: UUID }))

  it('reads X-SFDC-Session where there is no Authorization', () => {
    expect(readGatewayBearer(undefined, token)).toEqual({ key: KEY, connectionUuid: UUID })
    expect(() => readGatewayBearer(undefined, undefined)).toThrow(expect.objectContaining({ code: 'missing_auth_header' }))
  })

  it.each([
    `Bearer ${KEY}`,
    `Bearer .${gatewayIdOf(UUID)}`,
    `Bearer ${KEY}.${UUID}`,
    `Bearer ${KEY}.${gatewayIdOf(UUID)}.x`,
    `Bearer ${KEY}.`,
    `Basic ${token}`,
    'Bearer x',
  ])('refuses %s', (text) =>
    expect(() => readGatewayBearer(text, undefined)).toThrow(expect.objectContaining({ code: 'malformed_auth_header' })),
  )

  it('explains that a UUID key does not work here', () =>
    expect(() => readGatewayBearer(`Bearer ${UUID}.${gatewayIdOf(UUID)}`, undefined)).toThrow(
      expect.objectContaining({ code: 'invalid_secret_key_format', message: expect.stringContaining('UUID') }),
    ))

  it('finds key and connection behind any org id', () => {
    const org = fc.stringMatching(/^00D\w{12,15}$/)
    const key = fc.stringMatching(/^hws_[a-z0-9_]{1,20}_[0-9A-Za-z]{43}$/)
    fc.assert(
      fc.property(fc.option(org), key, fc.uuid(), (orgId, secret, uuid) => {
        const text = `Bearer ${orgId === null ? '' : `${orgId}!`}${secret}.${gatewayIdOf(uuid)}`
        // What the sf CLI demands of a token that it logs in with.
        if (orgId !== null) expect(text.slice(7)).toMatch(/^(00D\w{12,15})![.\w]*$/)
        expect(readGatewayBearer(text, undefined)).toEqual({ key: secret, connectionUuid: uuid })
      }),
    )
  })

  it('never throws anything but a Failure, and never repeats the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          readGatewayBearer(`Bearer ${text}`, undefined)
        } catch (error) {
          expect(error).toMatchObject({ name: 'Failure', status: 401 })
          if (text.trim().length > 20) expect((error as Error).message).not.toContain(text.trim())
        }
      }),
    )
  })
})

describe('readApiKey', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['abc', 'abc'],
    ['Bearer Bearer abc', 'abc'],
  ])('%s', (text, key) => expect(readApiKey(text)).toBe(key))

  it.each([
    [undefined, 'missing_auth_header'],
    ['', 'missing_auth_header'],
    ['Bearer ', 'malformed_auth_header'],
    ['Basic dXNlcg==', 'malformed_auth_header'],
  ])('refuses %s', (text, code) => expect(() => readApiKey(text)).toThrow(expect.objectContaining({ code })))
})
