import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRetryAfter, readTokenResponse } from './token-response.ts'

const nowMs = Date.parse('2026-11-23T12:00:00Z')
const read = (bodyText: string, status = 200, accessTokenPath?: string) =>
  readTokenResponse({ status, bodyText }, { nowMs, accessTokenPath })

describe('an answer with a token', () => {
  it('of Salesforce has no expiry and keeps everything in raw', () => {
    const body = {
      access_token: '00D!x',
      refresh_token: '5Aep',
      instance_url: 'https://acme.my.salesforce.com',
      issued_at: '1558553873237',
    }
    expect(read(JSON.stringify(body))).toEqual({ ok: true, tokens: { access_token: '00D!x', refresh_token: '5Aep', raw: body } })
  })

  it.each<[string, unknown, string | undefined]>([
    ['seconds', { expires_in: 3600 }, '2026-11-23T13:00:00.000Z'],
    ['seconds as text', { expires_in: '3600' }, '2026-11-23T13:00:00.000Z'],
    ['expires_at before expires_in', { expires_at: '2026-12-01T00:00:00Z', expires_in: 1 }, '2026-12-01T00:00:00.000Z'],
    ['expires_at in seconds', { expires_at: 1796083200 }, '2026-12-01T00:00:00.000Z'],
    ['expires_at in milliseconds', { expires_at: 1796083200000 }, '2026-12-01T00:00:00.000Z'],
    ['null', { expires_in: null }, undefined],
    ['zero', { expires_in: 0 }, undefined],
    ['negative', { expires_in: -5 }, undefined],
    ['absurd', { expires_in: 1e300 }, undefined],
    ['words', { expires_in: 'soon' }, undefined],
  ])('reads the expiry from %s', (_what, fields, expected) => {
    const outcome = read(JSON.stringify({ access_token: 'a', ...(fields as object) }))
    expect(outcome.ok && outcome.tokens.expires_at).toBe(expected)
  })

  it('may be form-encoded, or come with 201', () => {
    expect(read('access_token=a&refresh_token=b&expires_in=60')).toMatchObject({
      ok: true,
      tokens: { access_token: 'a', refresh_token: 'b' },
    })
    expect(read('{"access_token":"a"}', 201)).toMatchObject({ ok: true })
  })

  it('may carry it elsewhere: an object with its own tokens, or a text', () => {
    const nested = JSON.stringify({
      ok: true,
      access_token: 'bot',
      authed_user: { access_token: 'user', refresh_token: 'r', expires_in: 60 },
    })
    expect(read(nested, 200, 'authed_user')).toMatchObject({
      tokens: { access_token: 'user', refresh_token: 'r', expires_at: '2026-11-23T12:01:00.000Z' },
    })
    expect(read(JSON.stringify({ data: { token: 'deep' } }), 200, 'data.token')).toMatchObject({ tokens: { access_token: 'deep' } })
  })

  it('treats nulls as absent', () => {
    const outcome = read('{"access_token":"a","refresh_token":null}')
    expect(outcome.ok && 'refresh_token' in outcome.tokens).toBe(false)
  })
})

describe('an answer without a usable token', () => {
  it.each<[string, number, string, object]>([
    [
      'an error',
      400,
      '{"error":"invalid_grant","error_description":"expired access/refresh token"}',
      { error: 'invalid_grant', error_description: 'expired access/refresh token', bodyKind: 'json' },
    ],
    ['200 with an error', 200, '{"error":"bad_verification_code"}', { error: 'bad_verification_code', bodyKind: 'json', status: 200 }],
    [
      'a form-encoded error',
      400,
      'error=invalid_token&error_description=token%20is%20invalid',
      { error: 'invalid_token', error_description: 'token is invalid', bodyKind: 'json' },
    ],
    ['an error as object', 400, '{"error":{"code":190,"message":"gone"}}', { error: '190', error_description: 'gone' }],
    ['a page', 503, '<html>down</html>', { bodyKind: 'html', status: 503 }],
    ['nothing', 200, '', { bodyKind: 'empty' }],
    ['a list', 200, '[1]', { bodyKind: 'garbage' }],
    ['a cut answer', 200, '{"access_token":"a', { bodyKind: 'garbage' }],
    ['a token that is a number', 200, '{"access_token":7}', { bodyKind: 'json' }],
    ['an empty token', 200, '{"access_token":""}', { bodyKind: 'json' }],
    ['a token with an error status', 500, '{"access_token":"a"}', { status: 500, bodyKind: 'json' }],
  ])('is a failure: %s', (_what, status, body, expected) => {
    expect(read(body, status)).toMatchObject({ ok: false, failure: { sent: true, ...expected } })
  })

  it('cannot forge log lines', () => {
    expect(read('{"error":"a\\nb","error_description":"c\\u0000d"}', 400)).toMatchObject({
      failure: { error: 'a b', error_description: 'c d' },
    })
  })
})

it('never throws, and a success always holds a token, whatever the bytes', () => {
  const json = fc.json().map((text) => text)
  const tokenish = fc.record(
    {
      access_token: fc.anything(),
      refresh_token: fc.anything(),
      expires_in: fc.anything(),
      expires_at: fc.anything(),
      error: fc.anything(),
    },
    { requiredKeys: [] },
  )
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    json,
    tokenish.map((value) => String(safeJson(value))),
    fc.webQueryParameters(),
  )
  fc.assert(
    fc.property(
      body,
      fc.integer({ min: 100, max: 599 }),
      fc.option(fc.constantFrom('authed_user', 'data.token', '__proto__', 'access_token'), { nil: undefined }),
      (bodyText, status, path) => {
        const outcome = readTokenResponse({ status, bodyText }, { nowMs, accessTokenPath: path })
        if (!outcome.ok) return
        expect(status).toBeGreaterThanOrEqual(200)
        expect(status).toBeLessThan(300)
        expect(outcome.tokens.access_token).not.toBe('')
        expect(typeof outcome.tokens.access_token).toBe('string')
        if (outcome.tokens.expires_at !== undefined) expect(Number.isFinite(Date.parse(outcome.tokens.expires_at))).toBe(true)
      },
    ),
    { numRuns: 2000 },
  )
})

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

it('reads Retry-After as seconds or a date, and no more than a day', () => {
  expect(readRetryAfter('30', nowMs)).toBe(30)
  expect(readRetryAfter('Mon, 23 Nov 2026 12:00:10 GMT', nowMs)).toBe(10)
  expect(readRetryAfter('Mon, 23 Nov 2020 12:00:10 GMT', nowMs)).toBe(0)
  expect(readRetryAfter('99999999', nowMs)).toBe(86_400)
  expect(readRetryAfter('later', nowMs)).toBeUndefined()
})
