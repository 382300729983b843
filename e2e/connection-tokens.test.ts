/** Tokens for one connection: listed, ended one by one and all together, ended with their key, made of a JWT; on two nodes. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose, type ComposedServer } from '../server/compose.ts'
import { openStore, type Store } from '../server/open-store.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, connect, DATA } from './customer.ts'

/** What the Salesforce CLI takes for an access token (V: @salesforce/core 8, `sfdcAccessTokenMatcher`), which compares the whole match. */
const sfdcAccessTokenForm = /^(00D\w{12,15})![.\w]*$/
const signing = generateKeyPairSync('ed25519')
let server: TestServer
let id: string
let dataDir: string
let second: { composed: ComposedServer; store: Store; url: string }

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, 'one', addOrgApp(server, 'acme-uat', 'tokens_one'))
  id = await connect(server, 'one')
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-second-'))
  const config = { ...server.config, dataDir, port: server.config.port + 6, gatewayPort: server.config.gatewayPort + 6 }
  const store = await openStore(config, { clockOffsetMs: 0 })
  const log = createLogger({ level: 'silent', write: () => {} })
  const composed = await compose({ config, store, log, clock: server.clock, connector: server.connector, checkReplies: true })
  await composed.listen()
  second = { composed, store, url: `http://localhost:${config.port}` }
})
afterAll(async () => {
  await second?.composed.close()
  await second?.store.close()
  await server?.close()
  if (dataDir) await rm(dataDir, { recursive: true, force: true })
})

const api = (key = server.apiKey) => createApiClient(server.url, key)
const tokensPath = () => `/connections/${encodeURIComponent(id)}/tokens?provider_config_key=one`

interface Made {
  id: string
  token: string
  expires_at: string
}

async function newToken(body: object = {}, key = server.apiKey): Promise<Made> {
  const made = await api(key).post<{ data: Made }>(tokensPath(), body)
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.data
}

async function newKey(display_name: string, key = server.apiKey): Promise<{ id: string; secret: string }> {
  return (await api(key).post<{ data: { id: string; secret: string } }>('/environment/api-keys', { display_name })).body.data
}

async function newSigningKey(display_name: string, key = server.apiKey): Promise<string> {
  const public_key = signing.publicKey.export({ format: 'pem', type: 'spki' })
  const made = await api(key).post<{ data: { id: string } }>('/environment/signing-keys', { display_name, public_key })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.data.id
}

function jwt(kid: string, claims: Record<string, unknown> = {}, seconds = 300): Promise<string> {
  const iat = Math.floor(server.clock.now() / 1000)
  const payload = { sub: id, integration: 'one', aud: server.url, iat, exp: iat + seconds, ...claims }
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', kid }).sign(signing.privateKey)
}

const statusAt = async (url: string, token: string, path = `${DATA}/limits`): Promise<number> =>
  (await createApiClient(url, token).get(`/proxy${path}`)).status

/** What the second node answers once it has heard; within a second, as promised. */
async function heard(token: string, status: number): Promise<void> {
  const until = performance.now() + 1_000
  while ((await statusAt(second.url, token)) !== status) if (performance.now() > until) throw new Error(`no ${status} within a second`)
}

interface Listed {
  data: {
    id: string
    display_name: string | null
    hint: string
    made_by: { kind: string; id: string; display_name: string }
    limits: unknown
  }[]
  next: string | null
}
const list = async (query = '') => (await api().get<Listed>(`/connection-tokens${query}`)).body

