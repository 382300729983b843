import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Limits } from '@hawser/api/limits.ts'
import type { ConnectionPrincipal } from '#http/principal.ts'
import { readingsOf, requireAllowedCall } from './allowed-call.ts'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { call, callGateway, callProxy, UUID } from './raw-calls.ts'

const DATA: Limits = { paths: ['/services/data/*'] }

function allows(limits: Limits, method: string, path: string, headers: Record<string, string> = {}): boolean {
  try {
    requireAllowedCall([limits], method, headers, path)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden', status: 403 })
    return false
  }
}

describe('3. a path that a credential may not call', () => {
  it.each([
    '/services/data/v60.0/query?q=SELECT+Id+FROM+Account+WHERE+Name=%27/../%27',
    '/services/data/v60.0/sobjects/Account/Ext__c/a%2Fb',
    '/services/data/v60.0/sobjects/Account/Ext__c/a%20b',
    '/services/data//v60.0/limits',
    '/services/d%61ta/v60.0',
    '/services/data/',
    '/services/data/%E2%82%AC',
    '/services/data/a...b/..c',
  ])('lets %s through', (path) => expect(allows(DATA, 'GET', path)).toBe(true))

  it.each([
    ['another path', '/services/apexrest/x'],
    ['a prefix in letters only', '/services/database'],
    ['other capitals', '/services/DATA/v60.0'],
    ['dots', '/services/data/../apexrest/x'],
    ['one dot', '/services/data/./x'],
    ['encoded dots', '/services/data/%2e%2e/apexrest/x'],
    ['half encoded dots', '/services/data/.%2E/apexrest/x'],
    ['twice encoded dots', '/services/data/%252e%252e/apexrest/x'],
    ['dots behind an encoded slash', '/services/data/a%2F..%2F..%2F..%2Fapexrest/x'],
    ['dots before an encoded slash', '/services/data/..%2Fapexrest/x'],
    ['dots and a parameter', '/services/data/..;/apexrest/x'],
    ['dots and an encoded parameter', '/services/data/..%3Ba=b/apexrest/x'],
    ['backslashes', '/services/data\\..\\apexrest/x'],
    ['encoded backslashes', '/services/data/%5c..%5capexrest/x'],
    ['dots with space', '/services/data/..%20/apexrest/x'],
    ['a double slash where the pattern has one', '/services//data/x'],
    ['an encoded slash where the pattern has a slash', '/services%2Fdata/v60.0'],
    ['a parameter inside the prefix', '/services;x/data/v60.0'],
    ['an encoded question mark', '/services/data/v60.0%3F/../x'],
    ['an encoded fragment', '/services/data/v60.0%23x'],
    ['a null byte', '/services/data/x%00.json'],
    ['a line break', '/services/data/x%0d%0aHost:evil'],
    ['bad encoding', '/services/data/%zz'],
    ['overlong UTF-8', '/services/data/%c0%ae%c0%ae/apexrest'],
    ['dots of full width', '/services/data/%ef%bc%8e%ef%bc%8e/apexrest'],
    ['two dots in one character', '/services/data/\u2025/apexrest'],
    ['a slash of full width where the pattern has one', '/services\uff0fdata/v60.0'],
    ['layers without end', `/services/data/${'%25'.repeat(1)}${'25'.repeat(8)}2e`],
    ['the pattern in the query', '/services/apexrest/x?/services/data/'],
  ])('refuses %s: %s', (_what, path) => expect(allows(DATA, 'GET', path)).toBe(false))

  it('a pattern in the middle is held against every reading', () => {
    const limits = { paths: ['/services/data/*/query'] }
    expect(allows(limits, 'GET', '/services/data/v60.0/query?q=x')).toBe(true)
    expect(allows(limits, 'GET', '/services/data/v60.0%2Fquery')).toBe(false)
    expect(allows(limits, 'GET', '/services/data/v60.0%2Fsobjects/query')).toBe(false)
  })

  it('whatever is let through stays below the pattern for a server that decodes and resolves', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '/',
      '%2f',
      '%2e',
      '%5c',
      '\\',
      ';',
      'a',
      '%252e',
      '%252f',
      'services',
      'data',
      '%2E%2E',
      ' ',
      '%3b',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = `/services/data/${pieces.join('')}`
        if (!allows(DATA, 'GET', path)) return
        let text = path
        for (let layer = 0; layer < 4; layer++) {
          const url = new URL(`https://x.example${text.replaceAll(';', '/').replace(/^\/*/, '/')}`)
          expect(url.pathname.startsWith('/services/data/')).toBe(true)
          text = decodeURIComponent(text)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('reads an ordinary path in one way', () => expect(readingsOf('/services/data/v60.0')).toEqual(['/services/data/v60.0']))
})

describe('3. a header that names another path', () => {
  it.each(['x-original-url', 'X-Rewrite-URL', 'x_original_url', 'nango-proxy-x-original-url', 'nango-proxy-x_rewrite_url'])(
    '%s',
    (name) => {
      const headers = { [name.toLowerCase()]: '/services/apexrest/x' }
      expect(allows(DATA, 'GET', '/services/data/v60.0', headers)).toBe(false)
      expect(allows({ methods: ['GET'] }, 'GET', '/services/data/v60.0', headers)).toBe(true)
    },
  )
})

describe('3. a method that a credential may not use', () => {
  const READ: Limits = { methods: ['GET'] }
  it.each([
    ['GET', '/a', {}, true],
    ['HEAD', '/a', {}, true],
    ['POST', '/a', {}, false],
    ['get', '/a', {}, false],
    ['GET', '/a', { 'x-http-method-override': 'DELETE' }, false],
    ['GET', '/a', { 'nango-proxy-x-http-method': 'patch' }, false],
    ['GET', '/a', { 'x-method-override': 'get' }, true],
    ['GET', '/a', { x_http_method_override: 'DELETE' }, false],
    ['GET', '/a', { 'nango-proxy-x_method_override': 'DELETE' }, false],
    ['GET', '/a?_HttpMethod=DELETE', {}, false],
    ['GET', '/a?x=1&_%48ttpmethod=PATCH', {}, false],
    ['GET', '/a?x=1;_method=delete', {}, false],
    ['GET', '/a?_method', {}, false],
    ['GET', '/a?method=DELETE', {}, true],
  ] as const)('%s %s %j: %s', (method, path, headers, allowed) => expect(allows(READ, method, path, headers)).toBe(allowed))

  it('POST may not become PATCH', () => expect(allows({ methods: ['POST'] }, 'POST', '/a?_HttpMethod=PATCH')).toBe(false))
})

describe('at both doors', () => {
  afterEach(closeAll)
  const answering = () => startUpstream((_request, response) => response.end('{}'))

  it('a limited key is refused before anything is sent', async () => {
    const upstream = await answering()
    const rig = await startRig({ upstream, limits: { ...DATA, methods: ['GET'] } })
    expect((await callProxy(rig, '/services/data/v60.0')).status).toBe(200)
    expect((await callGateway(rig, '/services/data/v60.0')).status).toBe(200)
    for (const path of ['/services/apexrest/x', '/services/data/..%2fapexrest/x']) {
      expect((await callProxy(rig, path)).status).toBe(403)
      expect((await callGateway(rig, path)).status).toBe(403)
    }
    expect((await callProxy(rig, '/services/data/v60.0', { method: 'POST' })).status).toBe(403)
    expect(upstream.seen).toHaveLength(2)
    expect(rig.used).toHaveLength(2)
  })

  it.each([
    [{ integrations: ['other'] }, 'unknown_provider_config'],
    [{ connections: { ids: ['other'] } }, 'unknown_connection'],
    [{ connections: { tags: { team: 'a' } } }, 'unknown_connection'],
  ] satisfies [Limits, string][])('a connection outside %j does not exist', async (limits, code) => {
    const upstream = await answering()
    const rig = await startRig({ upstream, limits })
    expect((await callProxy(rig, '/x')).error().code).toBe(code)
    expect((await callGateway(rig, '/x')).status).toBe(404)
    expect(upstream.seen).toEqual([])
  })

  it('a base of the caller’s choice is refused where paths are limited', async () => {
    const upstream = await answering()
    const rig = await startRig({ upstream, limits: DATA, integration: { baseUrlOverrideHosts: ['other.example'] } })
    const answer = await callProxy(rig, '/services/data/x', { headers: { 'base-url-override': 'https://other.example' } })
    expect([answer.status, answer.error().code]).toEqual([400, 'base_url_override_not_allowed'])
  })

  it('a redirect to a forbidden path of the same host is handed out, not followed', async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/services/data/go') response.writeHead(302, { location: '/services/apexrest/secret' })
      response.end('{}')
    })
    const limited = await startRig({ upstream, limits: DATA })
    expect((await callProxy(limited, '/services/data/go')).status).toBe(302)
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/services/data/go'])
    const free = await startRig({ upstream })
    expect((await callProxy(free, '/services/data/go')).status).toBe(200)
  })

  it('a redirect that asks for another method is handed out, not followed', async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/go') response.writeHead(302, { location: '/record?_HttpMethod=DELETE' })
      response.end('{}')
    })
    const limited = await startRig({ upstream, limits: { methods: ['GET'] } })
    expect((await callProxy(limited, '/go')).status).toBe(302)
    expect(upstream.seen.map(({ url }) => url)).toEqual(['/go'])
  })

  it('a credential that names its connection needs no other header, and no other connection answers', async () => {
    const upstream = await answering()
    const token = `hct_${'a'.repeat(43)}`
    const connectionCaller = (): ConnectionPrincipal => ({
      ...{
        kind: 'connection',
        keyId: 'key-9',
        environmentId: 'environment-1',
        connection: { uuid: UUID },
        limits: [DATA],
        expiresAt: Infinity,
      },
    })
    const rig = await startRig({ upstream, connectionCaller })
    const authorization = `Bearer ${token}`
    expect((await call(rig.api, '/proxy/services/data/x', { headers: { authorization } })).status).toBe(200)
    expect((await call(rig.gateway, '/services/data/x', { headers: { authorization: `Bearer 00D000000000001!${token}` } })).status).toBe(
      200,
    )
    expect(rig.used).toEqual([`key-9 environment-1 ${UUID}`, `key-9 environment-1 ${UUID}`])
    expect((await call(rig.api, '/proxy/services/apexrest/x', { headers: { authorization } })).status).toBe(403)
    const other = await call(rig.api, '/proxy/services/data/x', { headers: { authorization, 'connection-id': 'other' } })
    expect([other.status, other.error().code]).toEqual([404, 'unknown_connection'])
    const integration = await call(rig.api, '/proxy/services/data/x', { headers: { authorization, 'provider-config-key': 'other' } })
    expect(integration.status).toBe(404)
    expect(upstream.seen).toHaveLength(2)
  })
})
