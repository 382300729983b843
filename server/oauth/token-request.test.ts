import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress } from '#egress/dispatcher.ts'
import { secret } from '#lib/secret.ts'
import type { Provider } from '#providers/schema.ts'
import { oauth2 } from '#auth-modes/oauth2.ts'
import { revocationUrl, revokeToken } from './revocation.ts'
import { exchangeCode, refreshTokens, type TokenRequestContext } from './token-request.ts'

const nowMs = Date.parse('2026-11-23T12:00:00Z')
type Seen = { path: string; headers: IncomingMessage['headers']; body: string }

let server: Server
let egress: Egress
let origin: string
let seen: Seen[] = []
let answer: (response: ServerResponse) => void

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body })
      answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  origin = `http://localhost:${port}`
  egress = createEgress({ trustedHosts: [{ host: 'localhost', port }] })
})
afterAll(async () => {
  await egress.close(0)
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen = []
  answer = (response) => response.end(JSON.stringify({ access_token: 'new', refresh_token: 'newer' }))
})

const provider = (change: Partial<Provider> = {}): Provider =>
  ({
    name: 'acme',
    display_name: 'Acme',
    auth_mode: 'OAUTH2',
    docs: 'https://docs.example.com',
    categories: [],
    allowed_hosts: [new URL(origin).host],
    token_url: `${origin}/token`,
    refresh_url: '${connectionConfig.instance_url}/refresh',
    revocation_url: '${connectionConfig.instance_url}/revoke',
    ...change,
  }) as Provider

const context = (change: Partial<TokenRequestContext> = {}): TokenRequestContext => ({
  egress,
  provider: provider(),
  client: { clientId: 'id', clientSecret: secret('s3cret+/&') },
  connectionConfig: { instance_url: origin },
  timeoutMs: 2000,
  nowMs,
  ...change,
})
const grant = { code: 'aPrx==', redirectUri: 'https://hawser.example.com/oauth/callback', verifier: 'v' }
const form = (index = 0) => Object.fromEntries(new URLSearchParams(seen[index]?.body))

