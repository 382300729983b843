import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allErrorRows } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { classifyTokenFailure, diagnoseAuthorizeFailure, diagnoseTokenFailure, diagnoseUpstreamFailure } from './diagnose.ts'
import type { ProviderFamily, TokenFailure } from './diagnose.ts'
import { genericOauthErrors } from './generic-oauth-errors.ts'
import { genericUpstreamErrors } from './generic-upstream-errors.ts'
import { networkFailures, unknownCode, unreadableAnswer } from './plain-failures.ts'

const refused = (error: string, error_description?: string, status = 400): TokenFailure => ({
  status,
  error,
  error_description,
  bodyKind: 'json',
})
const families: readonly ProviderFamily[] = ['salesforce', 'generic']

describe('classifyTokenFailure', () => {
  it.each([
    ['salesforce', refused('invalid_grant', 'expired access/refresh token'), 'refresh-token-expired', 'reconnect'],
    ['salesforce', refused('invalid_grant', 'something new'), 'grant-refused', 'reconnect'],
    ['salesforce', refused('invalid_client', 'invalid client credentials'), 'client-credentials-refused', 'config'],
    ['salesforce', refused('invalid_client_id', 'client identifier invalid'), 'token-client-id-unknown', 'config'],
    ['salesforce', refused('unauthorized_client'), 'oauth-unauthorized-client', 'config'],
    ['generic', refused('invalid_grant'), 'oauth-invalid-grant', 'reconnect'],
    ['generic', refused('invalid_grant', 'expired', 401), 'oauth-invalid-grant', 'reconnect'],
    ['generic', refused('invalid_client', undefined, 401), 'oauth-invalid-client', 'config'],
    ['generic', refused('unauthorized_client'), 'oauth-unauthorized-client', 'config'],
    ['generic', refused('interaction_required'), 'oauth-consent-required', 'reconnect'],
  ] as const)('%s %o breaks: %s', (family, failure, id, errorClass) => {
    expect(classifyTokenFailure(family, failure)).toMatchObject({
      transient: false,
      outcomeKnown: true,
      breaks: true,
      diagnosis: { code: id, class: errorClass },
    })
  })

  it.each([
    ['salesforce', refused('invalid_grant', 'inactive user'), 'user-inactive'],
    ['salesforce', refused('invalid_grant', 'ip restricted'), 'ip-restricted'],
    ['salesforce', refused('inactive_org'), 'org-inactive'],
    ['salesforce', refused('invalid_app_access'), 'token-app-access-denied'],
    ['salesforce', refused('invalid_request'), 'token-request-invalid'],
    ['salesforce', refused('invalid_grant', 'expired authorization code'), 'code-expired'],
    ['generic', refused('invalid_request'), 'oauth-invalid-request'],
    ['generic', refused('invalid_scope'), 'oauth-invalid-scope'],
    ['generic', refused('access_denied'), 'oauth-access-denied'],
  ] as const)('%s %o stops the tries but keeps the connection: %s', (family, failure, id) => {
    expect(classifyTokenFailure(family, failure)).toMatchObject({
      transient: false,
      outcomeKnown: true,
      breaks: false,
      diagnosis: { code: id },
    })
  })

  it.each([
    ['salesforce', refused('invalid_grant', 'token request is already being processed'), 'token-request-in-progress'],
    ['salesforce', refused('invalid_grant', 'login rate exceeded'), 'grant-login-rate'],
    ['salesforce', refused('unknown_error', 'retry your request'), 'token-unknown-error'],
    ['salesforce', refused('rate_limit_exceeded'), 'grant-login-rate'],
    ['salesforce', { status: 429, bodyKind: 'empty' }, 'token-rate-limited'],
    ['salesforce', { status: 503, bodyKind: 'html' }, 'token-server-error'],
    ['salesforce', { status: 420, bodyKind: 'html' }, 'token-host-not-routed'],
    ['salesforce', { status: 404, bodyKind: 'html', bodyText: 'Data Not Available' }, 'org-gone'],
    ['salesforce', { status: 403, bodyKind: 'html' }, 'answer-unreadable'],
    ['generic', refused('temporarily_unavailable'), 'oauth-server-error'],
    ['generic', { status: 503, bodyKind: 'json' }, 'oauth-server-error'],
    ['generic', { status: 429, bodyKind: 'json' }, 'oauth-rate-limited'],
    ['generic', refused('brand_new'), 'error-code-unknown'],
    ['generic', { status: 400, bodyKind: 'json' }, 'error-code-unknown'],
    ['generic', { status: 401, bodyKind: 'empty' }, 'answer-unreadable'],
    ['generic', { bodyKind: 'empty', network: 'refused' }, 'network-refused'],
    ['generic', { bodyKind: 'empty', network: 'dns' }, 'network-dns'],
    ['generic', { bodyKind: 'empty', network: 'tls' }, 'network-tls'],
  ] as const)('%s %o passes, and was not carried out: %s', (family, failure, id) => {
    expect(classifyTokenFailure(family, failure)).toMatchObject({
      transient: true,
      outcomeKnown: true,
      breaks: false,
      diagnosis: { code: id },
    })
  })

  it.each([
    ['salesforce', { status: 500, bodyKind: 'html' }, 'token-server-error'],
    ['salesforce', { status: 502, bodyKind: 'html' }, 'token-server-error'],
    ['salesforce', { status: 504, bodyKind: 'empty' }, 'token-server-error'],
    ['salesforce', { status: 520, bodyKind: 'html' }, 'token-server-error'],
    ['salesforce', refused('invalid_grant', 'expired access/refresh token', 500), 'token-server-error'],
    ['generic', { status: 500, bodyKind: 'json', error: 'server_error' }, 'oauth-server-error'],
    ['generic', { status: 408, bodyKind: 'empty' }, 'answer-unreadable'],
    ['generic', { status: 200, bodyKind: 'html' }, 'answer-unreadable'],
    ['generic', { status: 200, bodyKind: 'garbage' }, 'answer-unreadable'],
    ['generic', { status: 302, bodyKind: 'empty' }, 'answer-unreadable'],
    ['generic', { bodyKind: 'empty', network: 'timeout' }, 'network-timeout'],
    ['salesforce', { bodyKind: 'empty', network: 'reset' }, 'network-reset'],
    ['salesforce', { bodyKind: 'garbage' }, 'answer-unreadable'],
  ] as const)('%s %o passes, but may have been carried out: %s', (family, failure, id) => {
    expect(classifyTokenFailure(family, failure)).toMatchObject({
      transient: true,
      outcomeKnown: false,
      breaks: false,
      diagnosis: { code: id },
    })
  })

  it('lets no outage break a connection, whatever stands in the body', () => {
    const failure = fc.record({
      status: fc.option(fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(400, 401, 429, 500, 503)), { nil: undefined }),
      error: fc.option(
        fc.constantFrom('invalid_grant', 'invalid_client', 'invalid_client_id', 'unauthorized_client', 'constructor', '__proto__'),
        { nil: undefined },
      ),
      error_description: fc.option(fc.constantFrom('expired access/refresh token', 'no valid scopes defined', 'x'), { nil: undefined }),
      network: fc.option(fc.constantFrom('refused', 'dns', 'tls', 'timeout', 'reset'), { nil: undefined }),
      bodyKind: fc.constantFrom('json', 'html', 'empty', 'garbage'),
      bodyText: fc.option(fc.constantFrom('invalid_grant', 'expired access/refresh token', 'Data Not Available'), { nil: undefined }),
    }) as fc.Arbitrary<TokenFailure>
    fc.assert(
      fc.property(fc.constantFrom(...families), failure, (family, seen) => {
        const { transient, breaks } = classifyTokenFailure(family, seen)
        const outage = seen.network !== undefined || seen.bodyKind !== 'json' || seen.status === 429 || (seen.status ?? 0) >= 500
        if (outage) expect({ transient, breaks }).toEqual({ transient: true, breaks: false })
        expect(transient && breaks).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps Salesforce’s texts away from other providers', () => {
    expect(classifyTokenFailure('generic', refused('invalid_grant', 'inactive user')).breaks).toBe(true)
    expect(diagnoseTokenFailure('generic', refused('invalid_client_id')).code).toBe('error-code-unknown')
  })
})

describe('who can end it', () => {
  const actor = (family: ProviderFamily, failure: TokenFailure) => diagnoseTokenFailure(family, failure).actor

  it('is Salesforce where Salesforce is out, and the provider elsewhere', () => {
    for (const failure of [
      { status: 503, bodyKind: 'html' },
      { status: 500, bodyKind: 'json' },
      { bodyKind: 'empty', network: 'timeout' },
      { bodyKind: 'empty', network: 'dns' },
      { status: 403, bodyKind: 'html' },
    ] as const) {
      expect(actor('salesforce', failure)).toBe('salesforce')
      expect(actor('generic', failure)).toBe('provider')
    }
    expect(diagnoseUpstreamFailure('salesforce', { status: 503, body: '' })?.actor).toBe('salesforce')
    expect(diagnoseUpstreamFailure('generic', { status: 503, body: '' })?.actor).toBe('provider')
  })

  it('is whoever runs this server where its trust store is to blame', () => {
    expect(actor('salesforce', { bodyKind: 'empty', network: 'tls' })).toBe('hawser')
  })
})

describe('diagnoseAuthorizeFailure', () => {
  it('prefers the family’s table, then RFC 6749, then says that it does not know', () => {
    expect(diagnoseAuthorizeFailure('salesforce', { error: 'access_denied' }).code).toBe('user-denied-access')
    expect(diagnoseAuthorizeFailure('generic', { error: 'access_denied' }).code).toBe('oauth-access-denied')
    expect(diagnoseAuthorizeFailure('salesforce', { error: 'server_error' }).code).toBe('oauth-server-error')
    expect(diagnoseAuthorizeFailure('generic', { error: 'brand_new' }).code).toBe('error-code-unknown')
    expect(diagnoseAuthorizeFailure('generic', {}).code).toBe('error-code-unknown')
  })
})

describe('diagnoseUpstreamFailure', () => {
  it('reads Salesforce’s bodies and other providers’ status', () => {
    const body = '[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'
    expect(diagnoseUpstreamFailure('salesforce', { status: 403, contentType: 'application/json', body })?.code).toBe(
      'request-limit-reached',
    )
    expect(diagnoseUpstreamFailure('generic', { status: 403, contentType: 'application/json', body })?.code).toBe('upstream-forbidden')
    expect(diagnoseUpstreamFailure('generic', { status: 401, body: '' })?.code).toBe('upstream-unauthorized')
    expect(diagnoseUpstreamFailure('generic', { status: 429, body: '' })?.class).toBe('limit')
    expect(diagnoseUpstreamFailure('generic', { status: 502, body: '' })?.class).toBe('transient')
    expect(diagnoseUpstreamFailure('generic', { status: 404, body: '' })).toBeUndefined()
  })
})

describe('the wire shape', () => {
  it('has exactly the agreed members and nothing of the answer', () => {
    const diagnosis = diagnoseTokenFailure('salesforce', refused('invalid_grant', 'a description with hunter2 in it'))
    expect(Object.keys(diagnosis).sort()).toEqual([
      ...['actor', 'cause', 'class', 'code', 'confidence', 'docs', 'end_user_text', 'evidence', 'fix', 'source', 'title', 'transient'],
    ])
    expect(JSON.stringify(diagnosis)).not.toContain('hunter2')
  })

  it('has ids that differ across all tables', () => {
    const ids = [
      ...allErrorRows,
      ...genericOauthErrors,
      ...genericUpstreamErrors,
      ...Object.values(networkFailures),
      unreadableAnswer,
      unknownCode,
    ].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('speaks plainly to end users, and of people of any gender', () => {
    const rows = [...genericOauthErrors, ...genericUpstreamErrors, ...Object.values(networkFailures), unreadableAnswer, unknownCode]
    for (const { title, cause, fix, endUserText } of rows) {
      expect([title, cause, ...fix, endUserText].join(' ')).not.toMatch(/\b(he|him|his|she|her|hers)\b/i)
      // At a sign-in nothing is tried again by itself.
      expect(endUserText).not.toMatch(/[`*_]|\bby ourselves\b/)
    }
  })
})