describe('connection tokens', () => {
  it('are listed by connection and by key, page by page, with their last use and never themselves', async () => {
    const key = await newKey('lister')
    const [first, last] = [await newToken({ display_name: 'browser', methods: ['GET'] }, key.secret), await newToken({}, key.secret)]
    expect(await statusAt(server.url, first.token)).toBe(200)
    await server.server.flush()
    const all = await list(`?made_by=${key.id}&connectionId=${encodeURIComponent(id)}&integration=one`)
    expect(all).toMatchObject({
      data: [
        { id: last.id, display_name: null, last_used_at: null },
        {
          ...{
            id: first.id,
            display_name: 'browser',
            hint: `${first.token.slice(0, 8)}…`,
            limits: { methods: ['GET'] },
            connection_id: id,
          },
          ...{ made_by: { kind: 'api_key', id: key.id, display_name: 'lister' }, last_used_at: expect.any(String) },
        },
      ],
      next: null,
    })
    expect(JSON.stringify(all)).not.toContain(first.token.slice(8))
    const page = await list(`?made_by=${key.id}&limit=1`)
    expect([page.data.length, page.next]).toEqual([1, last.id])
    expect((await list(`?made_by=${key.id}&limit=1&before=${page.next}`)).data).toMatchObject([{ id: first.id }])
    expect((await list('?connectionId=nobody')).data).toEqual([])
  })

  it('end one by one, on all nodes within a second', async () => {
    const [ended, kept] = [await newToken(), await newToken()]
    for (const token of [ended.token, kept.token]) await heard(token, 200)
    expect((await api().call('DELETE', `/connection-tokens/${ended.id}`)).status).toBe(200)
    await heard(ended.token, 401)
    expect([await statusAt(server.url, ended.token), await statusAt(second.url, kept.token)]).toEqual([401, 200])
    expect((await api().call('DELETE', `/connection-tokens/${ended.id}`)).status).toBe(404)
  })

  it('of a connection end together, on all nodes within a second', async () => {
    const before = (await list()).data.length
    const tokens = [await newToken(), await newToken()]
    for (const { token } of tokens) await heard(token, 200)
    expect((await api().call('DELETE', tokensPath())).body).toEqual({ data: { ended: before + 2 } })
    for (const { token } of tokens) await heard(token, 401)
    expect((await list()).data).toEqual([])
  })

  it('show and end for a limited key only with connections that it sees', async () => {
    const limited = async (limits: object) =>
      (await api().post<{ data: { secret: string } }>('/environment/api-keys', { display_name: JSON.stringify(limits), limits })).body.data
        .secret
    const [blind, seeing] = [await limited({ connections: { ids: ['another'] } }), await limited({ connections: { ids: [id] } })]
    const token = await newToken()
    expect((await api(blind).get<Listed>('/connection-tokens')).body.data).toEqual([])
    expect((await api(blind).call('DELETE', `/connection-tokens/${token.id}`)).status).toBe(404)
    expect((await api(seeing).get<Listed>('/connection-tokens')).body.data).toMatchObject([{ id: token.id }])
    expect((await api(seeing).call('DELETE', `/connection-tokens/${token.id}`)).status).toBe(200)
  })
})

describe('revoking a key that leaked', () => {
  it('ends its tokens on all nodes, and names the keys that were made with it, which go on', async () => {
    const leaked = await newKey('leaked')
    const child = await newKey('child', leaked.secret)
    const grandchild = await newKey('grandchild', child.secret)
    const signer = await newSigningKey('registered by leaked', child.secret)
    const token = await newToken({}, leaked.secret)
    await heard(token.token, 200)
    const revoked = await api().call('DELETE', `/environment/api-keys/${leaked.id}`)
    expect(revoked.body).toEqual({
      ...{ success: true, cascade: false, connection_tokens_ended: 1 },
      api_keys_created: [
        { id: child.id, display_name: 'child' },
        { id: grandchild.id, display_name: 'grandchild' },
      ],
      signing_keys_registered: [{ id: signer, display_name: 'registered by leaked' }],
    })
    await heard(token.token, 401)
    expect((await api(grandchild.secret).get('/connections')).status).toBe(200)
    expect(await statusAt(server.url, await jwt(signer))).toBe(200)
  })

  it('with cascade ends them too, also through a key that was revoked before', async () => {
    const leaked = await newKey('leaked again')
    const child = await newKey('child of it', leaked.secret)
    const grandchild = await newKey('grandchild of it', child.secret)
    const signer = await newSigningKey('by grandchild', grandchild.secret)
    const signed = await jwt(signer)
    const token = await newToken({}, grandchild.secret)
    await api().call('DELETE', `/environment/api-keys/${child.id}`)
    for (const good of [token.token, signed]) await heard(good, 200)
    const revoked = await api().call('DELETE', `/environment/api-keys/${leaked.id}?cascade=true`)
    expect(revoked.body).toEqual({
      ...{ success: true, cascade: true, connection_tokens_ended: 1 },
      api_keys_created: [{ id: grandchild.id, display_name: 'grandchild of it' }],
      signing_keys_registered: [{ id: signer, display_name: 'by grandchild' }],
    })
    for (const bad of [token.token, signed]) await heard(bad, 401)
    expect((await api(grandchild.secret).get('/connections')).status).toBe(401)
  })
})

