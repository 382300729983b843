import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Provider } from './schema.ts'
import { tokenHostAllowed } from './token-hosts.ts'
import { resolveText, resolveUrl } from './templates.ts'

const generic = { name: 'desk', display_name: 'Desk', auth_mode: 'OAUTH2', docs: 'https://docs.example.com', categories: [] } as Provider
const salesforce: Provider = { ...generic, name: 'salesforce', family: 'salesforce' }
const practice: Provider = { ...salesforce, allowed_hosts: ['localhost:3005'] }

const SUBDOMAIN = 'https://${connectionConfig.sub}.desk.example/oauth/${connectionConfig.path}?q=${connectionConfig.path}'
const HOSTNAME = 'https://${connectionConfig.hostname}/services/oauth2/token || https://login.salesforce.com/services/oauth2/token'
const INSTANCE = '${connectionConfig.instance_url}'

const resolve = (provider: Provider, template: string, connectionConfig: Record<string, unknown>) => {
  const resolved = resolveUrl(provider, template, { connectionConfig })
  return resolved.ok ? resolved.url.href : undefined
}

/** Ways in which a value has been made to leave its place. */
const hostile = [
  'evil.example/',
  'evil.example/.',
  'a@evil.example',
  'evil.example#',
  'evil.example?',
  'evil.example\\',
  'evil.example%2f',
  'evil.example%252f',
  'evil.example:443',
  'evil.example\t',
  'evil.example\n',
  ' evil.example',
  'evil。example',
  'ｅvil',
  'аcme',
  'xn--80ak6aa92e',
  '127.0.0.1/',
  '[::1]',
  '..',
  '.',
  '',
  '//evil.example',
  'https://evil.example',
]

describe('1. a field of the form cannot lead a client secret to a foreign host', () => {
  it.each(hostile)('%j stays inside the host that the template fixes', (sub) => {
    const resolved = resolveUrl(generic, SUBDOMAIN, { connectionConfig: { sub, path: 'x' } })
    if (resolved.ok) expect(resolved.url.hostname.endsWith('.desk.example')).toBe(true)
    expect(resolve(salesforce, HOSTNAME, { hostname: sub }) ?? 'https://login.salesforce.com/').toMatch(
      /^https:\/\/login\.salesforce\.com\//,
    )
  })

  it('whatever the values, the host ends as the template says and path and query keep their place', () => {
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...hostile), fc.webUrl(), fc.domain())
    fc.assert(
      fc.property(value, value, (sub, path) => {
        const resolved = resolveUrl(generic, SUBDOMAIN, { connectionConfig: { sub, path } })
        if (!resolved.ok) return
        expect(resolved.url.protocol).toBe('https:')
        expect(resolved.url.hostname.endsWith('.desk.example')).toBe(true)
        expect(resolved.url.port + resolved.url.username + resolved.url.password + resolved.url.hash).toBe('')
        expect(resolved.url.pathname.split('/')).toHaveLength(3)
        expect(decodeURIComponent(resolved.url.pathname.split('/')[2] ?? '')).toBe(path)
        expect([...resolved.url.searchParams.keys()]).toEqual(['q'])
        expect(resolved.url.searchParams.get('q')).toBe(path)
      }),
      { numRuns: 1000 },
    )
  })

  it('a host that comes wholly from a value must be on the provider’s list', () => {
    expect(resolve(generic, 'https://${connectionConfig.hostname}/token', { hostname: 'evil.example' })).toBeUndefined()
    expect(
      resolve({ ...generic, allowed_hosts: ['git.corp.example'] }, 'https://${connectionConfig.hostname}/token', {
        hostname: 'git.corp.example',
      }),
    ).toBe('https://git.corp.example/token')
    expect(resolve(salesforce, HOSTNAME, { hostname: 'acme.my.salesforce.com' })).toBe(
      'https://acme.my.salesforce.com/services/oauth2/token',
    )
    expect(resolve(salesforce, HOSTNAME, { hostname: 'evil.example' })).toBeUndefined()
    expect(resolve(salesforce, HOSTNAME, { hostname: 'evilmy.salesforce.com' })).toBeUndefined()
  })

  it('a suffix counts only from its dot on, and only with two labels', () => {
    expect(resolve(generic, 'https://${connectionConfig.sub}desk.example/', { sub: 'x' })).toBeUndefined()
    expect(resolve(generic, 'https://${connectionConfig.sub}.com/', { sub: 'evil' })).toBeUndefined()
    expect(resolve(generic, 'https://eu-${connectionConfig.sub}.desk.example/', { sub: 'x' })).toBe('https://eu-x.desk.example/')
  })

  it('a refused value is never repeated', () => {
    const resolved = resolveUrl(salesforce, HOSTNAME, { connectionConfig: { hostname: 'evil.example' } })
    expect(JSON.stringify(resolved)).not.toContain('evil')
  })
})

