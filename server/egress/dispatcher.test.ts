import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { fetch, request } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestCa } from '../../testkit/test-ca.ts'
import type { Egress, EgressOptions } from './dispatcher.ts'
import { createEgress } from './dispatcher.ts'
import { EgressRefused } from './egress-refused.ts'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => (server.closeAllConnections(), server.close()))
  return (server.address() as AddressInfo).port
}

/** Counts connections, not requests: a guard that lets a connection through has failed. */
const listenPlain = async (handler: RequestListener = answerOk) => {
  const server = createServer(handler)
  const connections = vi.fn<() => void>()
  server.on('connection', connections)
  return { port: await listen(server), connections }
}

const answerOk = (_request: IncomingMessage, response: ServerResponse): void => void response.end('hello')

const newEgress = (options: Partial<EgressOptions> = {}): Egress => {
  const egress = createEgress({ trustedHosts: [], connectTimeoutMs: 2_000, ...options })
  toClose.push(() => egress.close(0))
  return egress
}

const get = async (egress: Egress, url: string): Promise<{ status: number; text: string }> => {
  const { statusCode, body } = await request(url, { dispatcher: egress.dispatcher })
  return { status: statusCode, text: await body.text() }
}

const refusal = (reason: string) => expect.objectContaining({ code: 'ERR_EGRESS_REFUSED', reason })

describe('17. the server’s own network', () => {
  it('is not reached by any way of writing an address', async () => {
    const { port, connections } = await listenPlain()
    const egress = newEgress({ extraAllowedPorts: [port] })
    const literals = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '0177.0.0.1',
      '017700000001',
      '0',
      '0.0.0.0',
      '127.0.0.1.',
    ]
    literals.push('[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]')
    literals.push(
      '１２７.０.０.１',
      '127。0。0。1',
      '%31%32%37.0.0.1',
      '⑯⑨.254.169.254',
      '169.254.169.254',
      '10.0.0.1',
      '[fd00:ec2::254]',
      '[fe80::1]',
    )
    for (const literal of literals) {
      await expect(get(egress, `http://${literal}:${port}/`), literal).rejects.toThrow(refusal('address'))
      expect(() => egress.checkUrl(`http://${literal}:${port}/`), literal).toThrow(refusal('address'))
    }
    expect(connections).not.toHaveBeenCalled()
  })

  it('is not reached by names that resolve to it', async () => {
    const { port, connections } = await listenPlain()
    for (const addresses of [['127.0.0.1'], ['::1'], ['10.1.2.3'], ['169.254.169.254'], ['::ffff:127.0.0.1'], ['8.8.8.8', '127.0.0.1']]) {
      const egress = newEgress({ extraAllowedPorts: [port], resolve: async () => addresses })
      await expect(get(egress, `http://evil.example:${port}/`), addresses.join()).rejects.toThrow(refusal('address'))
    }
    expect(connections).not.toHaveBeenCalled()
  })

  it('is not reached by localhost, resolved by the real resolver', async () => {
    const { port, connections } = await listenPlain()
    const egress = newEgress({ extraAllowedPorts: [port] })
    await expect(get(egress, `http://localhost:${port}/`)).rejects.toThrow(refusal('name'))
    expect(connections).not.toHaveBeenCalled()
  })

  it('is not reached by a redirect', async () => {
    const inner = await listenPlain()
    const outer = await listenPlain(
      (_request, response) => void response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end(),
    )
    const egress = newEgress({ trustedHosts: [{ host: '127.0.0.1', port: outer.port }], extraAllowedPorts: [inner.port] })
    expect((await get(egress, `http://127.0.0.1:${outer.port}/`)).status).toBe(302)
    const followed = fetch(`http://127.0.0.1:${outer.port}/`, { dispatcher: egress.dispatcher, redirect: 'follow' })
    await expect(followed).rejects.toMatchObject({ cause: refusal('address') })
    expect(inner.connections).not.toHaveBeenCalled()
  })

  it('tells the operator, and tells the caller no address', async () => {
    const onBlocked = vi.fn<NonNullable<EgressOptions['onBlocked']>>()
    const egress = newEgress({ resolve: async () => ['10.1.2.3'], onBlocked })
    const failure = await get(egress, 'http://evil.example/?token=hunter2').catch((error: Error) => error)
    expect(failure).toBeInstanceOf(EgressRefused)
    expect(String(failure)).not.toMatch(/hunter2|10\.1\.2\.3|evil/)
    expect(onBlocked).toHaveBeenCalledWith({ host: 'evil.example', port: 80, reason: 'address' })
  })
})

