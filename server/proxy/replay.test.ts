import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { fail } from '@hawser/api/errors.ts'
import type { RequestListener } from 'node:http'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { callGateway, callProxy, readAll } from './raw-calls.ts'

afterEach(closeAll)

const MiB = 1024 * 1024
const expired = JSON.stringify([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }])
const json = { 'content-type': 'application/json;charset=UTF-8' }

/** Takes `token-2` only. */
function orgThatExpired(status = 401, body: string | Buffer = expired, headers: Record<string, string> = json): RequestListener {
  return (request, response) => {
    void readAll(request).then((received) => {
      if (request.headers.authorization === 'Bearer token-2') response.writeHead(200, json).end(`ok ${received}`)
      else response.writeHead(status, headers).end(body)
    })
  }
}

describe('an expired session', () => {
  it.each(['GET', 'POST', 'PATCH', 'DELETE'])('%s is sent again once with a new token', async (method) => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/services/data?q=1', { method, ...(method === 'GET' ? {} : { body: 'the body' }) })
    expect([answer.status, answer.text]).toEqual([200, method === 'GET' ? 'ok ' : 'ok the body'])
    expect(upstream.seen.map((seen) => [seen.url, seen.headers['authorization']])).toEqual([
      ['/services/data?q=1', 'Bearer token-1'],
      ['/services/data?q=1', 'Bearer token-2'],
    ])
    expect(rig.freshCalls).toEqual([{ notVersion: 1 }])
  })

  it('at the gateway too', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    expect((await callGateway(rig, '/services/data')).text).toBe('ok ')
  })

  it('is not tried a third time', async () => {
    const upstream = await startUpstream((_request, response) => response.writeHead(401, json).end(expired))
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.text]).toEqual([401, expired])
    expect(upstream.seen.length).toBe(2)
    expect(rig.noted).toBe(0)
  })

  it.each([
    ['gzip', gzipSync(expired)],
    ['br', brotliCompressSync(expired)],
    ['deflate', deflateSync(expired)],
    ['deflate', deflateRawSync(expired)],
    ['zstd', zstdCompressSync(expired)],
  ])('is recognised behind %s', async (encoding, body) => {
    const upstream = await startUpstream(orgThatExpired(401, body, { ...json, 'content-encoding': encoding }))
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/')).text).toBe('ok ')
  })

  it.each([
    ['403 Bad_OAuth_Token of userinfo', 403, 'Bad_OAuth_Token', { 'content-type': 'text/html;charset=UTF-8' }],
    ['a SOAP fault', 500, '<faultcode>sf:INVALID_SESSION_ID</faultcode>', { 'content-type': 'text/xml' }],
    ['an empty 401', 401, '', {}],
  ])('%s', async (_name, status, body, headers) => {
    const upstream = await startUpstream(orgThatExpired(status, body, headers as Record<string, string>))
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/services/oauth2/userinfo')).text).toBe('ok ')
  })

  it('an empty 401 to HEAD', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/', { method: 'HEAD' })).status).toBe(200)
    expect(upstream.seen.length).toBe(2)
  })

  it('that cannot be renewed gives the reason of the refresh', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({
      upstream,
      onFresh: () => {
        throw fail('connection_refresh_backoff', { retryAfter: 2.2 })
      },
    })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.error().code, answer.headers['retry-after']]).toEqual([424, 'connection_refresh_backoff', '3'])
    expect(upstream.seen.length).toBe(1)
  })
})

describe('another refusal', () => {
  it.each([
    [
      'REST not allowed',
      401,
      JSON.stringify([{ message: 'This session is not valid for use with the REST API', errorCode: 'INVALID_SESSION_ID' }]),
    ],
    ['limit', 403, JSON.stringify([{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }])],
    ['permission', 403, JSON.stringify([{ message: 'insufficient access', errorCode: 'INSUFFICIENT_ACCESS' }])],
    ['a page larger than what is read to classify', 403, `INVALID_SESSION_ID${'x'.repeat(200_000)}`],
  ])('is passed on whole, without a refresh: %s', async (_name, status, body) => {
    const upstream = await startUpstream((_request, response) =>
      response.writeHead(status, { ...json, 'sforce-limit-info': 'api-usage=1/1' }).end(body),
    )
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.text, answer.headers['sforce-limit-info']]).toEqual([status, body, 'api-usage=1/1'])
    expect([upstream.seen.length, rig.freshCalls]).toEqual([1, []])
  })

  it('damaged compression is passed on, without a refresh', async () => {
    const upstream = await startUpstream((_request, response) =>
      response.writeHead(401, { ...json, 'content-encoding': 'gzip' }).end('not gzip'),
    )
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.text, rig.freshCalls]).toEqual([401, 'not gzip', []])
  })
})

