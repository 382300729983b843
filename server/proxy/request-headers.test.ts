import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HeaderSources } from './request-headers.ts'
import { headersForStrangers, requestHeaders } from './request-headers.ts'

const applied = { authorization: 'Bearer token-1' }

function sent(door: 'proxy' | 'gateway', caller: Record<string, string>, more: Partial<HeaderSources> = {}): Record<string, string> {
  return asObject(requestHeaders({ door, caller, applied, ...more }))
}

function asObject(list: string[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (let at = 0; at < list.length; at += 2) {
    expect(Object.hasOwn(pairs, list[at]!), `${list[at]} twice`).toBe(false)
    pairs[list[at]!] = list[at + 1]!
  }
  return pairs
}

const base = { authorization: 'Bearer token-1', 'accept-encoding': 'identity', 'user-agent': 'Hawser' }

// Written out here, so that a rule that is lost from the table fails.
const neverForwarded = [
  ...['authorization', 'cookie', 'cookie2', 'host', 'content-length', 'expect', 'forwarded', 'x-forwarded-for', 'x-forwarded-host'],
  ...['x-forwarded-proto', 'x-forwarded-port', 'x-real-ip', 'via', 'origin', 'referer', 'provider-config-key', 'connection-id', 'retries'],
  ...[
    'retry-on',
    'retry-deadline',
    'base-url-override',
    'decompress',
    'forward-headers-on-redirect',
    'nango-activity-log-id',
    'nango-is-sync',
  ],
  ...[
    'nango-is-script',
    'nango-is-dry-run',
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authenticate',
    'proxy-authorization',
    'te',
  ],
  ...['trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
]
const forwardedByProxy = [
  ...['accept', 'content-type', 'content-encoding', 'content-language', 'range', 'if-match', 'if-none-match', 'if-modified-since'],
  ...['if-unmodified-since', 'if-range', 'accept-encoding', 'sforce-query-options', 'sforce-call-options', 'sforce-duplicate-rule-header'],
]

describe('both doors', () => {
  it.each(neverForwarded)('security 3, 21: never forward %s', (name) => {
    expect(sent('proxy', { [name]: 'x' })).toEqual(base)
    expect(sent('gateway', { [name]: 'x' })).toEqual(base)
  })

  it.each(neverForwarded)('security 3, 21: never forward %s, also not under the prefix', (name) => {
    expect(sent('proxy', { [`nango-proxy-${name}`]: 'x' })).toEqual(base)
    expect(sent('gateway', { [`nango-proxy-${name}`]: 'x' })).toEqual(base)
  })

  it.each(['x-forwarded-uri', 'x-forwarded-prefix', 'x_forwarded_for', 'content_length', 'x-sfdc_session', 'transfer_encoding'])(
    'security 3, 21: nor another spelling, %s',
    (name) => {
      expect(sent('proxy', { [`nango-proxy-${name}`]: 'x' })).toEqual(base)
      expect(sent('gateway', { [name]: 'x' })).toEqual(base)
    },
  )

  it('security 21: drop what Connection names', () => {
    expect(sent('gateway', { connection: 'close, X-Secret ,content-length', 'x-secret': 'a', 'x-other': 'b' })).toEqual({
      ...base,
      'x-other': 'b',
    })
    expect(sent('proxy', { connection: 'nango-proxy-x-secret', 'nango-proxy-x-secret': 'a' })).toEqual(base)
  })

  it('apply the connection’s credentials, whatever the caller sends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('proxy' as const, 'gateway' as const),
        fc.dictionary(fc.constantFrom('authorization', 'nango-proxy-authorization', 'x-a', '__proto__', 'constructor'), fc.string()),
        (door, caller) => {
          expect(sent(door, caller)['authorization']).toBe('Bearer token-1')
        },
      ),
    )
  })

  it('ask for plain bytes of callers who cannot decompress or do not want to', () => {
    expect(sent('gateway', {})['accept-encoding']).toBe('identity')
    expect(sent('gateway', { 'accept-encoding': 'gzip, br' })['accept-encoding']).toBe('gzip, br')
    expect(sent('proxy', { 'accept-encoding': 'gzip, br' }, { identity: true })['accept-encoding']).toBe('identity')
  })

  it('replace X-SFDC-Session like Authorization', () => {
    expect(sent('gateway', { 'x-sfdc-session': 'hws_key.id' })['x-sfdc-session']).toBe('token-1')
    expect(sent('gateway', { 'x-sfdc-session': 'hws_key.id' }, { applied: {} })['x-sfdc-session']).toBeUndefined()
  })
})

describe('/proxy', () => {
  it.each(forwardedByProxy)('forwards %s', (name) => {
    expect(sent('proxy', { [name]: 'v' })[name]).toBe('v')
  })

  it.each(['x-custom', 'user-agent', 'x-request-id', 'traceparent', 'dnt', 'sec-fetch-mode', 'pragma'])(
    'does not forward %s, unless prefixed',
    (name) => {
      expect(sent('proxy', { [name]: 'v' })).toEqual(base)
      expect(sent('proxy', { [`nango-proxy-${name}`]: 'v' })[name]).toBe('v')
    },
  )

  it('prefers the prefixed form', () => {
    expect(sent('proxy', { 'nango-proxy-content-type': 'text/csv', 'content-type': 'application/json' })['content-type']).toBe('text/csv')
    expect(sent('proxy', { 'content-type': 'application/json', 'nango-proxy-content-type': 'text/csv' })['content-type']).toBe('text/csv')
  })

  it('lets the caller replace fixed headers of the catalogue', () => {
    const entry = { applied: { ...applied, 'x-api-version': '1' } }
    expect(sent('proxy', {}, entry)['x-api-version']).toBe('1')
    expect(sent('proxy', { 'nango-proxy-x-api-version': '2' }, entry)['x-api-version']).toBe('2')
  })
})

describe('the gateway', () => {
  it('forwards every other end-to-end header', () => {
    const caller = {
      'user-agent': 'jsforce',
      'x-custom': 'a',
      'content-type': 'text/csv',
      'sforce-call-options': 'client=x',
      pragma: 'no-cache',
    }
    expect(sent('gateway', caller)).toEqual({ ...base, ...caller })
  })
})

describe('a redirect to another host', () => {
  const caller = {
    authorization: 'Bearer key',
    'x-sfdc-session': 'key',
    accept: 'text/csv',
    'nango-proxy-x-secret': 'mine',
    'sforce-call-options': 'client=x',
    'if-none-match': '"a"',
  }

  it('security 3: gets no credentials, and of the caller’s headers only how to read the answer', () => {
    expect(asObject(headersForStrangers('proxy', caller, false))).toEqual({
      accept: 'text/csv',
      'if-none-match': '"a"',
      'accept-encoding': 'identity',
      'user-agent': 'Hawser',
    })
  })

  it('security 3: gets no credentials when the caller lets its own headers go along', () => {
    const all = asObject(headersForStrangers('proxy', caller, true))
    expect(all).toMatchObject({ 'x-secret': 'mine', 'sforce-call-options': 'client=x' })
    expect(all).not.toHaveProperty('authorization')
    expect(all).not.toHaveProperty('x-sfdc-session')
  })
})
