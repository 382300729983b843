import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress } from '#egress/dispatcher.ts'
import { createOidcClient, type OidcClient, type OidcOptions } from './oidc-client.ts'

/** A provider that lies as the test wishes. */
let server: Server
let issuer: string
let egress: Egress
let key: CryptoKey
let published: { kid: string; jwk: object }[]
let claims: JWTPayload
let header: { alg: string; kid?: string }
let signWith: CryptoKey | Uint8Array
let discovery: Record<string, unknown>
let tokenStatus: number
let asked: string[]

const parts = { state: 's', nonce: 'the nonce', verifier: 'v'.repeat(43) }

beforeAll(async () => {
  const pair = await generateKeyPair('RS256')
  key = pair.privateKey
  const jwk = await exportJWK(pair.publicKey)
  server = createServer((request, response) => {
    void (async () => {
      const path = request.url?.split('?')[0] ?? ''
      asked.push(path)
      const reply = (body: unknown, status = 200) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (path === '/.well-known/openid-configuration') return reply(discovery)
      if (path === '/keys') return reply({ keys: published.map(({ kid, jwk: one }) => ({ ...one, kid })) })
      if (path === '/userinfo') return reply({ sub: 'somebody else', email: 'x@example.com', email_verified: true })
      const token = await new SignJWT(claims).setProtectedHeader(header).sign(signWith)
      return reply({ id_token: token, access_token: 'at' }, tokenStatus)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  issuer = `http://localhost:${port}`
  egress = createEgress({ trustedHosts: [{ host: 'localhost', port }], connector: undefined, httpsProxy: undefined, noProxy: undefined })
  published = [{ kid: 'one', jwk }]
})
afterAll(async () => {
  await egress.close(100)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

let client: OidcClient
let now: number
beforeEach(() => {
  now = Date.now()
  asked = []
  tokenStatus = 200
  header = { alg: 'RS256', kid: 'one' }
  signWith = key
  published = published.slice(0, 1)
  const seconds = Math.floor(now / 1000)
  claims = {
    iss: issuer,
    aud: 'client',
    sub: 'p1',
    exp: seconds + 300,
    iat: seconds,
    nonce: 'the nonce',
    email: 'A@Example.com',
    email_verified: true,
  }
  discovery = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
  }
  client = createOidcClient({ ...options(), issuer })
})
const options = (): OidcOptions => ({
  ...{ egress, clock: { now: () => now }, issuer, clientId: 'client', clientSecret: 'a:b &c', redirectUri: 'http://localhost:3003/cb' },
})
const identity = () => client.identityOf({ code: 'c', iss: undefined }, parts)
const reason = async () =>
  identity().then(
    () => 'let in',
    (error: Error) => error.message,
  )

describe('an identity', () => {
  it('is read from a good token', async () => {
    expect(await identity()).toMatchObject({ subject: 'p1', email: 'a@example.com', emailVerified: true })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.example' }, /JWT_CLAIM/],
    ['another audience', { aud: 'another' }, /JWT_CLAIM/],
    ['another audience besides, and no word for whom', { aud: ['client', 'another'] }, /another client/],
    ['made for another client', { azp: 'another' }, /another client/],
    ['another nonce', { nonce: 'x' }, /nonce/],
    ['no nonce', { nonce: undefined }, /nonce/],
    ['over', { exp: 1 }, /JWT_EXPIRED/],
    ['no end', { exp: undefined }, /JWT_CLAIM/],
    ['no subject', { sub: undefined }, /JWT_CLAIM/],
  ])('is not read from a token: %s', async (_name, change, expected) => {
    claims = { ...claims, ...change } as JWTPayload
    expect(await reason()).toMatch(expected)
  })

  it('is not read from a token that the client’s own secret, or a stranger’s key signed', async () => {
    header = { alg: 'HS256' }
    signWith = new TextEncoder().encode('a:b &c')
    expect(await reason()).toMatch(/id token/)
    header = { alg: 'RS256', kid: 'one' }
    signWith = (await generateKeyPair('RS256')).privateKey
    expect(await reason()).toMatch(/SIGNATURE/)
  })

  it('is read with a key that is new there, and keys are asked for once a minute at most', async () => {
    await identity()
    const second = await generateKeyPair('ES256')
    header = { alg: 'ES256', kid: 'two' }
    signWith = second.privateKey
    published = [...published, { kid: 'two', jwk: await exportJWK(second.publicKey) }]
    expect(await reason()).toMatch(/NO_MATCHING_KEY/)
    now += 61_000
    expect(await reason()).toBe('let in')
    expect(asked.filter((path) => path === '/keys')).toHaveLength(2)
  })

  it('of the userinfo must be about the same person', async () => {
    delete claims['email']
    expect(await reason()).toMatch(/somebody else/)
  })

  it('is none when the discovery names another issuer, or the answer is no answer', async () => {
    tokenStatus = 400
    expect(await reason()).toMatch(/token: status 400/)
    discovery = { ...discovery, issuer: 'https://evil.example' }
    client = createOidcClient(options())
    expect(await reason()).toMatch(/calls itself/)
  })

  it('17. is asked for through the guard', async () => {
    const guarded = createEgress({ trustedHosts: [], connector: undefined, httpsProxy: undefined, noProxy: undefined })
    client = createOidcClient({ ...options(), egress: guarded })
    expect(await reason()).toMatch(/^discovery: /)
    expect(asked).toEqual([])
    await guarded.close(100)
  })
})
