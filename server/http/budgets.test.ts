import { connect, type AddressInfo, type Socket } from 'node:net'
import fc from 'fast-check'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '@hawser/api/errors.ts'
import type { Authenticator } from './authenticate.ts'
import { createCallsAtOnce } from './calls-at-once.ts'
import { createServer } from './create-server.ts'
import { createBudgets, type BudgetSettings } from './budgets.ts'
import type { Principal } from './principal.ts'
import { createRateLimit } from './rate-limit.ts'

let now = 0
const clock = { now: () => now }
beforeEach(() => {
  now = 1_000_000
})

/** The Failure's code, or undefined if nothing was thrown. */
function codeOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof Failure ? error.code : String(error)
  }
}

const settings: BudgetSettings = {
  apiCallsPerMinute: 3,
  sessionCallsPerMinute: 2,
  browserCallsPerMinute: 4,
  callsAtOnce: 6,
  keyCallsAtOnce: 4,
  connectionCallsAtOnce: 2,
}

describe('23. a rate', () => {
  it('gives each caller a minute’s calls at once, then one each interval, and none of another’s', () => {
    const limit = createRateLimit(clock, 60)
    for (let call = 0; call < 60; call++) limit.take('loud')
    expect(codeOf(() => limit.take('loud'))).toBe('too_many_request')
    expect(codeOf(() => limit.take('quiet'))).toBeUndefined()
    now += 999
    expect(codeOf(() => limit.take('loud'))).toBe('too_many_request')
    now += 1
    expect(codeOf(() => limit.take('loud'))).toBeUndefined()
    expect(codeOf(() => limit.take('loud'))).toBe('too_many_request')
    now += 60_000
    for (let call = 0; call < 60; call++) limit.take('loud')
  })

  it('says how long to wait, and keeps its word', () => {
    const limit = createRateLimit(clock, 60)
    for (let call = 0; call < 60; call++) limit.take('a')
    now += 250
    let failure: unknown
    try {
      limit.take('a')
    } catch (error) {
      failure = error
    }
    expect((failure as Failure).details.retryAfter).toBeCloseTo(0.75)
    now += 750
    expect(codeOf(() => limit.take('a'))).toBeUndefined()
  })

  it('locks nobody out when the clock is set back', () => {
    const limit = createRateLimit(clock, 60)
    limit.take('a')
    now -= 3_600_000
    now += 1_000
    expect(codeOf(() => limit.take('a'))).toBe('too_many_request')
    now += 1_000
    expect(codeOf(() => limit.take('a'))).toBeUndefined()
  })

  it('never lets more through than a minute’s calls and what the time has earned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(3_000), { maxLength: 300 }), (perMinute, waits) => {
        now = 0
        const limit = createRateLimit(clock, perMinute)
        let served = 0
        for (const wait of waits) {
          now += wait
          if (codeOf(() => limit.take('a')) === undefined) served++
          expect(served).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1)
        }
      }),
    )
  })
})

describe('23. calls at once', () => {
  it('are counted by caller, and forgotten when they are over', () => {
    const calls = createCallsAtOnce(2, 'This key')
    calls.enter('a')
    calls.enter('a')
    expect(codeOf(() => calls.enter('a'))).toBe('too_many_request')
    expect(codeOf(() => calls.enter('b'))).toBeUndefined()
    calls.leave('a')
    expect(codeOf(() => calls.enter('a'))).toBeUndefined()
    for (const caller of ['a', 'a', 'b']) calls.leave(caller)
    expect(calls.callers).toBe(0)
  })

  it('of a connection leave the key its places, of a key leave other keys theirs, and a refusal takes no place', () => {
    const { places } = createBudgets(clock, settings)
    places.enter('key', 'loud')
    places.enter('key', 'loud')
    for (let tries = 0; tries < 10; tries++) expect(codeOf(() => places.enter('key', 'loud'))).toBe('too_many_request')
    places.enter('key', 'other')
    places.enter('key', 'other')
    for (let tries = 0; tries < 10; tries++) expect(codeOf(() => places.enter('key', 'third'))).toBe('too_many_request')
    places.enter('key-2', 'third')
    places.enter('key-2', 'third')
    expect(codeOf(() => places.enter('key-3', 'fourth'))).toBe('not_ready')
    places.leave('key', 'loud')
    expect(codeOf(() => places.enter('key-3', 'fourth'))).toBeUndefined()
  })
})

describe('23. the API', () => {
  const session = (sessionId: string): Principal => ({
    kind: 'session',
    sessionId,
    environmentId: 'e',
    environmentName: 'dev',
    allowedIntegrations: undefined,
  })
  const key = (keyId: string): Principal => ({ kind: 'key', keyId, environmentId: 'e', environmentName: 'dev', scopes: [] })
  let principal: Principal
  let counted: Authenticator
  beforeEach(() => {
    const inner: Partial<Authenticator> = {
      request: async () => principal,
      session: async () => principal as Extract<Principal, { kind: 'session' }>,
    }
    counted = createBudgets(clock, settings).counted(inner as Authenticator)
  })
  const ask = (as: Principal) => {
    principal = as
    return counted.request({} as FastifyRequest, { key: true, session: true })
  }

  it('serves other keys and all sessions when one key has used up its minute', async () => {
    for (let call = 0; call < 3; call++) await ask(key('loud'))
    await expect(ask(key('loud'))).rejects.toMatchObject({ code: 'too_many_request', status: 429 })
    await expect(ask(key('quiet'))).resolves.toBeDefined()
    await expect(ask(session('s'))).resolves.toBeDefined()
  })

  it('counts the calls of a connect session by whatever way they come, and leaves other end users alone', async () => {
    await ask(session('loud'))
    principal = session('loud')
    await counted.session('token')
    await expect(counted.session('token')).rejects.toMatchObject({ code: 'too_many_request' })
    await expect(ask(session('loud'))).rejects.toMatchObject({ code: 'too_many_request' })
    await expect(ask(session('quiet'))).resolves.toBeDefined()
  })
})

describe('on the wire', () => {
  let app: FastifyInstance
  beforeEach(() => {
    app = createServer({ log: pino({ level: 'silent' }), trustedProxies: ['127.0.0.1'], bodyLimit: 1000, answerDeadlineMs: 300 })
    createBudgets(clock, settings).guardBrowsers(app)
    app.get('/oauth/callback', async () => 'page')
    app.get('/other', async () => 'other')
    app.get('/large', async () => 'x'.repeat(30_000_000))
  })
  afterEach(() => app.close())
  const get = (url: string, address: string) => app.inject({ url, headers: { 'x-forwarded-for': address } })

  it('23. one browser that hammers the callback is told when to come again, and others sign in meanwhile', async () => {
    for (let call = 0; call < 4; call++) expect((await get('/oauth/callback', '198.51.100.1')).statusCode).toBe(200)
    const refused = await get('/oauth/callback', '198.51.100.1')
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().error.code]).toEqual([429, '15', 'too_many_request'])
    expect((await get('/oauth/callback', '198.51.100.2')).statusCode).toBe(200)
    expect((await get('/other', '198.51.100.1')).statusCode).toBe(200)
  })

  it('22. who does not read his answer is cut off', async () => {
    await app.listen({ port: 0, host: '127.0.0.1' })
    const socket: Socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise<void>((resolve) => app.server.once('connection', (side) => side.once('close', () => resolve())))
    socket.pause()
    socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n')
    await closed
    socket.destroy()
  })
})
