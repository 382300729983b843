import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createEgress } from './dispatcher.ts'
import { requestSmall } from './small-request.ts'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** Keeps connections open after its answer, and closes each in the moment in which a second request comes on it. */
const startServer = async (answer: (socket: Socket) => void = answerOk) => {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const server = createServer((socket) => {
    let answered = false
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      if (answered) return void socket.destroy()
      answered = true
      requests.push(chunk.toString())
      answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const egress = createEgress({ trustedHosts: [{ host: 'localhost', port }], connectTimeoutMs: 2_000 })
  toClose.push(
    () => server.close(),
    () => egress.close(0),
  )
  const call = (connection: 'pooled' | 'new', at = port) =>
    requestSmall(egress, { url: `http://localhost:${at}/token`, method: 'POST', body: 'a=b', timeoutMs: 2_000, connection })
  return { call, egress, requests, sockets }
}

const answerOk = (socket: Socket): void => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')

describe('a connection for one request', () => {
  it('26. is not one that the other end closes as we write, as a pooled one can be', async () => {
    const { call } = await startServer()
    expect(await call('pooled')).toMatchObject({ status: 200 })
    await new Promise((resolve) => setImmediate(resolve)) // until it is back in the pool
    await expect(call('pooled')).rejects.toMatchObject({ kind: 'reset', sent: true, status: null })
    const answers = []
    for (let count = 0; count < 3; count++) {
      answers.push(await call('new'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('is closed when it is answered, and says so beforehand', async () => {
    const { call, requests, sockets } = await startServer()
    await Promise.all([call('new'), call('new')])
    expect(requests).toHaveLength(2)
    for (const request of requests) expect(request.toLowerCase()).toContain('\r\nconnection: close\r\n')
    await vi.waitFor(() => expect(sockets.size).toBe(0))
  })

  it('29. is told from one that never came to be', async () => {
    const { call, egress } = await startServer()
    await expect(call('new', 1)).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED' })
    const trusting = createEgress({ trustedHosts: [{ host: 'localhost', port: 1 }] })
    toClose.push(() => trusting.close(0))
    const refused = requestSmall(trusting, { url: 'http://localhost:1/', method: 'POST', timeoutMs: 2_000, connection: 'new' })
    await expect(refused).rejects.toMatchObject({ kind: 'refused', sent: false })
    await egress.close(0)
    await expect(call('new')).rejects.toThrow('egress is closed')
  })

  it('17. goes through the guard', async () => {
    const egress = createEgress({ trustedHosts: [], resolve: async () => ['10.0.0.1'] })
    toClose.push(() => egress.close(0))
    const call = requestSmall(egress, { url: 'https://inside.example/', method: 'POST', timeoutMs: 2_000, connection: 'new' })
    await expect(call).rejects.toMatchObject({ kind: 'blocked', sent: false })
  })

  it('ends with its call when the server stops, not before', async () => {
    const waiting: Socket[] = []
    const { call, egress } = await startServer((socket) => void waiting.push(socket))
    const [first, second] = [call('new'), call('new')]
    second.catch(() => {})
    await vi.waitFor(() => expect(waiting).toHaveLength(2))
    const closed = egress.close(100)
    answerOk(waiting[0]!)
    await Promise.race([first, second])
    await closed
    const answers = await Promise.allSettled([first, second])
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})
