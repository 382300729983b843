import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildConnector, request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { OriginPools } from './origin-pools.ts'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** One server that every origin leads to; it answers when told, and knows its open connections. */
const startServer = async () => {
  const waiting: ServerResponse[] = []
  const server = createServer((asked, response) => {
    if (asked.url === '/wait') waiting.push(response)
    else response.end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => (server.closeAllConnections(), server.close()))
  const { port } = server.address() as AddressInfo
  const direct = buildConnector({ allowH2: false })
  const connect: buildConnector.connector = (options, callback) =>
    direct({ ...options, hostname: '127.0.0.1', port: String(port) }, callback)
  const openConnections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))
  return { connect, waiting, openConnections }
}

const newPools = (connect: buildConnector.connector, options = {}): OriginPools => {
  const pools = new OriginPools({ connect, connectionsPerOrigin: 2, maxOrigins: 2, keepAliveMs: 30_000, ...options })
  toClose.push(() => pools.closeWithin(0))
  return pools
}

const get = async (dispatcher: OriginPools, url: string): Promise<string> => (await request(url, { dispatcher })).body.text()

describe('origins', () => {
  it('20. are bounded: the one not used for longest makes room, its connections close', async () => {
    const { connect, openConnections } = await startServer()
    const pools = newPools(connect)
    for (const name of ['a', 'b', 'a', 'c']) await get(pools, `http://${name}.example/`)
    expect(pools.origins).toBe(2)
    await vi.waitFor(async () => expect(await openConnections()).toBe(2))
    for (const name of ['a', 'c']) expect(await get(pools, `http://${name}.example/`)).toBe('hello')
    expect(await openConnections()).toBe(2) // both were still warm
  })

  it('finish what they have under way when they make room', async () => {
    const { connect, waiting } = await startServer()
    const pools = newPools(connect, { maxOrigins: 1 })
    const slow = get(pools, 'http://a.example/wait')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    expect(await get(pools, 'http://b.example/')).toBe('hello')
    waiting[0]!.end('late')
    expect(await slow).toBe('late')
  })

  it('are forgotten when their last connection closes', async () => {
    const { connect } = await startServer()
    const pools = newPools(connect)
    const { body } = await request('http://a.example/', { dispatcher: pools, reset: true })
    await body.text()
    await vi.waitFor(() => expect(pools.origins).toBe(0))
    expect(await get(pools, 'http://a.example/')).toBe('hello')
  })

  it('are forgotten when they cannot be connected to', async () => {
    const pools = newPools((_options, callback) => callback(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), null))
    await expect(get(pools, 'http://a.example/')).rejects.toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }))
    await vi.waitFor(() => expect(pools.origins).toBe(0))
  })

  it('23. take no more connections than their share', async () => {
    const { connect, waiting, openConnections } = await startServer()
    const pools = newPools(connect)
    const calls = Array.from({ length: 5 }, () => get(pools, 'http://a.example/wait'))
    let answered = 0
    while (answered < 5) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0))
      expect(await openConnections()).toBeLessThanOrEqual(2)
      for (const response of waiting.splice(0)) {
        response.end('x')
        answered += 1
      }
    }
    expect(await Promise.all(calls)).toHaveLength(5)
  })
})

describe('closing', () => {
  it('lets calls under way finish', async () => {
    const { connect, waiting } = await startServer()
    const pools = newPools(connect)
    const slow = get(pools, 'http://a.example/wait')
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    const closed = pools.closeWithin(5_000)
    waiting[0]!.end('late')
    expect(await slow).toBe('late')
    await closed
    await expect(get(pools, 'http://a.example/')).rejects.toThrow('egress is closed')
  })

  it('20. cuts them at its deadline', async () => {
    const { connect, waiting } = await startServer()
    const pools = newPools(connect)
    const slow = get(pools, 'http://a.example/wait')
    slow.catch(() => {})
    await vi.waitFor(() => expect(waiting).toHaveLength(1))
    await pools.closeWithin(20)
    await expect(slow).rejects.toThrow()
  })
})
