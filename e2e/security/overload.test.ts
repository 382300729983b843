/** More than there is room for: some are told to come again, at once; the others are served as before. */
import { connect as connectSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, DATA, openSession, proxied } from '../customer.ts'

let server: TestServer
const ids = { loud: '', quiet: '' }

beforeAll(async () => {
  server = await startTestServer({
    env: {
      HAWSER_CONNECTION_CALLS_AT_ONCE: '4',
      HAWSER_KEY_CALLS_AT_ONCE: '6',
      HAWSER_CALLS_AT_ONCE: '8',
      HAWSER_API_CALLS_PER_MINUTE: '60',
      HAWSER_SESSION_CALLS_PER_MINUTE: '10',
    },
  })
  await addIntegration(server, 'loud', addOrgApp(server, 'acme-uat', 'loud'))
  await addIntegration(server, 'quiet', addOrgApp(server, 'globex-uat', 'quiet'))
  ids.loud = await connect(server, 'loud')
  ids.quiet = await connect(server, 'quiet')
})
afterAll(() => server?.close())

const limits = (of: 'loud' | 'quiet'): Promise<Response> => proxied(server, ids[of], of, `${DATA}/limits`)

const pause = (ms: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, ms, 0))

/** What comes back on a socket until it is closed. */
function talk(base: string, bytes: string): Promise<string> {
  const { port } = new URL(base)
  return new Promise((resolve) => {
    let heard = ''
    const socket = connectSocket(Number(port), 'localhost', () => socket.write(bytes))
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
    socket.on('error', () => resolve(heard))
    socket.on('close', () => resolve(heard))
  })
}

describe('23. one connection that hangs leaves the others their places', () => {
  it('with 429 and Retry-After for its own surplus, at once', async () => {
    expect((await limits('quiet')).status).toBe(200)
    server.fake.set('knobs.latencyMs', 3_000)
    const hanging = Array.from({ length: 4 }, () => limits('loud'))
    // Whoever comes before the four hangs with them; the first that is refused tells that there is no place left.
    const tried = () => Promise.race([limits('loud').then((answer) => answer.status), pause(50)])
    await expect.poll(tried, { interval: 10, timeout: 2_500 }).toBe(429)
    const surplus = await Promise.all(Array.from({ length: 10 }, () => limits('loud')))
    server.fake.set('knobs.latencyMs', 0)
    const refused = surplus.filter((answer) => answer.status === 429)
    expect(refused).toHaveLength(10)
    expect(refused.every((answer) => answer.headers.get('retry-after') === '1')).toBe(true)
    expect(((await refused[0]!.json()) as ErrorAnswer).error.code).toBe('too_many_request')
    expect((await limits('quiet')).status).toBe(200)
    await Promise.all(hanging)
    expect((await limits('loud')).status).toBe(200)
  })

  it('and every place is given back, whatever became of the call', async () => {
    for (let round = 0; round < 10; round++) {
      await limits('loud')
      await proxied(server, ids.loud, 'loud', '/services/data/nowhere')
      await proxied(server, ids.loud, 'loud', `${DATA}/limits`, { headers: { 'base-url-override': 'https://evil.example' } })
      await proxied(server, 'nobody', 'loud', `${DATA}/limits`)
      const stopped = new AbortController()
      const call = proxied(server, ids.loud, 'loud', `${DATA}/limits`, { signal: stopped.signal }).catch(() => {})
      stopped.abort()
      await call
    }
    const all = await Promise.all(Array.from({ length: 4 }, () => limits('loud')))
    expect(all.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
  })
})

describe('20. headers without end', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: a\r\n`).join('')
  it.each([
    ['the API', () => server.url, '/health'],
    ['the proxy', () => server.url, '/proxy/x'],
    ['the gateway', () => server.gatewayUrl, '/x'],
  ])('%s: 431 for more than 200, and for more than 64 KiB', async (_what, base, path) => {
    const head = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`
    expect(await talk(base(), `${head}${many(190)}\r\n`)).toMatch(/^HTTP\/1.1 (200|401) /)
    expect(await talk(base(), `${head}${many(210)}\r\n`)).toMatch(/^HTTP\/1.1 431 /)
    expect(await talk(base(), `${head}${many(3_000)}\r\n`)).toMatch(/^HTTP\/1.1 431 /)
    expect(await talk(base(), `${head}x: ${'a'.repeat(70_000)}\r\n\r\n`)).toMatch(/^(HTTP\/1.1 431 .*)?$/s)
  })
})

describe('23. budgets of the API', () => {
  it('a session that asks without end is told to wait, and the next end user is served', async () => {
    const [loud, quiet] = [await openSession(server, 'loud'), await openSession(server, 'loud')]
    const ask = (token: string) => createApiClient(server.url, token).get<ErrorAnswer>('/connect/session')
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(loud)))
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(10)
    const refused = answers.find((answer) => answer.status === 429)
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask(quiet)).status).toBe(200)
  })

  it('a key that asks without end is told to wait; the other environment’s and the proxy are served', async () => {
    const ask = (key: string) => createApiClient(server.url, key).get<ErrorAnswer>('/integrations')
    const answers = await Promise.all(Array.from({ length: 80 }, () => ask(server.apiKey)))
    expect(answers.some((answer) => answer.status === 429)).toBe(true)
    expect(answers.filter((answer) => answer.status === 200).length).toBeLessThanOrEqual(60)
    expect((await ask(server.prodKey)).status).toBe(200)
    expect((await limits('quiet')).status).toBe(200)
    server.clock.advance(60_000)
    expect((await ask(server.apiKey)).status).toBe(200)
  })
})
