import { describe, expect, it } from 'vitest'
import { replaceHeader, responseHeaders } from './response-headers.ts'

const added = ['content-security-policy', 'sandbox', 'x-content-type-options', 'nosniff']

const removed = [
  ...[
    'set-cookie',
    'set-cookie2',
    'strict-transport-security',
    'public-key-pins',
    'expect-ct',
    'alt-svc',
    'clear-site-data',
    'nel',
    'report-to',
  ],
  ...['reporting-endpoints', 'service-worker-allowed', 'access-control-allow-origin', 'access-control-allow-credentials'],
  ...['access-control-allow-headers', 'access-control-allow-methods', 'access-control-expose-headers', 'access-control-max-age'],
  ...['access-control-allow-private-network', 'content-security-policy', 'content-security-policy-report-only', 'x-content-type-options'],
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]

describe('response headers', () => {
  it.each(removed)('remove %s', (name) => {
    expect(responseHeaders({ [name]: 'x' })).toEqual(added)
  })

  it('keep all others, lists as several', () => {
    expect(
      responseHeaders({ 'sforce-limit-info': 'api-usage=1/2', 'sforce-locator': 'null', warning: ['a', 'b'] as never, date: 'now' }),
    ).toEqual([
      ...added,
      ...['sforce-limit-info', 'api-usage=1/2', 'sforce-locator', 'null', 'warning', 'a', 'warning', 'b', 'date', 'now'],
    ])
  })

  it('security 21: drop what Connection names', () => {
    expect(responseHeaders({ connection: 'close, X-Hop', 'x-hop': 'a', 'x-end': 'b' })).toEqual([...added, 'x-end', 'b'])
  })

  it('security 21: refuse an answer with two lengths', () => {
    expect(() => responseHeaders({ 'content-length': ['5', '6'] as never })).toThrow('several Content-Length')
  })

  it('replaces and removes one header', () => {
    expect(replaceHeader(['a', '1', 'b', '2'], 'a', '3')).toEqual(['b', '2', 'a', '3'])
    expect(replaceHeader(['a', '1', 'b', '2'], 'a', undefined)).toEqual(['b', '2'])
  })
})
