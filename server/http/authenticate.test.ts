import { hash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from '#bus/bus.ts'
import { bearerOf, createAuthenticator, type Authenticator } from './authenticate.ts'
import type { KeyPrincipal, SessionPrincipal } from './principal.ts'

const KEY = `hws_dev_${'a'.repeat(43)}`
const principal: KeyPrincipal = { kind: 'key', keyId: 'k1', environmentId: 'e1', environmentName: 'dev', scopes: ['environment:*'] }

let now: number
let lookups: number
let database: 'up' | 'away'
let known: Set<string>
let answerLate: PromiseWithResolvers<undefined> | undefined
let sessions: SessionPrincipal | undefined
let announce: (topic: string) => void
let authenticator: Authenticator

beforeEach(() => {
  now = 0
  lookups = 0
  database = 'up'
  sessions = undefined
  answerLate = undefined
  known = new Set([hash('sha256', KEY, 'hex')])
  const listeners = new Map<string, () => void>()
  announce = (topic) => listeners.get(topic)?.()
  const bus: Bus = {
    on: (topic, listener) => {
      listeners.set(topic, () => listener('id'))
      return () => {}
    },
    onGap: () => () => {},
    send: async () => {},
    close: async () => {},
  }
  authenticator = createAuthenticator({
    clock: { now: () => now },
    bus,
    maxStaleMs: 900_000,
    noteUse: () => {},
    findSession: async () => {
      if (database === 'away') throw new Error('connection refused')
      return sessions
    },
    findKey: async (digest) => {
      lookups += 1
      if (database === 'away') throw new Error('connection refused')
      const found = known.has(digest.toString('hex')) ? principal : undefined
      await answerLate?.promise
      return found
    },
  })
})

describe('an API key', () => {
  it('is looked up once, and then known without a promise', async () => {
    expect(await authenticator.key(KEY, '::1')).toBe(principal)
    expect(authenticator.key(KEY, '::1')).toBe(principal)
    expect(lookups).toBe(1)
  })

  it('is looked up once by a thousand callers at the same moment', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => authenticator.key(KEY, '::1')))
    expect(lookups).toBe(1)
  })

  it('is refused when it is unknown, and asked for again the next time', async () => {
    known.clear()
    await expect(authenticator.key(KEY, '::1')).rejects.toMatchObject({ code: 'unknown_account', status: 401 })
    await expect(authenticator.key(KEY, '::1')).rejects.toMatchObject({ code: 'unknown_account' })
    expect(lookups).toBe(2)
  })

  it('of another form is refused without a look-up', () => {
    for (const wrong of ['', 'x', 'hws_dev_short', `hws_Dev_${'a'.repeat(43)}`, '123e4567-e89b-12d3-a456-426614174000'])
      expect(() => authenticator.key(wrong, '::1')).toThrow(expect.objectContaining({ code: 'invalid_secret_key_format' }))
    expect(lookups).toBe(0)
  })

  it('of the UUID form that people bring is looked up', async () => {
    await expect(authenticator.key('123e4567-e89b-42d3-a456-426614174000', '::1')).rejects.toMatchObject({ code: 'unknown_account' })
    expect(lookups).toBe(1)
  })

  it('of the UUID form is the same key in capitals, as presets are stored', async () => {
    const uuid = '123e4567-e89b-42d3-a456-426614174000'
    known.add(hash('sha256', uuid, 'hex'))
    expect(await authenticator.key(uuid.toUpperCase(), '::1')).toBe(principal)
  })

  it('may be of an environment with an underscore in its name, as presets are', async () => {
    const key = `hws_my_env_${'a'.repeat(43)}`
    known.add(hash('sha256', key, 'hex'))
    expect(await authenticator.key(key, '::1')).toBe(principal)
  })

  it('is checked again in the background after 30 s, and stops at once when it is gone', async () => {
    await authenticator.key(KEY, '::1')
    now = 30_001
    known.clear()
    expect(authenticator.key(KEY, '::1')).toBe(principal)
    await expect.poll(() => lookups).toBe(2)
    await Promise.resolve()
    await expect(authenticator.key(KEY, '::1')).rejects.toMatchObject({ code: 'unknown_account' })
  })

  it('security 30: known keys work while the database is away, up to the limit, unknown ones answer 503', async () => {
    await authenticator.key(KEY, '::1')
    database = 'away'
    now = 899_999
    expect(authenticator.key(KEY, '::1')).toBe(principal)
    now = 900_001
    await expect(authenticator.key(KEY, '::1')).rejects.toMatchObject({ code: 'credentials_unavailable', status: 503 })
  })

  it('is forgotten when the database announces a change', async () => {
    await authenticator.key(KEY, '::1')
    announce('api_key')
    await authenticator.key(KEY, '::1')
    expect(lookups).toBe(2)
  })

  it('revoked while it is looked up is not kept', async () => {
    answerLate = Promise.withResolvers()
    const underway = authenticator.key(KEY, '::1')
    known.clear()
    announce('api_key')
    answerLate.resolve(undefined)
    await underway
    answerLate = undefined
    await expect(authenticator.key(KEY, '::1')).rejects.toMatchObject({ code: 'unknown_account' })
  })
})

