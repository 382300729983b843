import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REDACTED, redactFields, redactText, redactUrl } from './redact.ts'

describe('redactUrl', () => {
  it.each([
    ['/oauth/callback?code=aPrxAbCd.1&state=xyz', `/oauth/callback?code=${REDACTED}&state=${REDACTED}`],
    ['/connections?limit=5&provider_config_key=sf', '/connections?limit=5&provider_config_key=sf'],
    [
      '/oauth/connect/sf?credentials%5Boauth_client_secret_override%5D=s3cr3t&params[hostname]=acme',
      `/oauth/connect/sf?credentials%5Boauth_client_secret_override%5D=${REDACTED}&params[hostname]=acme`,
    ],
    ['https://user:pw@example.com/a?b=c', `https://${REDACTED}@example.com/a?b=c`],
    ['http://localhost/x#access_token=abc', `http://localhost/x#${REDACTED}`],
    ['/x?CODE=1;access%5Ftoken=2', `/x?CODE=${REDACTED};access%5Ftoken=${REDACTED}`],
    ['/x?a=%', '/x?a=%'],
    ['', ''],
  ])('%s', (url, expected) => expect(redactUrl(url)).toBe(expected))

  it('4. never shows the value of a sensitive parameter, whatever surrounds it', () => {
    const name = fc.constantFrom(
      'code',
      'state',
      'token',
      'access_token',
      'refresh_token',
      'client_secret',
      'code_verifier',
      'connect_session_token',
    )
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    const spelt = fc
      .tuple(name, fc.boolean())
      .map(([plain, encoded]) => (encoded ? plain.replace(/^./, (c) => `%${c.charCodeAt(0).toString(16)}`) : plain))
    fc.assert(
      fc.property(fc.webPath(), spelt, fc.array(fc.tuple(word, word), { maxLength: 3 }), fc.nat(3), (path, secretName, others, place) => {
        const pairs = others.map(([key, value]) => `${key}=${value}`)
        pairs.splice(place, 0, `${secretName}=S3CRET-VALUE`)
        const shown = redactUrl(`https://example.com${path}?${pairs.join('&')}`)
        expect(shown).not.toContain('S3CRET-VALUE')
        expect(shown).toContain('https://example.com')
      }),
    )
  })

  it('never throws', () => fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof redactUrl(text) === 'string')))
})

describe('redactText', () => {
  it.each([
    [
      'a Salesforce session',
      '00Dxx0000001gPL!AR8AQP0jITN80ESEsj5EbaZTFG0RNBaT1cyWk7TrqoDjoNIWQ2ME_sTZzBjfmOE6zMHq6y8PIW4eWze9JksNEkWUl.Cju7m4',
    ],
    ['a refresh token', '5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrfgxPUvtoKe'],
    ['an API key', `hws_dev_${'a'.repeat(43)}`],
    ['a connect session token', `nango_connect_session_${'0f'.repeat(32)}`],
    ['a webhook signing key', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    ['a JWT', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF-123'],
  ])('4. %s', (_kind, secret) => {
    const shown = redactText(`failed with ${secret} in it`)
    expect(shown).not.toContain(secret)
    expect(shown).toMatch(/^failed with .*\[redacted\] in it$/)
  })

  it('4. a bearer, a form body, a database password', () => {
    expect(redactText('authorization: Bearer abcdefgh12345')).toBe(`authorization: Bearer ${REDACTED}`)
    expect(redactText('grant_type=refresh_token&refresh_token=xyz&client_secret=q')).toBe(
      `grant_type=refresh_token&refresh_token=${REDACTED}&client_secret=${REDACTED}`,
    )
    expect(redactText('postgres://hawser:hunter2@db:5432/x')).toBe(`postgres://hawser:${REDACTED}@db:5432/x`)
  })

  it('leaves ordinary text and JSON alone', () => {
    const line = '{"msg":"connection 018f of integration salesforce refreshed","code":"unknown_connection","ms":12}'
    expect(redactText(line)).toBe(line)
    expect(() => JSON.parse(redactText(JSON.stringify({ msg: 'token=abc', b: 'Bearer abcdefgh"x' })))).not.toThrow()
  })
})

describe('redactFields', () => {
  it('4. replaces by name at any depth, in arrays too', () => {
    const fields = {
      a: [{ headers: { Authorization: 'x', Cookie: 'y', accept: 'z' } }],
      accessToken: 't',
      client_secret: 's',
      nested: { refresh_token: 'r' },
    }
    expect(redactFields(fields)).toEqual({
      a: [{ headers: { Authorization: REDACTED, Cookie: REDACTED, accept: 'z' } }],
      accessToken: REDACTED,
      client_secret: REDACTED,
      nested: { refresh_token: REDACTED },
    })
  })

  it('keeps what is only named like a secret', () => {
    const fields = { code: 'unknown_connection', state: 'active', token_url: '/t', statusCode: 500, hasSecret: true, retries: 2 }
    expect(redactFields(fields)).toEqual(fields)
    expect(redactFields({ code: 'ECONNREFUSED' })).toEqual({ code: 'ECONNREFUSED' })
  })

  it('4. an authorization code under `code`', () => {
    expect(redactFields({ code: 'aPrxsmIEeqM9PiQroGEWx1UiMQd95_5JUZVEhsOFhS8EVvbfYBBJli2W5fn3zbo.8hojaNW_1g' })).toEqual({ code: REDACTED })
    expect(redactFields({ code: 'e5f4c1a0b2d34e6f7a8b' })).toEqual({ code: REDACTED })
  })

  it('does not follow cycles for ever', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    expect(() => redactFields(cyclic)).not.toThrow()
  })
})

it('leaves prose about OAuth readable', () => {
  const prose = "The global OAuth settings doesn't have a valid OAuth configuration."
  expect(redactText(prose)).toBe(prose)
  expect(redactText('authorization: OAuth 00Dxx0000001gPL!AQEAQ.abc')).not.toContain('AQEAQ')
})
