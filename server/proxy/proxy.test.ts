import { afterEach, describe, expect, it } from 'vitest'
import { fail } from '@hawser/api/errors.ts'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { GATEWAY_BEARER, KEY, call, callGateway, callProxy, readAll, talk } from './raw-calls.ts'

afterEach(closeAll)

const hello = () => startUpstream((_request, response) => response.end('hello'))
const ids = 'provider-config-key: salesforce\r\nconnection-id: acme\r\n'
const authorised = `host: x\r\nauthorization: Bearer ${KEY}\r\n${ids}`

describe('who may call', () => {
  it.each([
    ['no key', {}, 401, 'missing_auth_header'],
    ['a wrong key', { authorization: 'Bearer wrong' }, 401, 'unknown_account'],
    ['another integration', { 'provider-config-key': 'other' }, 404, 'unknown_provider_config'],
    ['another connection', { 'connection-id': 'other' }, 404, 'unknown_connection'],
    ['no connection', { 'connection-id': '' }, 400, 'invalid_headers'],
    ['a malformed integration', { 'provider-config-key': 'a/b' }, 400, 'invalid_headers'],
    ['an override that is no URL', { 'base-url-override': 'file:///etc/passwd' }, 400, 'invalid_headers'],
    ['security 3: an override', { 'base-url-override': 'https://evil.example' }, 400, 'base_url_override_disabled'],
  ])('%s', async (name, headers, status, code) => {
    const upstream = await hello()
    const rig = await startRig({ upstream })
    const answer =
      name === 'no key' ? await call(rig.api, '/proxy/x', {}) : await callProxy(rig, '/x', { headers: headers as Record<string, string> })
    expect([answer.status, answer.error().code]).toEqual([status, code])
    expect(answer.error().message.length).toBeGreaterThan(10)
    expect([upstream.seen, rig.used]).toEqual([[], []])
  })

  it('the scope is needed', async () => {
    const rig = await startRig({ upstream: await hello(), scopes: ['environment:connections:*'] })
    expect((await callProxy(rig, '/')).json()).toEqual({
      error: { code: 'forbidden', message: 'Insufficient scope. Required: environment:proxy' },
    })
  })

  it('what the published client sends is understood', async () => {
    const rig = await startRig({ upstream: await hello() })
    const headers = {
      'base-url-override': '',
      'nango-activity-log-id': '',
      'nango-is-sync': 'false',
      'nango-is-script': 'false',
      'nango-is-dry-run': 'false',
      'forward-headers-on-redirect': 'false',
    }
    expect((await callProxy(rig, '/', { headers })).text).toBe('hello')
  })

  it('security 34: no trace, no call', async () => {
    const upstream = await hello()
    const rig = await startRig({
      upstream,
      audit: () => {
        throw fail('credentials_unavailable')
      },
    })
    expect((await callProxy(rig, '/')).status).toBe(503)
    expect(upstream.seen).toEqual([])
  })

  it('a mistake of ours is a 500 without details', async () => {
    const rig = await startRig({
      upstream: await hello(),
      audit: () => {
        throw new Error('secret detail')
      },
    })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.error().code]).toEqual([500, 'server_error'])
    expect(answer.text).not.toContain('secret detail')
  })

  it('an override to an allowed host gets the credentials and the path of the base', async () => {
    const other = await startUpstream((request, response) => response.end(`${request.url} ${request.headers.authorization}`))
    const rig = await startRig({
      upstream: await hello(),
      trusted: [other.port],
      integration: { baseUrlOverrideHosts: [`127.0.0.1:${other.port}`] },
    })
    expect((await callProxy(rig, '/a?b', { headers: { 'base-url-override': `${other.origin}/v2/` } })).text).toBe('/v2/a?b Bearer token-1')
    const refused = await callProxy(rig, '/a', { headers: { 'base-url-override': 'https://evil.example' } })
    expect(refused.error().code).toBe('base_url_override_not_allowed')
  })

  it('security 3: placeholders in the path stay text', async () => {
    const upstream = await hello()
    const rig = await startRig({ upstream })
    await callProxy(rig, '/$%7Bcredentials.access_token%7D/${credentials.access_token}?x=${connectionConfig.instance_url}')
    expect(upstream.seen[0]!.url).toBe('/$%7Bcredentials.access_token%7D/${credentials.access_token}?x=${connectionConfig.instance_url}')
  })

  it('parameters of the catalogue are added, the caller’s win', async () => {
    const upstream = await hello()
    const provider = {
      proxy: {
        base_url: '${connectionConfig.instance_url}',
        query: { v: '1', site: '${connectionConfig.site}', host: '${connectionConfig.instance_url}' },
      },
    }
    const rig = await startRig({ upstream, provider })
    await callProxy(rig, '/a?v=2')
    expect(upstream.seen[0]!.url).toBe(`/a?v=2&host=${encodeURIComponent(upstream.origin)}`)
  })
})

