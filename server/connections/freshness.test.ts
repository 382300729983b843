import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Provider } from '#providers/provider.ts'
import type { StoredGrant } from './connection.ts'
import { cooldownMs } from './cooldown.ts'
import { isDatabaseAway } from './database-away.ts'
import { hasStopped, isDue, needsRefresh } from './freshness.ts'
import { hideRefreshTokens } from './hide-refresh-tokens.ts'
import { readSpoolPayload, spoolPayload } from './spool-payload.ts'

const MINUTE = 60_000
const provider = {} as Provider
const grant = (fields: Partial<StoredGrant>) => ({ version: 1, refreshedAt: 0, lastUsedAt: 0, longestIdleMs: 0, ...fields }) as StoredGrant

describe('when a token is due', () => {
  it.each([
    ['an hour’s token, six minutes before its end', { expiresAt: 60 * MINUTE }, 54 * MINUTE, false],
    ['an hour’s token, five minutes before its end', { expiresAt: 60 * MINUTE }, 55 * MINUTE, true],
    ['a token of four minutes, in its first half', { expiresAt: 4 * MINUTE }, MINUTE, false],
    ['a token of four minutes, in its second half', { expiresAt: 4 * MINUTE }, 2 * MINUTE, true],
    ['no known end and nothing learned, after a month', {}, 30 * 24 * 60 * MINUTE, false],
    ['no known end, idle for less than 0.8 of what was survived', { longestIdleMs: 100 * MINUTE }, 80 * MINUTE, false],
    ['no known end, idle for more than 0.8 of what was survived', { longestIdleMs: 100 * MINUTE }, 81 * MINUTE, true],
    ['no known end, a short silence learned, idle for ten minutes', { longestIdleMs: 1_000 }, 10 * MINUTE, false],
    ['no known end, a short silence learned, idle for thirteen minutes', { longestIdleMs: 1_000 }, 13 * MINUTE, true],
  ])('%s', (_name, fields, now, due) => {
    expect(isDue(grant(fields), provider, 0, now)).toBe(due)
  })

  it('a provider’s own buffer counts', () => {
    const hour = grant({ expiresAt: 60 * MINUTE })
    expect(isDue(hour, { token_expiration_buffer: 600 } as Provider, 0, 51 * MINUTE)).toBe(true)
    expect(isDue(hour, { token_expiration_buffer: 0 } as Provider, 0, 59 * MINUTE)).toBe(false)
  })

  it('use counts from the last call, however old the token is', () => {
    expect(isDue(grant({ longestIdleMs: 100 * MINUTE }), provider, 1000 * MINUTE, 1010 * MINUTE)).toBe(false)
  })

  it('a refused version needs a newer one only while there is none', () => {
    expect(needsRefresh(grant({ version: 3 }), { force: false, notVersion: 3 }, provider, 0, 0)).toBe(true)
    expect(needsRefresh(grant({ version: 4 }), { force: false, notVersion: 3 }, provider, 0, 0)).toBe(false)
  })

  it('renewing ahead of time says nothing against the token', () => {
    expect(hasStopped(grant({}), { force: true, ahead: true }, 0)).toBe(false)
    expect(hasStopped(grant({}), { force: true }, 0)).toBe(true)
  })
})

describe('the rest after a failure', () => {
  it('lies between half and all of a doubling time, never beyond two minutes', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.option(fc.nat(100_000), { nil: undefined }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, asked, random) => {
          const ms = cooldownMs(failures, asked, random)
          expect(ms).toBeGreaterThanOrEqual(1_000)
          expect(ms).toBeLessThanOrEqual(120_000)
          if (asked !== undefined) expect(ms).toBeGreaterThanOrEqual(Math.min(asked * 1000, 120_000))
        },
      ),
    )
    expect([0, 1, 4, 5, 9].map((failures) => cooldownMs(failures, undefined, 1))).toEqual([2_000, 4_000, 32_000, 60_000, 60_000])
    expect(cooldownMs(0, undefined, 0)).toBe(1_000)
  })
})

describe('isDatabaseAway', () => {
  const coded = (code: string) => Object.assign(new Error('x'), { code })
  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', '57P01', '57P03', '08006', '53300', '57014', '25006'].map(
      (code) => [coded(code), true] as const,
    ),
    ...['23505', '42601', '40001', 'ERR_CANNOT_OPEN'].map((code) => [coded(code), false] as const),
    [new Error('Connection terminated unexpectedly'), true] as const,
    [new Error('timeout exceeded when trying to connect'), true] as const,
    [new Error('Query read timeout'), true] as const,
    [new TypeError('x is not a function'), false] as const,
    ['text', false] as const,
  ])('case %#: %s', (error, away) => {
    expect(isDatabaseAway(error)).toBe(away)
  })
})

describe('5. hideRefreshTokens', () => {
  it('leaves no key that names one, at any depth', () => {
    const value = {
      refresh_token: 1,
      refreshToken: 2,
      a: [{ REFRESH_TOKEN_expires: 3, kept: 4 }],
      raw: { my_refreshtoken: 5, access_token: 6 },
    }
    expect(hideRefreshTokens(value)).toEqual({ a: [{ kept: 4 }], raw: { access_token: 6 } })
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything({ maxDepth: 4, key: fc.constantFrom('refresh_token', 'refreshToken', 'b') })),
        (any) => {
          expect(JSON.stringify(hideRefreshTokens(any), (_key, part: unknown) => (typeof part === 'bigint' ? '' : part)) ?? '').not.toMatch(
            /"refresh_?token/i,
          )
        },
      ),
    )
  })
})

describe('the payload of the spool', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
        fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined }),
        (sealed, expiresAt, print) => {
          const tokens = { sealed: Buffer.from(sealed), expiresAt, fingerprint: print && Buffer.from(print) }
          expect(readSpoolPayload(spoolPayload(tokens))).toEqual(tokens)
        },
      ),
    )
  })

  it('reads nothing out of other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(readSpoolPayload(Buffer.from(bytes))).toBeUndefined()
      }),
    )
  })
})