describe('the code exchange', () => {
  it('sends code, verifier, redirect URI and the client in the body', async () => {
    expect(await exchangeCode(context(), grant)).toMatchObject({ ok: true, tokens: { access_token: 'new' } })
    expect(seen[0]).toMatchObject({ path: '/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(form()).toEqual({
      grant_type: 'authorization_code',
      code: 'aPrx==',
      redirect_uri: grant.redirectUri,
      code_verifier: 'v',
      client_id: 'id',
      client_secret: 's3cret+/&',
    })
  })

  it('sends the client by Basic where the entry says so, and then not in the body', async () => {
    await exchangeCode(context({ provider: provider({ authorization_method: 'header' }) }), grant)
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('id:s3cret%2B%2F%26').toString('base64')}`)
    expect(form()).not.toHaveProperty('client_secret')
  })

  it('works without a secret, for clients that PKCE alone proves', async () => {
    await exchangeCode(context({ client: { clientId: 'id', clientSecret: undefined } }), grant)
    expect(form()).toMatchObject({ client_id: 'id', code_verifier: 'v' })
    expect(form()).not.toHaveProperty('client_secret')
  })

  it('sends JSON where the entry says so', async () => {
    await exchangeCode(context({ provider: provider({ body_format: 'json' }) }), grant)
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({ grant_type: 'authorization_code', client_secret: 's3cret+/&' })
  })
})

describe('the refresh', () => {
  it('goes to the host of the org, with what the entry wants besides', async () => {
    await refreshTokens(context({ provider: provider({ refresh_params: { format: 'json' } }) }), 'old')
    expect(seen[0]?.path).toBe('/refresh')
    expect(form()).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'old',
      format: 'json',
      client_id: 'id',
      client_secret: 's3cret+/&',
    })
  })

  it('as auth mode OAUTH2, which then carries the token as bearer', async () => {
    const input = { ...context(), credentials: { type: 'OAUTH2', access_token: 'a', refresh_token: 'r', raw: {} } }
    expect(oauth2.canRefresh(input.credentials)).toBe(true)
    expect(oauth2.canRefresh({ access_token: 'a' })).toBe(false)
    expect(await oauth2.refresh(input)).toMatchObject({ ok: true, tokens: { refresh_token: 'newer' } })
    expect(oauth2.apply(input)).toEqual({ authorization: 'Bearer a' })
    const entry = provider({ proxy: { headers: { 'X-Token': '${accessToken}', 'X-Absent': '${connectionConfig.none}' } } })
    expect(oauth2.apply({ ...input, provider: entry })).toEqual({ authorization: 'Bearer a', 'x-token': 'a' })
  })
})

describe('what can go wrong', () => {
  it('2. sends nothing to a host that is not the provider’s', async () => {
    const outcome = await refreshTokens(context({ connectionConfig: { instance_url: 'https://evil.example' } }), 'old')
    expect(outcome).toMatchObject({ ok: false, failure: { error: 'token_host_refused', sent: false } })
    expect(seen).toEqual([])
  })

  it('3. does not follow a redirect', async () => {
    answer = (response) => response.writeHead(307, { location: `${origin}/elsewhere` }).end()
    expect(await exchangeCode(context(), grant)).toEqual({ ok: false, failure: { status: 307, sent: true, bodyKind: 'garbage' } })
    expect(seen).toHaveLength(1)
  })

  it('4. an endpoint that quotes secrets does not get them into the failure', async () => {
    answer = (response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ error: 'invalid_grant', error_description: `bad ${grant.code} ${encodeURIComponent('s3cret+/&')}` }))
    expect(await exchangeCode(context(), grant)).toMatchObject({ failure: { error_description: 'bad [secret] [secret]' } })
    answer = (response) => response.writeHead(500).end('<pre>s3cret+/& old</pre>')
    expect(await refreshTokens(context(), 'old-refresh')).toMatchObject({
      failure: { bodyKind: 'html', bodyText: '<pre>[secret] old</pre>' },
    })
  })

  it('tells whether the request may have arrived', async () => {
    answer = (response) => void response.socket?.destroy()
    expect(await refreshTokens(context(), 'old')).toEqual({ ok: false, failure: { network: 'reset', sent: true, bodyKind: 'none' } })
    answer = () => {}
    expect(await refreshTokens(context({ timeoutMs: 100 }), 'old')).toEqual({
      ok: false,
      failure: { network: 'timeout', sent: true, bodyKind: 'none' },
    })
    const closed = provider({ allowed_hosts: ['localhost:1'], token_url: 'http://localhost:1/token' })
    expect(await exchangeCode(context({ provider: closed }), grant)).toEqual({
      ok: false,
      failure: { network: 'refused', sent: false, bodyKind: 'none' },
    })
  })

  it('26. does not go out on a connection that has waited, and may be closing', async () => {
    const used = new Set<unknown>()
    answer = (response) => {
      // An idle connection is closed in the very moment of its next request.
      if (used.has(response.socket)) return void response.socket?.destroy()
      used.add(response.socket)
      response.end(JSON.stringify({ access_token: 'new' }))
    }
    for (let count = 0; count < 3; count++) {
      expect(await refreshTokens(context(), 'old')).toMatchObject({ ok: true })
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await exchangeCode(context(), grant)).toMatchObject({ ok: true })
    expect(used.size).toBe(4)
  })

  it('20. an endless answer ends', async () => {
    answer = (response) => {
      const more = () => void response.write(Buffer.alloc(65_536, 120), () => setImmediate(more))
      response.on('error', () => {})
      more()
    }
    expect(await exchangeCode(context(), grant)).toMatchObject({ ok: false, failure: { sent: true, bodyKind: 'garbage' } })
  })

  it('honours Retry-After', async () => {
    answer = (response) => response.writeHead(429, { 'retry-after': '7' }).end()
    expect(await refreshTokens(context(), 'old')).toMatchObject({ failure: { status: 429, retryAfter: 7, bodyKind: 'empty' } })
  })
})

describe('revocation', () => {
  const revoke = () => revokeToken({ egress, url: revocationUrl(provider(), { instance_url: origin }) ?? '', token: 't', timeoutMs: 2000 })

  it('posts the token to the host of the org', async () => {
    answer = (response) => response.end()
    await revoke()
    expect(seen[0]?.path).toBe('/revoke')
    expect(form()).toEqual({ token: 't' })
  })

  it('sends the client along when asked to', async () => {
    answer = (response) => response.end()
    await revokeToken({ egress, url: `${origin}/revoke`, token: 't', client: context().client, timeoutMs: 2000 })
    expect(form()).toEqual({ token: 't', client_id: 'id', client_secret: 's3cret+/&' })
  })

  it('takes a token that is gone already as done', async () => {
    answer = (response) => response.writeHead(400).end('error=invalid_token&error_description=token+is+invalid')
    await expect(revoke()).resolves.toBeUndefined()
  })

  it('throws, to be tried again, on an outage', async () => {
    answer = (response) => response.writeHead(503).end()
    await expect(revoke()).rejects.toThrow('503')
  })

  it('2. has no address on a foreign host', () => {
    expect(revocationUrl(provider(), { instance_url: 'https://evil.example' })).toBeUndefined()
  })
})
