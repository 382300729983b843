import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, startRig, startUpstream } from './proxy-rig.ts'
import { KEY, callGateway, callProxy, readAll } from './raw-calls.ts'
import { MiB, echo, endless, streamThrough } from './stream-through.ts'

afterEach(closeAll)

const authorised = `authorization: Bearer ${KEY}\r\nprovider-config-key: salesforce\r\nconnection-id: acme\r\n`

describe('answers', () => {
  it('passes status, end-to-end headers and body as they are', async () => {
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(201, {
        'content-type': 'application/json',
        'sforce-limit-info': 'api-usage=18/15000',
        etag: '"a"',
        link: '<a>; rel=next',
      })
      response.end('{"id": "1",   "success":true}')
    })
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/services/data/v66.0/sobjects/Account', { method: 'POST', body: '{}' })
    expect(answer.status).toBe(201)
    expect(answer.text).toBe('{"id": "1",   "success":true}')
    expect(answer.headers).toMatchObject({ 'sforce-limit-info': 'api-usage=18/15000', etag: '"a"', link: '<a>; rel=next' })
    expect(upstream.seen[0]).toMatchObject({ method: 'POST', url: '/services/data/v66.0/sobjects/Account' })
    expect(upstream.seen[0]!.headers['authorization']).toBe('Bearer token-1')
    expect(rig.used).toEqual(['key-1 environment-1 0192f0c4-0000-7000-8000-000000000001'])
    expect(rig.noted).toBe(1)
  })

  it('keeps Content-Length where there is one, and chunks where there is none', async () => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/known') response.setHeader('content-length', '5')
      response.write('hel')
      response.end('lo')
    })
    const rig = await startRig({ upstream })
    const known = await callProxy(rig, '/known')
    expect([known.headers['content-length'], known.headers['transfer-encoding'], known.text]).toEqual(['5', undefined, 'hello'])
    const chunked = await callProxy(rig, '/chunked')
    expect([chunked.headers['content-length'], chunked.headers['transfer-encoding'], chunked.text]).toEqual([undefined, 'chunked', 'hello'])
  })

  it('does not decode compressed bodies', async () => {
    const zipped = gzipSync('Id,Name\n1,Acme\n')
    const upstream = await startUpstream((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped),
    )
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(answer.body.equals(zipped)).toBe(true)
    expect(upstream.seen[0]!.headers['accept-encoding']).toBe('gzip')
  })

  it.each([
    ['HEAD', 200, { 'content-length': '1234' }],
    ['GET', 204, {}],
    ['GET', 304, { etag: '"x"' }],
    ['DELETE', 204, {}],
    ['PROPFIND', 207, {}],
    ['OPTIONS', 200, {}],
  ])('%s with %i', async (method, status, headers) => {
    const upstream = await startUpstream((_request, response) => response.writeHead(status, headers).end())
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', { method })
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject(headers)
    expect(answer.body.length).toBe(0)
    expect(upstream.seen.map((seen) => seen.method)).toEqual([method])
  })

  it('ignores 1xx answers', async () => {
    const upstream = await startUpstream((_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('final')
    })
    const rig = await startRig({ upstream })
    expect(await callProxy(rig, '/')).toMatchObject({ status: 200, text: 'final' })
  })

  it.each([{ 'content-length': '1000' }, {}])(
    'cuts the caller off when the provider dies in the middle of an answer %j',
    async (headers) => {
      const upstream = await startUpstream((_request, response) => {
        response.writeHead(200, headers)
        response.write('half', () => response.destroy())
      })
      const rig = await startRig({ upstream })
      await expect(callProxy(rig, '/')).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(rig.proxy.counts().byStatusClass[0]).toBe(1)
    },
  )
})

describe('errors without an answer', () => {
  it('502 when nobody listens, naming the reason', async () => {
    const upstream = await startUpstream(() => {})
    const rig = await startRig({ upstream })
    upstream.server.closeAllConnections()
    await new Promise((resolve) => upstream.server.close(resolve))
    const answer = await callProxy(rig, '/')
    expect(answer.status).toBe(502)
    expect(answer.error()).toMatchObject({
      code: 'upstream_unreachable',
      message: expect.stringContaining('does not accept connections'),
    })
    expect((await callGateway(rig, '/')).json()).toEqual([{ errorCode: 'upstream_unreachable', message: expect.any(String) }])
    expect(rig.noted).toBe(0)
  })

  it('502 when the provider hangs up; a GET is sent once more first, a POST is not', async () => {
    const upstream = await startUpstream((request) => request.socket.destroy())
    const rig = await startRig({ upstream })
    expect((await callProxy(rig, '/')).status).toBe(502)
    expect(upstream.seen.length).toBe(2)
    expect((await callProxy(rig, '/', { method: 'POST', body: 'x' })).status).toBe(502)
    expect(upstream.seen.length).toBe(3)
  })

  it('504 when the answer does not begin in time', async () => {
    const upstream = await startUpstream(() => {})
    const rig = await startRig({ upstream, settings: { deadlineMs: 50 } })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.error().code]).toEqual([504, 'upstream_timeout'])
  })

  it('security 17: a private address of the connection itself is refused by the guard', async () => {
    const upstream = await startUpstream((_request, response) => response.end('secret'))
    const { createEgress } = await import('#egress/dispatcher.ts')
    const rig = await startRig({ upstream, egress: createEgress({ trustedHosts: [] }) })
    const answer = await callProxy(rig, '/')
    expect([answer.status, answer.error().code]).toEqual([400, 'egress_refused'])
    expect(upstream.seen).toEqual([])
  })
})

