import { createConnection } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { GATEWAY_BEARER, KEY, call, callGateway, talk } from './raw-calls.ts'
import { gatewayIdOf } from '#lib/ids.ts'
import { rewriteLink, rewriteLinks } from './gateway-links.ts'

afterEach(closeAll)

const json = { 'content-type': 'application/json;charset=UTF-8' }
const echoUrl = () =>
  startUpstream((request, response) => response.end(`${request.method} ${request.url} ${request.headers.authorization}`))

describe('the gateway', () => {
  it('serves the provider at its root, the token replaced', async () => {
    const rig = await startRig({ upstream: await echoUrl() })
    expect((await callGateway(rig, '/services/data/v66.0/query?q=SELECT%20Id+FROM Account'.replace(' Account', '%20Account'))).text).toBe(
      'GET /services/data/v66.0/query?q=SELECT%20Id+FROM%20Account Bearer token-1',
    )
    expect(
      (await callGateway(rig, '//services/data', { headers: { authorization: `Bearer 00D5g000004Xyz!${GATEWAY_BEARER}` } })).text,
    ).toBe('GET /services/data Bearer token-1')
  })

  it('passes all end-to-end headers and replaces X-SFDC-Session', async () => {
    const upstream = await echoUrl()
    const rig = await startRig({ upstream })
    await call(rig.gateway, '/services/async/66.0/job', {
      headers: { 'x-sfdc-session': GATEWAY_BEARER, 'x-custom': 'a', 'user-agent': 'jsforce', 'sforce-call-options': 'client=x' },
    })
    const { headers } = upstream.seen[0]!
    expect(headers).toMatchObject({
      'x-sfdc-session': 'token-1',
      authorization: 'Bearer token-1',
      'x-custom': 'a',
      'user-agent': 'jsforce',
      'sforce-call-options': 'client=x',
    })
    expect(JSON.stringify(upstream.seen)).not.toContain(KEY)
  })

  it('takes a query of the length that Salesforce takes', async () => {
    const rig = await startRig({ upstream: await echoUrl() })
    const path = `/services/data/v66.0/query?q=${'x'.repeat(16_384)}`
    expect((await callGateway(rig, path)).text).toBe(`GET ${path} Bearer token-1`)
  })

  it.each([
    ['no bearer', {}, 401, 'missing_auth_header'],
    ['a key without a connection', { authorization: `Bearer ${KEY}` }, 401, 'malformed_auth_header'],
    ['a wrong key', { authorization: `Bearer hws_x_y.${GATEWAY_BEARER.split('.')[1]}` }, 401, 'unknown_account'],
    [
      'security 13: a connection of somebody else',
      { authorization: `Bearer ${KEY}.${gatewayIdOf('0192f0c4-0000-7000-8000-000000000002')}` },
      404,
      'unknown_connection',
    ],
  ])('%s: an error in the shape of Salesforce', async (_name, headers, status, errorCode) => {
    const upstream = await echoUrl()
    const rig = await startRig({ upstream })
    const answer = await call(rig.gateway, '/services/data', { headers: headers as Record<string, string> })
    expect([answer.status, answer.json()]).toEqual([status, [{ errorCode, message: expect.any(String) }]])
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined)
    expect(upstream.seen).toEqual([])
  })

  it('needs the scope', async () => {
    const rig = await startRig({ upstream: await echoUrl(), scopes: ['environment:connections:*'] })
    expect((await callGateway(rig, '/')).json()).toEqual([
      { errorCode: 'forbidden', message: 'Insufficient scope. Required: environment:proxy' },
    ])
  })

  it('answers SOAP with a fault that names the REST way', async () => {
    const upstream = await echoUrl()
    const rig = await startRig({ upstream })
    for (const path of ['/services/Soap/u/66.0', '//services/soap/m/66.0/00D?x']) {
      const answer = await call(rig.gateway, path, { method: 'POST', body: '<x/>' })
      expect([answer.status, answer.headers['content-type']]).toEqual([500, 'text/xml; charset=utf-8'])
      expect(answer.text).toMatch(/<faultstring>.*SF_ORG_METADATA_REST_DEPLOY=true/)
    }
    expect(upstream.seen).toEqual([])
  })

  it('refuses CONNECT, and goes on', async () => {
    const rig = await startRig({ upstream: await echoUrl() })
    expect(await talk(rig.gateway, 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n')).toMatch(
      /^HTTP\/1.1 405 .*"method_not_allowed"/s,
    )
    expect((await callGateway(rig, '/')).status).toBe(200)
  })

  it('refuses WebSocket, and ignores the offer of h2c that Java makes', async () => {
    const rig = await startRig({ upstream: await echoUrl() })
    const offer = (protocol: string) => ({
      headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: protocol, 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' },
    })
    const refused = await callGateway(rig, '/', offer('websocket'))
    expect([refused.status, (refused.json() as { errorCode: string }[])[0]?.errorCode]).toEqual([426, 'upgrade_not_supported'])
    expect((await callGateway(rig, '/a', offer('h2c'))).text).toBe('GET /a Bearer token-1')
  })

  it('security 4: TRACE would give the token away', async () => {
    const upstream = await echoUrl()
    const rig = await startRig({ upstream })
    expect((await callGateway(rig, '/', { method: 'TRACE' })).status).toBe(405)
    expect((await call(rig.api, '/proxy/', { method: 'TRACE' })).status).toBe(405)
    expect(upstream.seen).toEqual([])
  })

  it('tells what is wrong with requests that are not HTTP', async () => {
    const rig = await startRig({ upstream: await echoUrl() })
    expect(await talk(rig.gateway, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*\[{"errorCode":"invalid_request"/s)
    expect(await talk(rig.gateway, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /)
  })
})

describe('links in answers', () => {
  const org = 'https://acme.my.salesforce.com'
  const userinfo = {
    sub: 'https://login.salesforce.com/id/00D/005',
    urls: { rest: `${org}/services/data/v{version}/`, custom_domain: org, other: 'https://acme.file.force.com/x' },
    picture: 'https://acme.my.salesforce.com.evil.example/x',
    zoneinfo: 'America/Los_Angeles',
    n: [1.5, null, true, '/services/data'],
  }

  it('lead to the gateway where they led to Salesforce with the bearer', () => {
    const rewritten = rewriteLinks(Buffer.from(JSON.stringify(userinfo)), undefined, org, 'http://localhost:3004')
    expect(JSON.parse(String(rewritten))).toEqual({
      ...userinfo,
      sub: 'http://localhost:3004/id/00D/005',
      urls: { rest: 'http://localhost:3004/services/data/v{version}/', custom_domain: 'http://localhost:3004', other: userinfo.urls.other },
    })
  })

  it.each([
    '/relative',
    'text',
    'https://evil.example/',
    'https://login.salesforce.com@evil.example/',
    'https://login.salesforce.com\\x',
    'ftp://login.salesforce.com/',
  ])('%s stays', (link) => expect(rewriteLink(link, org, 'http://g')).toBeUndefined())

  it.each(['/services/oauth2/userinfo', '/id/00D/005?format=json', '/services/data/', '/services/data/v66.0'])('%s', async (path) => {
    let origin = ''
    const upstream = await startUpstream((_request, response) => {
      const body = gzipSync(JSON.stringify({ identity: `${origin}/id/00D/005`, n: 1 }))
      response.writeHead(200, { ...json, 'content-encoding': 'gzip', etag: '"a"', 'content-length': body.length }).end(body)
    })
    origin = upstream.origin
    const rig = await startRig({ upstream })
    const answer = await callGateway(rig, path)
    expect(answer.json()).toEqual({ identity: `http://localhost:${new URL(rig.gateway).port}/id/00D/005`, n: 1 })
    expect(answer.headers).not.toHaveProperty('content-encoding')
    expect(answer.headers).not.toHaveProperty('etag')
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
  })

  it('are left alone in all other answers, byte for byte', async () => {
    const text = '{"url" :  "https://login.salesforce.com/id/1"}'
    const upstream = await startUpstream((request, response) => response.writeHead(200, request.url === '/id/html' ? {} : json).end(text))
    const rig = await startRig({ upstream })
    expect((await callGateway(rig, '/services/data/v66.0/sobjects/Account/1')).text).toBe(text)
    expect((await callGateway(rig, '/id/html')).text).toBe(text)
    expect(
      (
        await call(rig.api, '/proxy/id/1', {
          headers: { authorization: KEY, 'provider-config-key': 'salesforce', 'connection-id': 'acme' },
        })
      ).text,
    ).toBe(text)
  })

  it('an answer that is too large or no JSON comes through as it is', async () => {
    const large = `["${'x'.repeat(2_000_000)}"]`
    const upstream = await startUpstream((request, response) =>
      response.writeHead(200, json).end(request.url === '/id/large' ? large : '{not json'),
    )
    const rig = await startRig({ upstream })
    expect((await callGateway(rig, '/id/large')).text).toBe(large)
    expect((await callGateway(rig, '/id/broken')).text).toBe('{not json')
  })
})

it('leaves nothing open when a client of the gateway disappears', async () => {
  const rig = await startRig({ upstream: await echoUrl() })
  const socket = createConnection(Number(new URL(rig.gateway).port), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\n')
  socket.resetAndDestroy()
  expect((await callGateway(rig, '/')).status).toBe(200)
  expect(rig.proxy.counts().open).toBe(0)
})
