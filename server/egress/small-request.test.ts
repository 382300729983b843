import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EgressOptions } from './dispatcher.ts'
import { createEgress } from './dispatcher.ts'
import type { SmallRequest } from './small-request.ts'
import { RequestFailed, requestSmall } from './small-request.ts'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

const setUp = async (handler: RequestListener, egressOptions: Partial<EgressOptions> = {}) => {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => (server.closeAllConnections(), server.close()))
  return callerOf((server.address() as AddressInfo).port, egressOptions)
}

/** Answers with raw bytes, for what no HTTP server would send. */
const setUpRaw = async (onSocket: (socket: Socket) => void) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => onSocket(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => server.close())
  return callerOf((server.address() as AddressInfo).port)
}

const callerOf = (port: number, egressOptions: Partial<EgressOptions> = {}) => {
  const egress = createEgress({ trustedHosts: [{ host: 'localhost', port }], connectTimeoutMs: 2_000, ...egressOptions })
  toClose.push(() => egress.close(0))
  return (path = '/', options: Partial<SmallRequest> = {}) =>
    requestSmall(egress, { url: `http://localhost:${port}${path}`, method: 'GET', timeoutMs: 2_000, ...options })
}

const readBody = async (asked: IncomingMessage): Promise<string> => Buffer.concat(await asked.toArray()).toString()

const echo = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
  const answer = { method: asked.method, url: asked.url, headers: asked.headers, body: await readBody(asked) }
  response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
}

describe('requestSmall', () => {
  it('sends what it is given and returns the answer', async () => {
    const call = await setUp(echo)
    const answer = await call('/token?a=b', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'grant=ü' })
    expect(answer.status).toBe(201)
    expect(answer.headers['content-type']).toBe('application/json')
    const seen = JSON.parse(answer.bodyText)
    expect(seen).toMatchObject({ method: 'POST', url: '/token?a=b', body: 'grant=ü' })
    expect(seen.headers).toMatchObject({ 'content-type': 'text/plain', 'content-length': '8', 'accept-encoding': 'identity' })
  })

  it.each([400, 401, 500])('takes a status of %i for an answer', async (status) => {
    const call = await setUp((_asked, response) => void response.writeHead(status).end('{"error":"invalid_grant"}'))
    expect(await call()).toMatchObject({ status, bodyText: '{"error":"invalid_grant"}' })
  })

  it('reads an answer that is compressed although it was not asked to be', async () => {
    const call = await setUp((_asked, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello')))
    expect((await call()).bodyText).toBe('hello')
  })

  it('17. does not follow a redirect, nor repeats where it leads', async () => {
    const handler = vi.fn<RequestListener>((_asked, response) => void response.writeHead(307, { location: '/next?code=hunter2' }).end())
    const call = await setUp(handler)
    const failure = await call('/', { method: 'POST', body: 'client_secret=x' }).catch((error: Error) => error)
    expect(failure).toMatchObject({ kind: 'redirect', sent: true, status: 307 })
    expect(String(failure)).not.toContain('hunter2')
    expect(handler).toHaveBeenCalledTimes(1)
    expect(await call('/', { redirects: 'answer' })).toMatchObject({ status: 307, headers: { location: '/next?code=hunter2' } })
    expect(handler).toHaveBeenCalledTimes(2)
  })

  it('17. goes through the guard', async () => {
    const call = await setUp(echo)
    await expect(call('/', { url: 'http://169.254.169.254/latest/meta-data' })).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
  })

  it.each([
    ['declared', (response: ServerResponse) => response.writeHead(200, { 'content-length': 1_000_000 }).write('x')],
    ['endless', (response: ServerResponse) => void setInterval(() => response.write('x'.repeat(100)), 1).unref()],
    [
      'compressed',
      (response: ServerResponse) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000))),
    ],
  ])('20. does not read an oversized body: %s', async (_kind, answer) => {
    const call = await setUp((_asked, response) => void answer(response))
    await expect(call('/', { maxBytes: 1_000 })).rejects.toMatchObject({ kind: 'too_large', sent: true, status: 200 })
  })

  it('takes a body of exactly the limit', async () => {
    const call = await setUp((_asked, response) => void response.end('x'.repeat(1_000)))
    expect((await call('/', { maxBytes: 1_000 })).bodyText).toHaveLength(1_000)
  })

  it.each([
    ['headers', () => {}],
    ['a body', (response: ServerResponse) => void response.write('the beginning')],
    ['a body in drips', (response: ServerResponse) => void setInterval(() => response.write('x'), 5).unref()],
  ])('20. ends at its deadline while it waits for %s', async (_kind, answer) => {
    const call = await setUp((_asked, response) => answer(response))
    await expect(call('/', { timeoutMs: 100 })).rejects.toMatchObject({ kind: 'timeout', sent: true })
  })

  it('29. knows that nothing was sent when the deadline passes before there is a connection', async () => {
    const call = callerOf(1, { resolve: () => new Promise(() => {}) })
    await expect(call('/', { url: 'http://slow.example/', timeoutMs: 50 })).rejects.toMatchObject({
      kind: 'timeout',
      sent: false,
      status: null,
    })
  })

  it('26. never sends later what it gave up while waiting for a connection', async () => {
    const waiting: ServerResponse[] = []
    const seen: (string | undefined)[] = []
    const call = await setUp(
      (asked, response) => {
        seen.push(asked.url)
        if (asked.url === '/first') waiting.push(response)
        else response.end()
      },
      { connectionsPerOrigin: 1 },
    )
    const first = call('/first')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    await expect(call('/given-up', { timeoutMs: 20 })).rejects.toMatchObject({ kind: 'timeout', sent: false })
    waiting[0]!.end()
    await first
    await call('/third')
    expect(seen).toEqual(['/first', '/third'])
  })

  it('29. knows that nothing was sent when the host refuses', async () => {
    const call = await setUp(echo)
    await toClose.shift()!()
    await expect(call()).rejects.toMatchObject({ kind: 'refused', sent: false })
  })

  it('29. does not know when the host hangs up instead of answering', async () => {
    const call = await setUpRaw((socket) => socket.destroy())
    await expect(call()).rejects.toMatchObject({ kind: 'reset', sent: true, status: null })
  })

  it('fails when the body is cut', async () => {
    const call = await setUpRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))
    await expect(call()).rejects.toMatchObject({ sent: true, status: 200 })
  })

  it('4. quotes nothing of a broken answer', async () => {
    const call = await setUpRaw((socket) => socket.end('HTTP/1.1 200 OK\r\naccess_token hunter2\r\n\r\n'))
    const failure = await call().catch((error: Error) => error)
    expect(failure).toBeInstanceOf(RequestFailed)
    expect(JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(failure)))).not.toContain('hunter2')
    expect((failure as Error).cause).toBeUndefined()
  })

  it('fails, sending nothing, for headers that could split the request', async () => {
    const call = await setUp(echo)
    await expect(call('/', { headers: { 'x-a': 'b\r\nx-c: d' } })).rejects.toMatchObject({ sent: false })
  })
})