describe('a JWT exchanged for a token', () => {
  const exchange = (body: object) =>
    createApiClient(server.url, '').call<{ data: Made } & ErrorAnswer>('POST', '/connection-tokens/exchange', { body })

  it('has the form that the Salesforce CLI demands, may do what the JWT may, and ends no later', async () => {
    const kid = await newSigningKey('for exchange')
    const signed = await jwt(kid, { paths: [`${DATA}/limits`] }, 120)
    const made = await exchange({ token: signed, expires_in: 3600 })
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    const { token, expires_at } = made.body.data
    const asSf = (text: string) => `00D5g000004XyzEAB!${text}`
    // A JWT has that form only by luck: the base64url that it is made of has hyphens.
    expect(asSf(`${signed}-`)).not.toMatch(sfdcAccessTokenForm)
    expect(asSf(token)).toMatch(sfdcAccessTokenForm)
    // The skew that is granted to the JWT is granted here too.
    expect(Date.parse(expires_at)).toBeLessThanOrEqual(server.clock.now() + 180_000)
    expect([await statusAt(server.url, token), await statusAt(server.url, token, DATA)]).toEqual([200, 403])
    expect((await createApiClient(server.gatewayUrl, asSf(token)).get(`${DATA}/limits`)).status).toBe(200)
    expect((await list(`?made_by=${kid}`)).data).toMatchObject([{ made_by: { kind: 'signing_key', display_name: 'for exchange' } }])
    const { rows } = await server.kit.db.pool.query(
      `select actor ->> 'kind' as kind from audit_event where action = 'connection_token.exchange'`,
    )
    expect(rows).toEqual([{ kind: 'signing_key' }])
  })

  it('ends with the signing key, on all nodes', async () => {
    const kid = await newSigningKey('soon deleted')
    const { token } = (await exchange({ token: await jwt(kid) })).body.data
    await heard(token, 200)
    await api().call('DELETE', `/environment/signing-keys/${kid}`)
    await heard(token, 401)
  })

  it('is refused for what is no JWT of ours, for a connection that is not there, and a hundred times over', async () => {
    const kid = await newSigningKey('refusals')
    const code = async (token: string) => (await exchange({ token })).body.error?.code
    expect(await code('nonsense')).toBe('invalid_token')
    expect(await code((await newToken()).token)).toBe('invalid_token')
    expect(await code(`${await jwt(kid)}x`)).toBe('invalid_token')
    expect(await code(await jwt(kid, { aud: 'https://elsewhere.example' }))).toBe('invalid_token')
    expect(await code(await jwt(kid, { sub: 'nobody' }))).toBe('unknown_connection')
    expect(await code(await jwt(kid, { integration: 'nowhere' }))).toBe('unknown_provider_config')
    const signed = await jwt(kid)
    await server.kit.db.pool.query(
      `insert into connection_token (id, environment_id, connection_id, signing_key_id, token_hash, expires_at)
       select gen_random_uuid(), environment_id, id, $1, sha256(n::text::bytea), now() + interval '1 hour' from connection, generate_series(1, 100) n where connection_id = $2`,
      [kid, id],
    )
    expect(await code(signed)).toBe('too_many_request')
  })
})