describe('security 19: nothing of a body is read before authentication', () => {
  it.each([
    ['/proxy', 'api', `POST /proxy/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n${ids}`],
    ['gateway', 'gateway', `POST /x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${GATEWAY_BEARER.replace('hws', 'bad')}\r\n`],
  ] as const)('%s: refused while the body is still to come, and without 100 Continue', async (_name, door, head) => {
    const rig = await startRig({ upstream: await hello() })
    const answer = await talk(rig[door], `${head}content-length: 2000000\r\nexpect: 100-continue\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).not.toContain('100 Continue')
    expect(answer.toLowerCase()).toContain('connection: close')
  })

  it.each([
    ['/proxy', 'api', `POST /proxy/x HTTP/1.1\r\n${authorised}`],
    ['gateway', 'gateway', `POST /x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${GATEWAY_BEARER}\r\n`],
  ] as const)('%s: 100 Continue only after it, and Expect stays here', async (_name, door, head) => {
    const upstream = await startUpstream((request, response) => void readAll(request).then((body) => response.end(body)))
    const rig = await startRig({ upstream })
    expect(await talk(rig[door], `${head}content-length: 5\r\nexpect: 100-continue\r\n\r\n`, /Continue/)).toBe(
      'HTTP/1.1 100 Continue\r\n\r\n',
    )
    expect(await talk(rig[door], `${head}content-length: 5\r\nexpect: 100-continue\r\nconnection: close\r\n\r\nhello`)).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 .*hello$/s,
    )
    await expect.poll(() => upstream.seen.length).toBe(1)
    expect(upstream.seen[0]!.headers).not.toHaveProperty('expect')
  })

  it('other paths of the same server are told to continue at once', async () => {
    const rig = await startRig({ upstream: await hello() })
    const answer = await talk(
      rig.api,
      'POST /other HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n{}',
    )
    expect(answer).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 /)
  })
})

describe('security 21: request smuggling', () => {
  const smuggled = 'GET /proxy/smuggled HTTP/1.1\r\n'
  it.each([
    ['Content-Length and Transfer-Encoding', `content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['Transfer-Encoding and Content-Length', `transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `content-length: 4\r\ncontent-length: 5\r\n\r\nabcde${smuggled}`],
    ['a list of lengths', `content-length: 4, 4\r\n\r\nabcd${smuggled}`],
    ['a signed length', `content-length: +4\r\n\r\nabcd${smuggled}`],
    ['a length in hex', `content-length: 0x4\r\n\r\nabcd${smuggled}`],
    ['an unknown coding', `transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunked under another name', `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a bad chunk size', `transfer-encoding: chunked\r\n\r\n4x\r\nabcd\r\n0\r\n\r\n${smuggled}`],
    ['a chunk that is longer than its size', `transfer-encoding: chunked\r\n\r\n4\r\nabcdef\r\n0\r\n\r\n${smuggled}`],
    ['a chunk ended by LF alone', `transfer-encoding: chunked\r\n\r\n4\nabcd\n0\n\n${smuggled}`],
    ['obsolete folding', `x-folded: a\r\n b: c\r\ncontent-length: 0\r\n\r\n`],
    ['a space before the colon', `content-length : 4\r\n\r\nabcd${smuggled}`],
    ['a bare CR in a value', `x-cr: a\rb\r\ncontent-length: 0\r\n\r\n`],
    ['a NUL in a value', `x-nul: a\0b\r\ncontent-length: 0\r\n\r\n`],
  ])('%s: refused', async (_name, rest) => {
    const upstream = await startUpstream((request, response) => request.resume().on('end', () => response.end('seen')))
    const rig = await startRig({ upstream })
    for (const [base, head] of [
      [rig.api, `POST /proxy/x HTTP/1.1\r\n${authorised}`],
      [rig.gateway, `POST /x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${GATEWAY_BEARER}\r\n`],
    ] as const) {
      const answer = await talk(base, head + rest)
      // A chunked body may already be streaming when its fault shows; then the caller is cut off.
      expect(answer).toMatch(/^(HTTP\/1.1 400 .*)?$/s)
    }
    expect(upstream.seen.filter((seen) => seen.url.includes('smuggled'))).toEqual([])
  })

  it('Connection: content-length does not take the framing away', async () => {
    const upstream = await startUpstream((request, response) => void readAll(request).then((body) => response.end(body)))
    const rig = await startRig({ upstream })
    for (const body of ['hello', 'x'.repeat(2_000_000)]) {
      const answer = await callGateway(rig, '/', {
        method: 'POST',
        body,
        headers: { connection: 'close, content-length, transfer-encoding' },
      })
      expect(answer.text).toBe(body)
      expect(upstream.seen.at(-1)!.headers['content-length']).toBe(String(body.length))
    }
  })

  it('a body with GET reaches the provider as a body', async () => {
    const upstream = await startUpstream((request, response) => void readAll(request).then((body) => response.end(body)))
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/', { method: 'GET', body: smuggled })).text).toBe(smuggled)
    expect(upstream.seen.length).toBe(1)
  })

  it('two requests on one connection stay two', async () => {
    const upstream = await startUpstream(
      (request, response) => void readAll(request).then((body) => response.end(`${request.url}:${body}`)),
    )
    const rig = await startRig({ upstream })
    const one = (path: string, body: string, more = '') =>
      `POST /proxy${path} HTTP/1.1\r\n${authorised}${more}content-length: ${body.length}\r\n\r\n${body}`
    const answer = await talk(rig.api, one('/a', 'first') + one('/b', 'second', 'connection: close\r\n'))
    expect(answer.match(/\/[ab]:[a-z]+/g)).toEqual(['/a:first', '/b:second'])
  })
})

describe('paths', () => {
  it.each([
    '/a%2Fb/%C3%A4?x=%20+%2B&y[]=1',
    '/a/../../b',
    '/%2e%2e/%2e%2e/etc',
    '/a;b=c?d',
    '//double//slash',
    '/@evil.example/',
    '/\\evil.example',
    '/?',
    '/a?b?c',
  ])('%s arrives as it was sent', async (path) => {
    const upstream = await hello()
    const rig = await startRig({ upstream })
    await callProxy(rig, path)
    await callGateway(rig, path)
    const expected = path.replace(/^\/+/, '/')
    expect(upstream.seen.map((seen) => seen.url)).toEqual([expected, expected])
  })

  it('a long one, of bytes beyond ASCII too', async () => {
    const upstream = await hello()
    const rig = await startRig({ upstream })
    await callProxy(rig, `/${'a'.repeat(8000)}`)
    expect(upstream.seen[0]!.url.length).toBe(8001)
  })

  it('without any endpoint it is the base itself', async () => {
    const upstream = await hello()
    const rig = await startRig({ upstream })
    await callProxy(rig, '')
    await callProxy(rig, '?a=b')
    expect(upstream.seen.map((seen) => seen.url)).toEqual(['/', '/?a=b'])
  })
})

describe('counts', () => {
  it('are by status and duration', async () => {
    const upstream = await startUpstream((request, response) => response.writeHead(Number(request.url?.slice(1))).end())
    const rig = await startRig({ upstream })
    for (const status of [200, 204, 302, 404, 404, 500]) await callProxy(rig, `/${status}`)
    const counts = rig.proxy.counts()
    expect(counts).toMatchObject({ open: 0, byStatusClass: [0, 0, 2, 1, 2, 1] })
    expect(counts.byLatency.reduce((sum, count) => sum + count)).toBe(6)
    expect(rig.noted).toBe(3)
  })
})
