import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect as connectSocket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestCa } from '../../testkit/test-ca.ts'
import { createEgress } from './dispatcher.ts'
import type { EgressOptions } from './dispatcher.ts'
import { describeNetworkError } from './network-error.ts'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => (server.closeAllConnections(), server.close()))
  return (server.address() as AddressInfo).port
}

/** A forward proxy that leads every tunnel to `targetPort`, as one would that has its own idea of DNS. */
const startProxy = async (targetPort: number, answer = 'HTTP/1.1 200 OK\r\n\r\n') => {
  const asked = vi.fn<(target: string, authorization: string | undefined) => void>()
  const proxy = createServer()
  proxy.on('connect', (tunnel, client, head) => {
    asked(tunnel.url!, tunnel.headers['proxy-authorization'])
    client.on('error', () => {})
    if (answer === '') return
    client.write(answer)
    if (!answer.startsWith('HTTP/1.1 200')) return void client.end()
    const upstream = connectSocket(targetPort, '127.0.0.1', () => {
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  return { port: await listen(proxy), asked }
}

const newEgress = (options: Partial<EgressOptions>) => {
  const egress = createEgress({ trustedHosts: [], connectTimeoutMs: 2_000, resolve: async () => ['127.0.0.1'], ...options })
  toClose.push(() => egress.close(0))
  return egress
}

describe('HTTPS_PROXY', () => {
  const startTarget = (ca = createTestCa()) =>
    listen(createTlsServer(ca.issue(['api.example.com']), (_asked, response) => void response.end('hello')))

  it('carries https calls by CONNECT, with the proxy’s credentials, and the names are its to resolve', async () => {
    const proxy = await startProxy(await startTarget())
    const egress = newEgress({ httpsProxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` })
    const failure = await request('https://api.example.com/', { dispatcher: egress.dispatcher }).catch((error: Error) => error)
    expect(proxy.asked).toHaveBeenCalledWith('api.example.com:443', `Basic ${Buffer.from('user:p@ss').toString('base64')}`)
    // The tunnel ends at a server whose authority this process does not know: TLS is verified through the tunnel as well.
    expect(failure).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    expect(describeNetworkError(failure)).toMatchObject({ kind: 'tls', sent: false })
  })

  it('serves calls through the tunnel, and opens one for each connection, not for each call', async () => {
    const ca = createTestCa()
    setDefaultCACertificates([...getCACertificates('default'), ca.caPem])
    const proxy = await startProxy(await startTarget(ca))
    const { dispatcher } = newEgress({ httpsProxy: `http://127.0.0.1:${proxy.port}` })
    for (let call = 0; call < 3; call++) {
      const { statusCode, body } = await request('https://api.example.com/', { dispatcher })
      expect([statusCode, await body.text()]).toEqual([200, 'hello'])
      await nextTurn() // undici frees the connection a moment after the body
    }
    expect(proxy.asked).toHaveBeenCalledTimes(1)
  })

  it('17. carries no literal private address and no internal name', async () => {
    const proxy = await startProxy(await startTarget())
    const egress = newEgress({ httpsProxy: `http://127.0.0.1:${proxy.port}` })
    for (const host of [
      '169.254.169.254',
      '10.0.0.1',
      '2130706433',
      '[::ffff:127.0.0.1]',
      'localhost',
      'vault',
      'metadata.google.internal',
    ]) {
      await expect(request(`https://${host}/`, { dispatcher: egress.dispatcher }), host).rejects.toMatchObject({
        code: 'ERR_EGRESS_REFUSED',
      })
    }
    expect(proxy.asked).not.toHaveBeenCalled()
  })

  it('17. leaves the guard on for what goes around it', async () => {
    const proxy = await startProxy(await startTarget())
    const egress = newEgress({ httpsProxy: `http://127.0.0.1:${proxy.port}`, noProxy: 'api.example.com' })
    for (const url of ['https://api.example.com/', 'http://plain.example.com/']) {
      await expect(request(url, { dispatcher: egress.dispatcher })).rejects.toMatchObject({ code: 'ERR_EGRESS_REFUSED', reason: 'address' })
    }
    expect(proxy.asked).not.toHaveBeenCalled()
  })

  it('is named when it refuses, and the call was not sent', async () => {
    const proxy = await startProxy(0, 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const egress = newEgress({ httpsProxy: `http://user:hunter2@127.0.0.1:${proxy.port}` })
    const failure = await request('https://api.example.com/', { dispatcher: egress.dispatcher }).catch((error: Error) => error)
    expect(failure).toMatchObject({ code: 'ERR_PROXY_TUNNEL', status: 407 })
    expect(describeNetworkError(failure)).toMatchObject({ kind: 'blocked', sent: false })
    expect(String(failure)).not.toContain('hunter2')
  })

  it('20. has a deadline', async () => {
    const proxy = await startProxy(0, '')
    const egress = newEgress({ httpsProxy: `http://127.0.0.1:${proxy.port}`, connectTimeoutMs: 100 })
    await expect(request('https://api.example.com/', { dispatcher: egress.dispatcher })).rejects.toThrow('no answer within 100 ms')
  })

  it('is reported when it is away', async () => {
    const port = await listen(createServer())
    await toClose.pop()?.()
    const egress = newEgress({ httpsProxy: `http://127.0.0.1:${port}` })
    await expect(request('https://api.example.com/', { dispatcher: egress.dispatcher })).rejects.toThrow('ECONNREFUSED')
  })

  it.each([502, 503])(
    '28. that cannot reach the host (%i) may be able to later, as one that is away: nothing is given up for it',
    async (status) => {
      const proxy = await startProxy(0, `HTTP/1.1 ${status} Bad\r\n\r\n`)
      const port = await listen(createServer())
      await toClose.pop()?.()
      for (const proxyPort of [proxy.port, port]) {
        const egress = newEgress({ httpsProxy: `http://127.0.0.1:${proxyPort}` })
        const failure = await request('https://api.example.com/', { dispatcher: egress.dispatcher }).catch((error: Error) => error)
        expect(describeNetworkError(failure)).toMatchObject({ kind: 'refused', sent: false, text: expect.stringContaining('HTTPS_PROXY') })
      }
    },
  )

  it('must be an http or https address', () => {
    expect(() => newEgress({ httpsProxy: 'socks5://127.0.0.1:1080' })).toThrow('must start with http')
  })
})