describe('2. instance_url leads to hosts of the family only', () => {
  it.each([
    'https://evil.example',
    'https://acme.my.salesforce.com.evil.example',
    'https://a@acme.my.salesforce.com',
    'http://acme.my.salesforce.com',
    'https://acme.my.salesforce.com:8443',
    'https://acme.my.salesforce.com/path',
    'javascript:alert(1)',
    'http://localhost:3005',
  ])('refuses %s', (instance_url) => expect(resolve(salesforce, INSTANCE, { instance_url })).toBeUndefined())

  it('resolves for a host of the family, with and without a final slash', () => {
    expect(resolve(salesforce, `${INSTANCE}/services`, { instance_url: 'https://acme.my.salesforce.com/' })).toBe(
      'https://acme.my.salesforce.com/services',
    )
    expect(resolve(salesforce, `${INSTANCE}/services`, { instance_url: 'https://acme.my.salesforce.com' })).toBe(
      'https://acme.my.salesforce.com/services',
    )
  })

  it('reaches the practice org’s exact host and port, also by http, and no neighbour', () => {
    expect(resolve(practice, INSTANCE, { instance_url: 'http://localhost:3005' })).toBe('http://localhost:3005/')
    expect(tokenHostAllowed(practice, 'http://localhost:3005')).toBe(true)
    expect(tokenHostAllowed(practice, 'http://localhost:3005@evil.example')).toBe(false)
    expect(resolve(practice, INSTANCE, { instance_url: 'http://localhost:3006' })).toBeUndefined()
    expect(resolve(practice, INSTANCE, { instance_url: 'http://127.0.0.1:3005' })).toBeUndefined()
  })

  it('site hosts need a template that ends there', () => {
    const site = 'https://${connectionConfig.sub}.my.site.com/services/oauth2/token'
    expect(resolve(salesforce, site, { sub: 'acme' })).toBe('https://acme.my.site.com/services/oauth2/token')
    expect(resolve(salesforce, HOSTNAME, { hostname: 'acme.my.site.com' })).toBeUndefined()
  })
})

describe('alternatives and texts', () => {
  it('take the first alternative that has all its values', () => {
    expect(resolve(salesforce, HOSTNAME, {})).toBe('https://login.salesforce.com/services/oauth2/token')
    expect(resolve(salesforce, HOSTNAME, { hostname: '' })).toBe('https://login.salesforce.com/services/oauth2/token')
  })

  it('name what is missing', () => {
    expect(resolveUrl(generic, 'https://${connectionConfig.sub}.desk.example', { connectionConfig: {} })).toEqual({
      ok: false,
      reason: 'A value is missing: connectionConfig.sub',
    })
  })

  it('without a host are refused', () => {
    for (const template of ['http:///&', 'https://', 'https:///${connectionConfig.a}'])
      expect(resolveUrl(generic, template, { connectionConfig: { a: 'desk.example' } })).toMatchObject({ ok: false })
  })

  it('do not read inherited properties', () => {
    expect(resolveText('${connectionConfig.constructor}', { connectionConfig: {} })).toBeUndefined()
    expect(resolveText('${__proto__.x}', {})).toBeUndefined()
  })

  it('a text with a line break is left out of headers', () => {
    expect(resolveText('key ${connectionConfig.a}', { connectionConfig: { a: 'x\r\nx-evil: 1' } })).toBeUndefined()
    expect(resolveText('key ${connectionConfig.a}', { connectionConfig: { a: 'x' } })).toBe('key x')
  })
})
