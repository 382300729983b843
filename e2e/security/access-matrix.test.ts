/** Every endpoint, the proxy and the gateway, against every kind of caller: each answer is the one that the table of rules says. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '@hawser/api/route.ts'
import { routes } from '@hawser/api/routes.ts'
import { scopes } from '@hawser/api/scopes.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient, type Answer as HttpAnswer } from '../api-client.ts'
import { addIntegration, addOrgApp, connect, DATA, openSession, readConnection } from '../customer.ts'
import { expectedOf, hiddenRows, INTEGRATION, rules, takenBy, type Caller, type RouteName } from './access-rules.ts'

const OTHER = 'other'
const UNKNOWN_ID = '018f0000-0000-7000-8000-000000000000'
const HOUR = 3600
let server: TestServer
let mine: string
let others: string
let gatewayId: string
let keyId: string
let signingKeyId: string
let tokenId: string
/** Name of the caller → its bearer. */
const bearers = new Map<string, string | undefined>()
const callers = new Map<string, Caller>()

function add(name: string, bearer: string | undefined, caller: Caller): void {
  bearers.set(name, bearer)
  callers.set(name, caller)
}

const api = () => createApiClient(server.url, server.apiKey)

async function ok<T>(asking: Promise<HttpAnswer<unknown>>): Promise<T> {
  const answer = await asking
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300)
  return answer.body as T
}

async function newKey(display_name: string, more: object = {}): Promise<{ id: string; secret: string }> {
  return (await ok<{ data: { id: string; secret: string } }>(api().post('/environment/api-keys', { display_name, ...more }))).data
}

async function newToken(as: string, id: string, integration: string, body: object = { expires_in: 86_400 }): Promise<string> {
  const path = `/connections/${id}/tokens?provider_config_key=${integration}`
  return (await ok<{ data: { token: string } }>(createApiClient(server.url, as).post(path, body))).data.token
}

const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })

interface Claims {
  sub?: string
  integration?: string
  aud?: string
  /** Seconds from now. */
  exp?: number
  iat?: number
  paths?: string[]
}

function payloadOf(claims: Claims): Record<string, unknown> {
  const now = Math.floor(server.clock.now() / 1000)
  const { exp = HOUR - 1, iat = 0, ...rest } = claims
  return { sub: mine, integration: INTEGRATION, aud: server.url, ...rest, exp: now + exp, iat: now + iat }
}

function jwt(
  claims: Claims,
  { key = signing.privateKey, kid = signingKeyId, ...header }: { key?: KeyObject; kid?: string; jwk?: object } = {},
) {
  return new SignJWT(payloadOf(claims)).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(key)
}

