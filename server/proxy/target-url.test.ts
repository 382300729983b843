import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointOf, overrideBase, targetOf } from './target-url.ts'

const org = { origin: 'https://acme.my.salesforce.com', path: '' }
const versioned = { origin: 'https://api.example.com', path: '/v1' }
const urlOf = (base: typeof org, endpoint: string): string => {
  const { origin, path } = targetOf(base, endpoint)
  return origin + path
}

describe('endpointOf', () => {
  it.each([
    ['/proxy/services/data', '/services/data'],
    ['/proxy', ''],
    ['/proxy?q=1', '?q=1'],
    ['/proxy/a%2Fb/%e4?x=%zz&y=a+b', '/a%2Fb/%e4?x=%zz&y=a+b'],
    ['http://hawser.example/proxy/a?b', '/a?b'],
  ])('%s', (url, endpoint) => expect(endpointOf(url, '/proxy')).toBe(endpoint))

  it.each(['/proxyx/a', '/%70roxy/a', '*', '', 'example.com:443', '/proxy/a#b', 'http://h/other'])('refuses %s', (url) =>
    expect(() => endpointOf(url, '/proxy')).toThrow(expect.objectContaining({ code: 'invalid_request' })),
  )
})

describe('targetOf', () => {
  it.each([
    ['', 'https://acme.my.salesforce.com/'],
    ['/services/data/v66.0/query?q=SELECT+Id', 'https://acme.my.salesforce.com/services/data/v66.0/query?q=SELECT+Id'],
    ['//services/data', 'https://acme.my.salesforce.com/services/data'],
    ['/a//b/%2F%2f/ä', 'https://acme.my.salesforce.com/a//b/%2F%2f/ä'],
    ['?q=1', 'https://acme.my.salesforce.com/?q=1'],
    ['/https://acme.my.salesforce.com/services/data?x', 'https://acme.my.salesforce.com/services/data?x'],
    ['/https:/acme.my.salesforce.com/services', 'https://acme.my.salesforce.com/services'],
    ['/HTTPS://ACME.my.salesforce.com', 'https://acme.my.salesforce.com/'],
    [
      '/${credentials.access_token}/${connectionConfig.instance_url}',
      'https://acme.my.salesforce.com/${credentials.access_token}/${connectionConfig.instance_url}',
    ],
  ])('%s', (endpoint, url) => expect(urlOf(org, endpoint)).toBe(url))

  it.each([
    ['', 'https://api.example.com/v1'],
    ['?a', 'https://api.example.com/v1?a'],
    ['/users', 'https://api.example.com/v1/users'],
    ['/https://api.example.com/v1/users', 'https://api.example.com/v1/users'],
    ['/https://api.example.com/v1?page=2', 'https://api.example.com/v1?page=2'],
  ])('with a path in the base: %s', (endpoint, url) => expect(urlOf(versioned, endpoint)).toBe(url))

  it.each([
    'https://evil.example/',
    'https://api.example.com.evil.example/v1/users',
    'https://api.example.com@evil.example/v1',
    'https://api.example.com:8443/v1',
    'https://api.example.com\\@evil.example/v1',
    'http://api.example.com/v1/users',
    'https://api.example.com/v10/users',
    'https://api.example.com/v2/users',
    'https:/evil.example/v1',
    'HTTPS://evil.example',
  ])('security 3: refuses the absolute endpoint %s', (endpoint) =>
    expect(() => targetOf(versioned, `/${endpoint}`)).toThrow(expect.objectContaining({ code: 'base_url_override_not_allowed' })),
  )

  it('security 3: whatever the endpoint, it stays within the origin, byte for byte', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            '/',
            '//',
            '..',
            '/../',
            '%2e%2e/',
            '\\',
            '@',
            ':',
            'https://',
            'evil.example',
            '?',
            '%2f',
            '%00',
            '.',
            ';',
            '[::1]',
          ),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.constantFrom(org, versioned), hostile, (base, text) => {
        const endpoint = `/${text}`
        let target
        try {
          target = targetOf(base, endpoint)
        } catch (error) {
          expect(error).toMatchObject({ code: 'base_url_override_not_allowed' })
          return
        }
        expect(target.origin).toBe(base.origin)
        // One slash: `//evil.example` would be another host to whoever resolves it.
        expect(target.path).toMatch(/^\/(?!\/)/)
        expect(endpoint.endsWith(target.path.slice(base.path.length + 1))).toBe(true)
        const url = `${target.origin}${target.path}`
        if (URL.canParse(url)) expect(new URL(url).origin).toBe(base.origin)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('overrideBase', () => {
  const allow = (...baseUrlOverrideHosts: string[]) => ({ baseUrlOverrideHosts }) as never

  it('is off without a list', () =>
    expect(() => overrideBase(allow(), 'https://api.example.com')).toThrow(expect.objectContaining({ code: 'base_url_override_disabled' })))

  it.each([
    ['https://api.example.com', 'api.example.com', 'https://api.example.com', ''],
    ['https://API.example.com:443/v2/', 'api.example.com', 'https://api.example.com', '/v2'],
    ['https://api.example.com:8443', 'api.example.com:8443', 'https://api.example.com:8443', ''],
    ['http://localhost:8080/x', 'localhost:8080', 'http://localhost:8080', '/x'],
  ])('allows %s by %s', (url, entry, origin, path) => expect(overrideBase(allow('other.example', entry), url)).toEqual({ origin, path }))

  it.each([
    ['https://evil.example', 'api.example.com'],
    ['https://api.example.com.evil.example', 'api.example.com'],
    ['https://sub.api.example.com', 'api.example.com'],
    ['http://api.example.com', 'api.example.com'],
    ['https://api.example.com:8443', 'api.example.com'],
    ['https://api.example.com', 'api.example.com:8443'],
    ['https://api.example.com@evil.example', 'api.example.com'],
    ['https://user:pass@api.example.com', 'api.example.com'],
    ['https://evil.example\\@api.example.com', 'api.example.com'],
    ['https://evil.example#@api.example.com', 'api.example.com'],
    ['https://api.example.com./', 'api.example.com'],
    ['https://api.example.com/?a=b', 'api.example.com'],
  ])('security 3: refuses %s by %s', (url, entry) =>
    expect(() => overrideBase(allow(entry), url)).toThrow(expect.objectContaining({ code: 'base_url_override_not_allowed' })),
  )
})