describe('a body that is too large to be kept', () => {
  it('is refused with send_again after the refresh, and works the next time', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    const body = Buffer.alloc(2 * MiB, 'x')
    const answer = await callProxy(rig, '/', { method: 'POST', body })
    expect([answer.status, answer.error().code, answer.headers['retry-after']]).toEqual([503, 'send_again', '1'])
    expect(rig.freshCalls).toEqual([{ notVersion: 1 }])
    expect((await callProxy(rig, '/', { method: 'POST', body })).text.length).toBe(2 * MiB + 3)
  })

  it('chunked ones too, whatever their size', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', {
      method: 'POST',
      body: 'x',
      headers: { 'transfer-encoding': 'chunked', 'content-length': [] },
    })
    expect(answer.error().code).toBe('send_again')
  })

  it('waits for a new token first when the grant was idle for long, once', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream })
    const longAgo = Date.now() - 11 * 60_000
    Object.assign(rig.live.grant!, { lastUsedAt: longAgo, refreshedAt: longAgo })
    const body = Buffer.alloc(2 * MiB, 'x')
    expect((await callProxy(rig, '/', { method: 'POST', body })).status).toBe(200)
    expect((await callProxy(rig, '/', { method: 'POST', body })).status).toBe(200)
    expect([upstream.seen.length, rig.freshCalls]).toEqual([2, [{ notVersion: 1 }]])
  })

  it('beyond the memory for all kept bodies, small ones count as large', async () => {
    const upstream = await startUpstream(orgThatExpired())
    const rig = await startRig({ upstream, settings: { keptTotalBytes: 10 } })
    for (const _time of [1, 2]) {
      expect((await callProxy(rig, '/', { method: 'POST', body: '0123456789' })).status).toBe(200)
      rig.tokens.length = 1
    }
    expect((await callProxy(rig, '/', { method: 'POST', body: '0123456789a' })).error().code).toBe('send_again')
  })
})

describe('a host that Salesforce’s edge does not route (420)', () => {
  const lost: RequestListener = (_request, response) =>
    response.writeHead(420, { 'content-type': 'text/html' }).end('no routing information')

  it('is asked again at the address that a refresh brings, body included', async () => {
    const moved = await startUpstream(orgThatExpired())
    const upstream = await startUpstream(lost)
    const rig = await startRig({
      upstream,
      trusted: [moved.port],
      onFresh: (options) => {
        if (options?.notVersion === undefined) return
        rig.live = { ...rig.live, connection: { ...rig.live.connection, connectionConfig: { instance_url: moved.origin } } }
      },
    })
    rig.live.provider.allowed_hosts = [new URL(upstream.origin).host, new URL(moved.origin).host]
    rig.live.grant!.refreshedAt = Date.now() - 61_000
    const answer = await callProxy(rig, '/services/data', { method: 'POST', body: 'the body' })
    expect([answer.status, answer.text]).toEqual([200, 'ok the body'])
    expect([upstream.seen.length, moved.seen.length]).toEqual([1, 1])
  })

  it('is passed on when the last refresh is younger than a minute: a sandbox that is being copied answers so for hours', async () => {
    const upstream = await startUpstream(lost)
    const rig = await startRig({ upstream })
    rig.live.grant!.refreshedAt = Date.now() - 30_000
    expect((await callProxy(rig, '/services/data')).status).toBe(420)
    expect(rig.freshCalls).toEqual([])
  })

  it('is passed on when the refresh fails, too', async () => {
    const upstream = await startUpstream(lost)
    const rig = await startRig({
      upstream,
      onFresh: (options) => {
        if (options?.notVersion !== undefined) throw fail('refresh_token_external_error')
      },
    })
    rig.live.grant!.refreshedAt = Date.now() - 61_000
    const answer = await callProxy(rig, '/services/data')
    expect([answer.status, answer.text]).toEqual([420, 'no routing information'])
  })
})
