import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { addressAllowed } from './addresses.ts'
import { createEgress, type Egress, type EgressOptions } from './dispatcher.ts'
import { requestSmall } from './small-request.ts'
import { INSIDE_HOSTS, insideHosts, MISLEADING_URLS, NAMES_OF_THE_INSIDE, OTHER_PORTS } from './ssrf-corpus-for-tests.ts'

/** Whoever is let through to this machine is seen here. */
let trap: Server
let port: number
let caught = 0
beforeAll(async () => {
  trap = createServer((socket) => {
    caught++
    socket.on('error', () => {})
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nsalt')
  })
  await new Promise<void>((resolve) => trap.listen(0, '::', resolve))
  port = (trap.address() as AddressInfo).port
})
afterAll(() => void trap.close())
beforeEach(() => {
  caught = 0
})

const open: Egress[] = []
afterEach(async () => {
  for (const egress of open.splice(0)) await egress.close(0)
})
const newEgress = (options: Partial<EgressOptions> = {}): Egress => {
  const egress = createEgress({ trustedHosts: [], extraAllowedPorts: [port], connectTimeoutMs: 2_000, ...options })
  open.push(egress)
  return egress
}

/** The reason of the refusal, or what happened instead. */
async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
    return 'let through'
  } catch (error) {
    const { code, reason, message } = error as Error & { code?: string; reason?: string }
    return code === 'ERR_EGRESS_REFUSED' ? String(reason) : `${code}: ${message}`
  }
}
const REFUSED = /^(address|name|scheme|credentials|unparsable|port)$/
/** What undici itself takes for no URL is not sent either. */
const NO_URL = /^(address|name|scheme|credentials|unparsable|port)$|ERR_INVALID_URL|UND_ERR_INVALID_ARG/

it('the trap catches who comes', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const socket = connect(port, host)
    await new Promise((resolve) => socket.once('close', resolve).resume())
  }
  expect(caught).toBe(2)
})

it('the corpus has more than 200 entries, each once', () => {
  const all = [...insideHosts, ...NAMES_OF_THE_INSIDE.map(String), ...MISLEADING_URLS, ...OTHER_PORTS.map(String)]
  expect(all.length).toBeGreaterThan(200)
  expect(new Set(insideHosts).size).toBe(insideHosts.length)
})

describe('17. nothing of the inside is reached', () => {
  it.each(Object.entries(INSIDE_HOSTS))('%s', async (_what, hosts) => {
    const egress = newEgress()
    for (const host of hosts) {
      const url = `http://${host}:${port}/`
      expect(await outcomeOf(async () => egress.checkUrl(url)), `early: ${host}`).toMatch(REFUSED)
      expect(await outcomeOf(() => request(url, { dispatcher: egress.dispatcher })), `connector: ${host}`).toMatch(NO_URL)
      expect(await outcomeOf(() => requestSmall(egress, { url, method: 'GET', timeoutMs: 2_000 })), `small request: ${host}`).toMatch(
        REFUSED,
      )
    }
    expect(caught).toBe(0)
  })

  it.each(NAMES_OF_THE_INSIDE.map((addresses) => [addresses]))('by a name with the addresses %j', async (addresses) => {
    const egress = newEgress({ resolve: async () => [...addresses] })
    expect(await outcomeOf(() => request(`http://evil.example:${port}/`, { dispatcher: egress.dispatcher }))).toBe('address')
    expect(caught).toBe(0)
  })

  it('by a name that is the world’s when checked and ours a moment later', async () => {
    const answers = [['8.8.8.8', '::1'], ['127.0.0.1'], ['::ffff:127.0.0.1']]
    const resolve = vi.fn<(hostname: string) => Promise<string[]>>(async () => answers.shift() ?? ['::1'])
    const egress = newEgress({ resolve })
    for (let tries = 0; tries < 5; tries++) {
      expect(await outcomeOf(() => request(`http://rebind.example:${port}/`, { dispatcher: egress.dispatcher }))).toBe('address')
    }
    expect(caught).toBe(0)
  })

  it.each(MISLEADING_URLS)('by %j', async (url) => {
    const egress = newEgress()
    expect(await outcomeOf(async () => egress.checkUrl(url))).toMatch(REFUSED)
    expect(await outcomeOf(() => requestSmall(egress, { url, method: 'GET', timeoutMs: 2_000 }))).toMatch(REFUSED)
  })

  it('by a Host header, which steers nothing', async () => {
    const egress = newEgress({ resolve: async (name) => (name === 'good.example' ? [] : ['127.0.0.1']) })
    const asked = request(`http://good.example:${port}/`, { dispatcher: egress.dispatcher, headers: { host: `127.0.0.1:${port}` } })
    await expect(asked).rejects.toMatchObject({ code: 'ENOTFOUND' })
    expect(caught).toBe(0)
  })

  it('by a redirect to any of it, and a small request follows none at all', async () => {
    let location = ''
    const outer = createHttpServer((_request, response) => void response.writeHead(307, { location }).end())
    await new Promise<void>((resolve) => outer.listen(0, '127.0.0.1', resolve))
    const { port: outerPort } = outer.address() as AddressInfo
    const egress = newEgress({ trustedHosts: [{ host: '127.0.0.1', port: outerPort }] })
    for (const host of insideHosts.filter((host) => /^[\x21-\x7e]+$/.test(host))) {
      location = `http://${host}:${port}/`
      const asked = requestSmall(egress, { url: `http://127.0.0.1:${outerPort}/`, method: 'POST', body: 'secret', timeoutMs: 2_000 })
      await expect(asked).rejects.toMatchObject({ code: 'ERR_REQUEST_FAILED', kind: 'redirect' })
    }
    outer.closeAllConnections()
    outer.close()
    expect(caught).toBe(0)
  })
})

describe('17. the world is let out', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '198.17.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::200e',
  ])('%s', (address) => expect(addressAllowed(address)).toBe(true))
})

describe('18. ports are those of a list', () => {
  it.each(OTHER_PORTS)('%i is not on it', async (other) => {
    const egress = createEgress({ trustedHosts: [], resolve: async () => ['8.8.8.8'] })
    open.push(egress)
    expect(await outcomeOf(async () => egress.checkUrl(`http://example.com:${other}/`))).toBe('port')
    expect(await outcomeOf(() => request(`http://example.com:${other}/`, { dispatcher: egress.dispatcher }))).toBe('port')
  })

  it.each(['http://example.com/', 'https://example.com/', 'https://example.com:8443/', 'http://example.com:443/'])('%s is', (url) => {
    const egress = createEgress({ trustedHosts: [] })
    open.push(egress)
    expect(egress.checkUrl(url)).toBeInstanceOf(URL)
  })

  it('but for the exact pairs of HAWSER_TRUSTED_HOSTS, which open no other port and no other name of theirs', async () => {
    const egress = createEgress({ trustedHosts: [{ host: '127.0.0.1', port }] })
    open.push(egress)
    expect(await outcomeOf(() => request(`http://127.0.0.1:${port}/`, { dispatcher: egress.dispatcher }))).toBe('let through')
    for (const url of [
      `http://127.0.0.1:${port + 1}/`,
      `http://127.0.0.2:${port}/`,
      `http://localhost:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
    ])
      expect(await outcomeOf(() => request(url, { dispatcher: egress.dispatcher })), url).toMatch(REFUSED)
    expect(caught).toBe(1)
  })
})