describe('18. scheme and port', () => {
  it('are http and https, and listed ports', async () => {
    const egress = newEgress({ extraAllowedPorts: [9443] })
    expect(egress.checkUrl('https://example.com/a?b=c').href).toBe('https://example.com/a?b=c')
    expect(egress.checkUrl('https://example.com:9443/').port).toBe('9443')
    for (const url of ['ftp://example.com', 'file:///etc/passwd', 'data:,x', 'javascript:1']) {
      expect(() => egress.checkUrl(url)).toThrow(refusal('scheme'))
    }
    expect(() => egress.checkUrl('https://example.com:5432/')).toThrow(refusal('port'))
    expect(() => egress.checkUrl('https://user:pass@example.com/')).toThrow(refusal('credentials'))
    expect(() => egress.checkUrl('no url')).toThrow(refusal('unparsable'))
    await expect(get(egress, 'http://example.com:5432/')).rejects.toThrow(refusal('port'))
  })
})

describe('trusted hosts', () => {
  it('are exact pairs: the other ports of a trusted host stay closed', async () => {
    const trusted = await listenPlain()
    const other = await listenPlain()
    const egress = newEgress({ trustedHosts: [{ host: 'LOCALHOST', port: trusted.port }], extraAllowedPorts: [other.port] })
    expect(await get(egress, `http://localhost:${trusted.port}/`)).toEqual({ status: 200, text: 'hello' })
    expect(egress.checkUrl(`http://localhost:${trusted.port}/`)).toBeInstanceOf(URL)
    await expect(get(egress, `http://localhost:${other.port}/`)).rejects.toThrow(EgressRefused)
    await expect(get(egress, `http://127.0.0.1:${trusted.port}/`)).rejects.toThrow(EgressRefused)
    expect(other.connections).not.toHaveBeenCalled()
  })
})

describe('the tests’ connector', () => {
  const ca = createTestCa()
  const listenTls = async (hosts: string[]) => {
    const names = vi.fn<(name: unknown) => void>()
    const server = createTlsServer(ca.issue(hosts), (asked, response) => {
      names((asked.socket as { servername?: string }).servername)
      response.end(asked.headers.host)
    })
    return { port: await listen(server), names }
  }

  it('maps a real-looking host to loopback, with its name for TLS and for HTTP', async () => {
    const { port, names } = await listenTls(['*.my.salesforce.com'])
    const connector: EgressOptions['connector'] = (hostPort) =>
      hostPort === 'acme.my.salesforce.com:443' ? { host: '127.0.0.1', port, ca: ca.caPem } : undefined
    const egress = newEgress({ connector })
    expect(egress.checkUrl('https://acme.my.salesforce.com/').host).toBe('acme.my.salesforce.com')
    expect(await get(egress, 'https://acme.my.salesforce.com/')).toEqual({ status: 200, text: 'acme.my.salesforce.com' })
    expect(names).toHaveBeenCalledWith('acme.my.salesforce.com')
  })

  it('8. still verifies certificates: their name, and their authority', async () => {
    const { port } = await listenTls(['other.example'])
    const trusting = newEgress({ connector: () => ({ host: '127.0.0.1', port, ca: ca.caPem }) })
    await expect(get(trusting, 'https://acme.my.salesforce.com/')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    )
    const doubting = newEgress({ connector: () => ({ host: '127.0.0.1', port }) })
    await expect(get(doubting, 'https://other.example/')).rejects.toThrow(
      expect.objectContaining({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
    )
  })

  it('8. verifies the name of the URL, whatever Host header is sent', async () => {
    const { port } = await listenTls(['other.example'])
    const egress = newEgress({ connector: () => ({ host: '127.0.0.1', port, ca: ca.caPem }) })
    const asked = request('https://acme.my.salesforce.com/', { dispatcher: egress.dispatcher, headers: { host: 'other.example' } })
    await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }))
  })
})

describe('waits and bounds', () => {
  it('20. connecting ends at its deadline, the name server’s time included', async () => {
    const egress = newEgress({ resolve: () => new Promise(() => {}), connectTimeoutMs: 50 })
    await expect(get(egress, 'http://slow.example/')).rejects.toThrow(expect.objectContaining({ code: 'UND_ERR_CONNECT_TIMEOUT' }))
  })

  it('20. waiting for headers and bodies ends at the deadlines of the call', async () => {
    const { port } = await listenPlain((asked, response) => {
      if (asked.url === '/body') response.write('the beginning')
    })
    const { dispatcher } = newEgress({ trustedHosts: [{ host: '127.0.0.1', port }] })
    const origin = `http://127.0.0.1:${port}`
    await expect(request(`${origin}/headers`, { dispatcher, headersTimeout: 50 })).rejects.toThrow(
      expect.objectContaining({ code: 'UND_ERR_HEADERS_TIMEOUT' }),
    )
    const { body } = await request(`${origin}/body`, { dispatcher, bodyTimeout: 50 })
    await expect(body.text()).rejects.toThrow(expect.objectContaining({ code: 'UND_ERR_BODY_TIMEOUT' }))
  })

  it('a name without addresses is an unknown name', async () => {
    const egress = newEgress({ resolve: async () => [] })
    await expect(get(egress, 'http://empty.example/')).rejects.toThrow(expect.objectContaining({ code: 'ENOTFOUND' }))
  })
})