describe('a connect session', () => {
  it('cannot be checked while the database is away: 503, and no error of ours', async () => {
    database = 'away'
    await expect(authenticator.session(`nango_connect_session_${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'credentials_unavailable',
      status: 503,
    })
  })
})

describe('the Authorization header', () => {
  it.each([
    [undefined, 'missing_auth_header'],
    ['', 'missing_auth_header'],
    ['Bearer ', 'malformed_auth_header'],
    ['Bearer a b', 'malformed_auth_header'],
    ['Basic dXNlcjpwYXNz', 'malformed_auth_header'],
  ])('%j is refused as %s', (header, code) => {
    expect(() => bearerOf(header)).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    ['Bearer abc', 'abc'],
    ['abc', 'abc'],
    ['Bearer Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
  ])('%j carries the token', (header, token) => {
    expect(bearerOf(header)).toBe(token)
  })

  it('security 14: who keeps guessing keys is stopped, from that address only', async () => {
    const from = (ip: string, secret: string) =>
      authenticator.request({ ip, headers: { authorization: `Bearer ${secret}` } } as never, { key: true, session: false })
    for (let guess = 0; guess < 60; guess++)
      await expect(from('10.0.0.1', `hws_dev_${String(guess).padStart(43, '0')}`)).rejects.toMatchObject({ code: 'unknown_account' })
    await expect(from('10.0.0.1', KEY)).rejects.toMatchObject({ code: 'too_many_request', status: 429 })
    await expect(from('10.0.0.2', KEY)).resolves.toBe(principal)
    // Known by now: whoever holds a working key is not stopped by a neighbour's guesses.
    await expect(from('10.0.0.1', KEY)).resolves.toBe(principal)
    now += 60_001
    await expect(from('10.0.0.1', `hws_dev_${'z'.repeat(43)}`)).rejects.toMatchObject({ code: 'unknown_account' })
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ])('security 14: %s and %s count as one guesser: %s', async (one, other, same) => {
    const guess = (ip: string, n: number) => authenticator.key(`hws_dev_${String(n).padStart(43, '0')}`, ip)
    for (let n = 0; n < 60; n++) await expect(guess(one, n)).rejects.toMatchObject({ code: 'unknown_account' })
    const next = async () => guess(other, 61)
    await expect(next()).rejects.toMatchObject({ code: same ? 'too_many_request' : 'unknown_account' })
  })

  it('locks nobody out for longer when the clock is set back, and asks again for what it knows', async () => {
    now = 10_000_000
    const guess = (n: number) => authenticator.key(`hws_dev_${String(n).padStart(43, '0')}`, '10.0.0.1')
    await authenticator.key(KEY, '10.0.0.2')
    for (let n = 0; n < 60; n++) await expect(guess(n)).rejects.toMatchObject({ code: 'unknown_account' })
    now -= 3_600_000
    await expect(guess(61)).rejects.toMatchObject({ code: 'unknown_account' })
    const before = lookups
    expect(authenticator.key(KEY, '10.0.0.2')).toBe(principal)
    expect(lookups).toBe(before + 1)
  })

  it('security 14: who keeps guessing sessions is stopped too, whatever the endpoint takes', async () => {
    const from = (ip: string, n: number, takesSessions = true) =>
      authenticator.request(
        { ip, headers: { authorization: `Bearer nango_connect_session_${n.toString(16).padStart(64, '0')}` } } as never,
        {
          key: true,
          session: takesSessions,
        },
      )
    for (let guess = 0; guess < 600; guess++)
      await expect(from('10.0.0.1', guess, guess % 2 === 0)).rejects.toMatchObject({ code: 'unknown_connect_session_token' })
    await expect(from('10.0.0.1', 600)).rejects.toMatchObject({ code: 'too_many_request', status: 429 })
    await expect(from('10.0.0.2', 601)).rejects.toMatchObject({ code: 'unknown_connect_session_token' })
    now += 60_001
    await expect(from('10.0.0.1', 602)).rejects.toMatchObject({ code: 'unknown_connect_session_token' })
  })

  it('says which kind of credential an endpoint takes', async () => {
    const session = `nango_connect_session_${'0'.repeat(64)}`
    const ask = (token: string, accepts: { key: boolean; session: boolean }) =>
      authenticator.request({ ip: '::1', headers: { authorization: `Bearer ${token}` } } as never, accepts)
    await expect(ask(session, { key: true, session: false })).rejects.toMatchObject({ code: 'unknown_connect_session_token' })
    await expect(ask(KEY, { key: false, session: true })).rejects.toMatchObject({ code: 'invalid_connect_session_token_format' })
    await expect(ask(session, { key: false, session: true })).rejects.toMatchObject({ code: 'unknown_connect_session_token' })
    sessions = { kind: 'session', sessionId: 's', environmentId: 'e1', environmentName: 'dev', allowedIntegrations: undefined }
    await expect(ask(session, { key: true, session: false })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(ask(session, { key: false, session: true })).resolves.toBe(sessions)
    await expect(ask('nango_connect_session_x', { key: false, session: true })).rejects.toMatchObject({
      code: 'invalid_connect_session_token_format',
    })
  })
})