/** What no library would make. */
function forged(header: object, signature: (text: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part(payloadOf({}))}`
  return `${text}.${signature(text)}`
}

async function addKeys(): Promise<void> {
  add('nobody', undefined, { kind: 'nobody' })
  add('unknown key', `hws_dev_${'a'.repeat(43)}`, { kind: 'bad' })
  add('garbage', 'garbage', { kind: 'bad' })
  const short = await newKey('short', { expires_at: new Date(server.clock.now() + 10_000).toISOString() })
  add('expired key', short.secret, { kind: 'bad' })
  const revoked = await newKey('revoked')
  add('token of a revoked key', await newToken(revoked.secret, mine, INTEGRATION), { kind: 'bad' })
  add('revoked key', revoked.secret, { kind: 'bad' })
  await ok(api().call('DELETE', `/environment/api-keys/${revoked.id}`))
  add('other environment', server.prodKey, { kind: 'key' })
  add('full key', server.apiKey, { kind: 'key' })
  for (const scope of scopes) add(scope, (await newKey(scope, { scopes: [scope] })).secret, { kind: 'key', only: scope })
  const limited = async (name: string, limits: object, kind: keyof typeof takenBy) =>
    add(name, (await newKey(name, { limits })).secret, { kind: 'key', without: takenBy[kind] })
  await limited('integration', { integrations: [INTEGRATION] }, 'integrations')
  await limited('other integration', { integrations: [OTHER] }, 'integrations')
  await limited('connection', { connections: { ids: [mine] } }, 'connections')
  await limited('other connection', { connections: { ids: [others] } }, 'connections')
  await limited('tag', { connections: { tags: { team: 'a' } } }, 'connections')
  await limited('other tag', { connections: { tags: { team: 'b' } } }, 'connections')
  await limited('read only', { methods: ['GET'] }, 'calls')
  await limited('paths', { paths: [`${DATA}/limits`] }, 'calls')
  await limited('other paths', { paths: ['/services/apexrest/*'] }, 'calls')
}

async function addTokens(): Promise<void> {
  const session = await openSession(server, INTEGRATION)
  add('session', session, { kind: 'session' })
  add('other session', await openSession(server, OTHER), { kind: 'session' })
  const old = await openSession(server, INTEGRATION)
  add('expired session', old, { kind: 'bad' })
  const ended = await openSession(server, INTEGRATION)
  add('ended session', ended, { kind: 'bad' })
  await createApiClient(server.url, ended).call('DELETE', '/connect/session')
  await sql`update connect_session set expires_at = hawser_now() - interval '1 second' where token_hash = sha256(${old}::bytea)`.execute(
    server.kit.db.kysely,
  )
  // To the API all of them are nothing: it takes neither connection tokens nor JWTs.
  const bad: Caller = { kind: 'bad' }
  add('token', await newToken(server.apiKey, mine, INTEGRATION), bad)
  add('token of another connection', await newToken(server.apiKey, others, OTHER), bad)
  add('expired token', await newToken(server.apiKey, mine, INTEGRATION, { expires_in: 60 }), bad)
  add('token for a path', await newToken(server.apiKey, mine, INTEGRATION, { expires_in: 86_400, paths: [`${DATA}/limits`] }), bad)
  add(
    'token for another path',
    await newToken(server.apiKey, mine, INTEGRATION, { expires_in: 86_400, paths: ['/services/apexrest/*'] }),
    bad,
  )
  add('token by a key for another path', await newToken(bearers.get('other paths')!, mine, INTEGRATION), bad)
  add('unknown token', `hct_${'a'.repeat(43)}`, bad)
}

async function addJwts(): Promise<void> {
  const publicJwk = await exportJWK(signing.publicKey)
  const made = await ok<{ data: { id: string } }>(
    api().post('/environment/signing-keys', { display_name: 'backend', public_key: publicJwk }),
  )
  signingKeyId = made.data.id
  const pem = signing.publicKey.export({ type: 'spki', format: 'pem' }) as string
  const prod = await ok<{ data: { id: string } }>(
    createApiClient(server.url, server.prodKey).post('/environment/signing-keys', { display_name: 'backend', public_key: pem }),
  )
  const gone = await ok<{ data: { id: string } }>(api().post('/environment/signing-keys', { display_name: 'gone', public_key: pem }))
  await ok(api().call('DELETE', `/environment/signing-keys/${gone.data.id}`))
  const bad: Caller = { kind: 'bad' }
  const strangersJwk = await exportJWK(stranger.publicKey)
  add('jwt', await jwt({}), bad)
  add('jwt for a path', await jwt({ paths: [`${DATA}/limits`] }), bad)
  add('jwt for another path', await jwt({ paths: ['/services/apexrest/*'] }), bad)
  add('jwt of another connection', await jwt({ sub: others, integration: OTHER }), bad)
  add('jwt of no connection', await jwt({ sub: 'nobody' }), bad)
  add('jwt by a key of another environment', await jwt({}, { kid: prod.data.id }), bad)
  add('expired jwt', await jwt({ exp: -61, iat: -HOUR }), bad)
  add('jwt that lives too long', await jwt({ exp: HOUR + 1 }), bad)
  add('jwt from the future', await jwt({ iat: 10_000, exp: 10_100 }), bad)
  add('jwt for another server', await jwt({ aud: 'https://elsewhere.example' }), bad)
  add('jwt by another key', await jwt({}, { key: stranger.privateKey }), bad)
  add('jwt with a key inside', await jwt({}, { key: stranger.privateKey, jwk: strangersJwk }), bad)
  add('jwt by a deleted key', await jwt({}, { kid: gone.data.id }), bad)
  add('jwt without kid', await new SignJWT(payloadOf({})).setProtectedHeader({ alg: 'ES256' }).sign(signing.privateKey), bad)
  add(
    'jwt without algorithm',
    forged({ alg: 'none', kid: signingKeyId }, () => 'AA'),
    bad,
  )
  add(
    'jwt with the public key as secret',
    forged({ alg: 'HS256', kid: signingKeyId }, (text) => createHmac('sha256', pem).update(text).digest('base64url')),
    bad,
  )
}

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'matrix_one'))
  await addIntegration(server, OTHER, addOrgApp(server, 'globex-uat', 'matrix_two'))
  mine = await connect(server, INTEGRATION)
  others = await connect(server, OTHER)
  gatewayId = (await readConnection(server, mine, INTEGRATION)).gateway_id
  await ok(api().call('PATCH', `/connections/${mine}?provider_config_key=${INTEGRATION}`, { body: { tags: { team: 'a' } } }))
  await addKeys()
  await addTokens()
  keyId = (await newKey('target')).id
  const tokens = await ok<{ data: { id: string; connection_id: string }[] }>(api().get(`/connection-tokens?connectionId=${mine}`))
  tokenId = tokens.data[0]!.id
  server.clock.advance(61_000)
  await addJwts()
})
afterAll(() => server?.close())

/** The path of the endpoint, about the connection and integration that are hidden from others. */
function pathOf(route: Route): string {
  const isKey = route.name === 'deleteApiKey'
  return route.path
    .replace(/:connectionId\*?/, mine)
    .replace(':uniqueKey', INTEGRATION)
    .replace(':keyId', isKey ? keyId : signingKeyId)
    .replace(':tokenId', tokenId)
    .replace(/:[a-zA-Z]+\*?/, UNKNOWN_ID)
}

/** An address that guesses is slowed down; the next minute it may again. */
let guesses = 0
function nextMinute(of: number): void {
  guesses += of
  if (guesses < 50) return
  guesses = of
  server.clock.advance(60_000)
}

describe('12. 13. 14. the API', () => {
  it('has a rule for every endpoint, and for no other', () => {
    const names = routes.map((route) => route.name).sort()
    expect(Object.keys(rules).sort()).toEqual(names)
    expect(Object.keys(hiddenRows('x')).sort()).toEqual(names)
  })

  it.each(routes.map((route) => [route.name, route] as [RouteName, Route]))('%s lets in who it should', async (name, route) => {
    nextMinute(3)
    const expected: Record<string, unknown> = {}
    const found: Record<string, unknown> = {}
    const separator = pathOf(route).includes('?') ? '&' : '?'
    await Promise.all(
      [...callers].map(async ([caller, what]) => {
        // Refused for its input by whoever lets the caller in: nothing happens.
        const { status } = await fetch(`${server.url}${pathOf(route)}${separator}no_such_parameter=1`, {
          method: route.method,
          headers: bearers.get(caller) === undefined ? {} : { authorization: `Bearer ${bearers.get(caller)}` },
        })
        expected[caller] = expectedOf(rules[name], what)
        found[caller] = status === 400 || (status === 200 && rules[name].open) ? 'admitted' : status
      }),
    )
    expect(found).toEqual(expected)
  })

  const hiding = ['other environment', 'other integration', 'other connection'] as const
  it.each(routes.map((route) => [route.name, route] as [RouteName, Route]))('%s hides what is not the caller’s', async (name, route) => {
    const row = hiddenRows(mine)[name]
    if (row === null) return
    for (const [at, caller] of hiding.entries()) {
      const expected = row.answers[at]
      if (expected === undefined) continue
      const client = createApiClient(server.url, bearers.get(caller)!)
      const path = `${pathOf(route)}${row.query === undefined ? '' : `?${row.query}`}`
      const answer = await client.call<unknown>(route.method, path, row.body === undefined ? {} : { body: row.body })
      const text = JSON.stringify(answer.body)
      expect([caller, answer.status], text).toEqual([caller, expected === 'absent' ? 200 : expected])
      if (expected === 'absent') for (const secret of [mine, `"${INTEGRATION}"`]) expect(text).not.toContain(secret)
    }
  })

  it('a key hands on what it holds, and sees and ends no key that may do more', async () => {
    const limited = createApiClient(server.url, bearers.get('integration')!)
    const made = await ok<{ data: { id: string; limits: unknown; secret: string } }>(
      limited.post('/environment/api-keys', { display_name: 'child' }),
    )
    expect(made.data.limits).toEqual({ integrations: [INTEGRATION] })
    const listed = await ok<{ data: { display_name: string }[] }>(limited.get('/environment/api-keys'))
    expect(listed.data.map((key) => key.display_name).sort()).toEqual(['child', 'integration'])
    const settings = await ok<{ data: { webhook_signing_key: unknown } }>(limited.get('/environment'))
    expect(settings.data.webhook_signing_key).toBeNull()
  })
})

/** 200, or why not: of a GET of one path that exists, with the headers of the hidden connection at /proxy and its `gateway_id` at the gateway. */
const calls: Record<string, 200 | 401 | 403 | 404> = {
  nobody: 401,
  'unknown key': 401,
  garbage: 401,
  'expired key': 401,
  'revoked key': 401,
  'other environment': 404,
  'full key': 200,
  integration: 200,
  'other integration': 404,
  connection: 200,
  'other connection': 404,
  tag: 200,
  'other tag': 404,
  'read only': 200,
  paths: 200,
  'other paths': 403,
  session: 401,
  'other session': 401,
  'expired session': 401,
  'ended session': 401,
  token: 200,
  'token of another connection': 404,
  'expired token': 401,
  'unknown token': 401,
  'token of a revoked key': 401,
  'token for a path': 200,
  'token for another path': 403,
  'token by a key for another path': 403,
  jwt: 200,
  'jwt for a path': 200,
  'jwt for another path': 403,
  'jwt of another connection': 404,
  'jwt of no connection': 404,
  'jwt by a key of another environment': 404,
  'expired jwt': 401,
  'jwt that lives too long': 401,
  'jwt from the future': 401,
  'jwt for another server': 401,
  'jwt by another key': 401,
  'jwt with a key inside': 401,
  'jwt by a deleted key': 401,
  'jwt without kid': 401,
  'jwt without algorithm': 401,
  'jwt with the public key as secret': 401,
  ...Object.fromEntries(scopes.map((scope) => [scope, scope === 'environment:proxy' ? 200 : 403])),
}
const NAMES_CONNECTION = /^(token|expired token|unknown token|jwt|expired jwt)/

describe('12. 13. 14. the proxy and the gateway', () => {
  it('have a rule for every caller', () => expect(Object.keys(calls).sort()).toEqual([...callers.keys()].sort()))

  it('/proxy', async () => {
    server.clock.advance(60_000)
    const found: Record<string, number> = {}
    for (const [caller, bearer] of bearers) {
      const headers = {
        'provider-config-key': INTEGRATION,
        'connection-id': mine,
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      }
      found[caller] = (await fetch(`${server.url}/proxy${DATA}/limits`, { headers })).status
    }
    expect(found).toEqual(calls)
  })

  it('the gateway', async () => {
    server.clock.advance(60_000)
    const found: Record<string, number> = {}
    for (const [caller, bearer] of bearers) {
      const token = NAMES_CONNECTION.test(caller) ? bearer : `${bearer}.${gatewayId}`
      const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${token}` }
      found[caller] = (await fetch(`${server.gatewayUrl}${DATA}/limits`, { headers })).status
    }
    // Here the credential alone says which connection is meant.
    expect(found).toEqual({ ...calls, 'token of another connection': 200, 'jwt of another connection': 200 })
  })

  it('let no method through that is not allowed', async () => {
    const answers = await Promise.all(
      ['POST', 'PATCH', 'DELETE'].map(async (method) => {
        const authorization = `Bearer ${bearers.get('read only')!}.${gatewayId}`
        return (await fetch(`${server.gatewayUrl}${DATA}/limits`, { method, headers: { authorization } })).status
      }),
    )
    expect(answers).toEqual([403, 403, 403])
  })

  it('a connection token ends with its connection', async () => {
    const authorization = `Bearer ${bearers.get('token')!}`
    const ask = async () => (await fetch(`${server.url}/proxy${DATA}/limits`, { headers: { authorization } })).status
    expect(await ask()).toBe(200)
    await ok(api().call('DELETE', `/connections/${mine}?provider_config_key=${INTEGRATION}`))
    await expect.poll(ask).toBe(401)
  })
})
