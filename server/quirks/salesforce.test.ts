import { createHmac } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Failure } from '@hawser/api/errors.ts'
import { createEgress, type Egress } from '#egress/dispatcher.ts'
import { secret } from '#lib/secret.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import type { Provider } from '#providers/schema.ts'
import { quirkOf } from './all.ts'

const catalogue = await loadCatalogue({ folder: fileURLToPath(new URL('../../providers', import.meta.url)) })
const production = catalogue.get('salesforce')!
const quirk = quirkOf(production)

const SECRET = 'consumer-secret'
const id = 'https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS'
const answer = (change: Record<string, unknown> = {}) => {
  const raw: Record<string, unknown> = {
    access_token: '00Dxx0000001gPL!AQ',
    instance_url: 'https://acme.my.salesforce.com',
    id,
    issued_at: '1558553873237',
    ...change,
  }
  return { signature: createHmac('sha256', SECRET).update(`${raw['id']}${raw['issued_at']}`).digest('base64'), ...raw }
}
const read = (raw: Record<string, unknown>, provider: Provider = production, phase: 'connect' | 'refresh' = 'connect') =>
  quirk.readTokenAnswer({ provider, raw, phase, clientSecret: secret(SECRET) })

describe('a token answer', () => {
  it('leaves instance URL, org and user', () => {
    expect(read(answer())).toEqual({
      ok: true,
      connectionConfig: { instance_url: 'https://acme.my.salesforce.com', org_id: '00Dxx0000001gPLEAY', user_id: '005xx000001SwiUAAS' },
    })
  })

  it.each([
    'https://evil.example',
    'https://acme.my.salesforce.com.evil.example',
    'http://acme.my.salesforce.com',
    'https://login.salesforce.com',
    'https://acme.lightning.force.com',
    undefined,
    7,
  ])('2. with a forged instance_url is refused: %s', (instance_url) =>
    expect(read(answer({ instance_url }))).toMatchObject({
      ok: false,
      code: 'instance_url_refused',
      diagnosis: { code: 'instance-url-refused', end_user_text: expect.not.stringContaining('host') },
    }),
  )

  it('2. is refused on a refresh too when instance_url is foreign, and changes nothing without one', () => {
    expect(read(answer({ instance_url: 'https://evil.example' }), production, 'refresh')).toMatchObject({
      ok: false,
      code: 'instance_url_refused',
    })
    expect(read({ access_token: 'x' }, production, 'refresh')).toEqual({ ok: true, connectionConfig: {} })
  })

  it('with a wrong signature is refused', () => {
    expect(read({ ...answer(), signature: createHmac('sha256', 'other').update('x').digest('base64') })).toMatchObject({
      code: 'connection_validation_failed',
    })
    expect(read({ ...answer(), issued_at: '1' })).toMatchObject({ code: 'connection_validation_failed' })
    expect(read({ ...answer(), signature: 5 })).toMatchObject({
      code: 'connection_validation_failed',
      diagnosis: { code: 'token-signature-mismatch', class: 'config' },
    })
  })

  it('of two orgs at once is refused', () => {
    expect(read(answer({ access_token: '00Dxx0000009zzz!AQ' }))).toMatchObject({
      code: 'connection_validation_failed',
      message: expect.stringContaining('two different orgs'),
    })
  })

  it('of the practice org passes on its exact host only', () => {
    const { environment: _none, ...rest } = production
    const practice: Provider = { ...rest, allowed_hosts: ['localhost:3005'] }
    const raw = answer({ instance_url: 'http://localhost:3005', id: 'http://localhost:3005/id/00Dxx0000001gPLEAY/005xx000001SwiUAAS' })
    expect(read(raw, practice)).toMatchObject({
      ok: true,
      connectionConfig: { instance_url: 'http://localhost:3005', org_id: '00Dxx0000001gPLEAY' },
    })
    expect(read(answer({ instance_url: 'http://localhost:3006' }), practice)).toMatchObject({ code: 'instance_url_refused' })
    expect(read(raw, production)).toMatchObject({ code: 'instance_url_refused' })
  })
})

describe('the My Domain field', () => {
  it.each([
    ['acme', 'acme.my.salesforce.com'],
    [' acme--uat ', 'acme--uat.sandbox.my.salesforce.com'],
    ['https://acme.lightning.force.com/lightning/page/home', 'acme.my.salesforce.com'],
  ])('%j becomes %s', (typed, host) => expect(quirk.normaliseField(production, 'hostname', typed)).toEqual({ ok: true, value: host }))

  it('1. anything else is refused with what to type', () => {
    const refused = quirk.normaliseField(production, 'hostname', 'evil.example')
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('My Domain') })
  })
})

describe('an answer of the API', () => {
  it('is worth a fresh token only where that may help', () => {
    expect(
      quirk.isRefreshable(401, 'application/json', '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'),
    ).toBe(true)
    expect(quirk.isRefreshable(403, 'text/html', 'Bad_OAuth_Token')).toBe(true)
    expect(
      quirk.isRefreshable(403, 'application/json', '[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]'),
    ).toBe(false)
    const { family: _none, ...other } = production
    expect(quirkOf(other).isRefreshable(401, undefined, '')).toBe(true)
    expect(quirkOf(other).isRefreshable(403, undefined, '')).toBe(false)
  })
})

describe('an import', () => {
  let server: Server
  let egress: Egress
  let reply: (response: ServerResponse) => void
  let bearer: string | undefined
  beforeAll(async () => {
    server = createServer((request, response) => {
      bearer = request.headers.authorization
      reply(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    egress = createEgress({ trustedHosts: [{ host: 'localhost', port }] })
  })
  afterAll(async () => {
    await egress.close(0)
    server.close()
  })
  const confirm = (instance_url?: string) => {
    const host = `localhost:${(server.address() as AddressInfo).port}`
    return quirk.confirmImport({
      egress,
      provider: { ...production, allowed_hosts: [host] },
      accessToken: 'tok',
      connectionConfig: { instance_url: instance_url ?? `http://${host}` },
      timeoutMs: 2000,
    })
  }
  const code = (expected: string) => (error: unknown) => error instanceof Failure && error.code === expected

  it('is proved by userinfo with the access token', async () => {
    reply = (response) => response.end(JSON.stringify({ organization_id: '00Dxx0000001gPLEAY', user_id: '005xx000001SwiUAAS' }))
    expect(await confirm()).toMatchObject({ org_id: '00Dxx0000001gPLEAY', user_id: '005xx000001SwiUAAS' })
    expect(bearer).toBe('Bearer tok')
  })

  it('is refused when the org does not know the token', async () => {
    reply = (response) => response.writeHead(403, { 'content-type': 'text/html' }).end('Bad_OAuth_Token')
    await expect(confirm()).rejects.toSatisfy(code('connection_test_failed'))
  })

  it('2. does not send the token to a foreign instance_url', async () => {
    bearer = undefined
    await expect(confirm('https://evil.example')).rejects.toSatisfy(code('instance_url_refused'))
    expect(bearer).toBeUndefined()
  })

  it('is not decided by an outage', async () => {
    reply = (response) => response.writeHead(503).end()
    await expect(confirm()).rejects.toSatisfy(code('connection_validation_failed'))
  })
})