describe('bodies', () => {
  it.each([
    ['small', 1000],
    ['of exactly the limit', MiB],
    ['larger than what is kept', 3 * MiB + 7],
  ])('arrive byte for byte: %s', async (_name, size) => {
    let received: Buffer = Buffer.alloc(0)
    const upstream = await startUpstream((request, response) => {
      void readAll(request).then((body) => {
        received = body
        response.end(String(body.length))
      })
    })
    const rig = await startRig({ upstream })
    const body = randomBytes(size)
    const answer = await callProxy(rig, '/', { method: 'PUT', body, headers: { 'content-type': 'text/csv', 'content-encoding': 'x' } })
    expect(answer.text).toBe(String(size))
    expect(received.equals(body)).toBe(true)
    expect(upstream.seen[0]!.headers).toMatchObject({ 'content-length': String(size), 'content-type': 'text/csv', 'content-encoding': 'x' })
    expect(upstream.seen[0]!.headers['transfer-encoding']).toBeUndefined()
  })

  it('chunked bodies stay chunked', async () => {
    const upstream = await startUpstream((request, response) => void readAll(request).then((body) => response.end(body)))
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', {
      method: 'POST',
      body: 'hello',
      headers: { 'transfer-encoding': 'chunked', 'content-length': [] },
    })
    expect(answer.text).toBe('hello')
    expect(upstream.seen[0]!.headers['transfer-encoding']).toBe('chunked')
    expect(upstream.seen[0]!.headers['content-length']).toBeUndefined()
  })

  it('an answer that comes before the end of a large body reaches the caller', async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume()
      response.writeHead(413).end('too large')
    })
    const rig = await startRig({ upstream })
    const answer = await callProxy(rig, '/', { method: 'POST', body: Buffer.alloc(20 * MiB) })
    expect([answer.status, answer.text]).toEqual([413, 'too large'])
  })

  it('a body that stops half-way is an error of the caller, and nothing is left open', async () => {
    const upstream = await startUpstream((request) => request.resume())
    const rig = await startRig({ upstream, settings: { idleMs: 50 } })
    const { port, hostname } = new URL(rig.api)
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest({
        hostname,
        port,
        path: '/proxy/x',
        method: 'POST',
        headers: { authorization: KEY, 'provider-config-key': 'salesforce', 'connection-id': 'acme', 'content-length': 2 * MiB },
      })
      request.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      request.write('only the beginning')
    })
    expect(answer).toBe(400)
    expect(rig.proxy.counts().open).toBe(0)
  })

  it('security 22: 64 MiB up and down at once, with bounded memory', { timeout: 60_000 }, async () => {
    const upstream = await startUpstream(echo)
    const rig = await startRig({ upstream })
    const result = await streamThrough(rig.api, 64 * MiB)
    expect(result).toMatchObject({ received: 64 * MiB, intact: true })
    // With the buffers of the caller and of the provider, which live in this process too.
    expect(result.peakBytes).toBeLessThan(48 * MiB)
  })

  it('security 22: a slow reader stops the provider, and one that stops is cut off', async () => {
    let produced = 0
    let closed = false
    const upstream = await startUpstream((_request, response) => {
      const source = endless(100_000)
      source.on('data', (chunk: Buffer) => (produced += chunk.length))
      source.pipe(response)
      response.on('close', () => {
        closed = true
        source.destroy()
      })
    })
    const rig = await startRig({ upstream, settings: { stallMs: 300 } })
    const { port, hostname } = new URL(rig.api)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET /proxy/x HTTP/1.1\r\nhost: x\r\n${authorised}\r\n`)
    await expect.poll(() => closed, { timeout: 5000 }).toBe(true)
    // What fits into the buffers of five sockets, of 6.4 GB that wait.
    expect(produced).toBeLessThan(32 * MiB)
    socket.destroy()
    await expect.poll(() => rig.proxy.counts().open).toBe(0)
  })
})

describe('the caller hangs up', () => {
  it('before the answer: the provider sees it', async () => {
    let aborted = false
    const upstream = await startUpstream((_request, response) => response.on('close', () => (aborted = true)))
    const rig = await startRig({ upstream })
    const { port, hostname } = new URL(rig.api)
    const socket = connect(Number(port), hostname)
    socket.write(`GET /proxy/x HTTP/1.1\r\nhost: x\r\n${authorised}\r\n`)
    await expect.poll(() => upstream.seen.length).toBe(1)
    socket.destroy()
    await expect.poll(() => aborted).toBe(true)
    await expect.poll(() => rig.proxy.counts()).toMatchObject({ open: 0, byStatusClass: [1, 0, 0, 0, 0, 0] })
  })

  it('within its body: the provider sees it', async () => {
    let aborted = false
    const upstream = await startUpstream((request) => request.resume().on('close', () => (aborted = !request.complete)))
    const rig = await startRig({ upstream })
    const { port, hostname } = new URL(rig.api)
    const socket = connect(Number(port), hostname)
    socket.write(`POST /proxy/x HTTP/1.1\r\nhost: x\r\n${authorised}content-length: 9000000\r\n\r\nbeginning`)
    await expect.poll(() => upstream.seen.length).toBe(1)
    socket.destroy()
    await expect.poll(() => aborted).toBe(true)
    await expect.poll(() => rig.proxy.counts().open).toBe(0)
  })

  it('within a body that is kept: nothing is sent', async () => {
    const upstream = await startUpstream((_request, response) => response.end())
    const rig = await startRig({ upstream })
    const { port, hostname } = new URL(rig.api)
    const socket = connect(Number(port), hostname)
    socket.write(`POST /proxy/x HTTP/1.1\r\nhost: x\r\n${authorised}content-length: 9000\r\n\r\nbeginning`)
    await expect.poll(() => rig.proxy.counts().open).toBe(1)
    socket.destroy()
    await expect.poll(() => rig.proxy.counts().open).toBe(0)
    expect(upstream.seen).toEqual([])
  })
})
