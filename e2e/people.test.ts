/** People on the whole server: what they see and do, by the cookie of their session, and what the audit trail says of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, connectionPath, DATA } from './customer.ts'

const INTEGRATION = 'acme'
const PASSWORD = 'violet kettle orbit'
let server: TestServer
let id: string
let owner: Person
let developer: Person

interface Reply {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect
  body: any
}
interface Person {
  cookie: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
}

function visitor(): Person {
  const person: Person = {
    cookie: '',
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          ...{ 'sec-fetch-site': 'same-origin', 'hawser-environment': '', cookie: person.cookie },
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      })
      const session = response.headers.getSetCookie().find((one) => one.startsWith('hawser_session='))
      if (session) person.cookie = session.split(';')[0]!
      const text = await response.text()
      return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
    },
  }
  return person
}

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'people'))
  id = await connect(server, INTEGRATION)
  const token = (await server.server.firstOwnerLink())!.split('#')[1]!
  owner = visitor()
  await owner.call('POST', '/accounts/welcome', { token, email: 'owner@example.com', name: 'Olga', password: PASSWORD })
  const roles = [{ environment: 'dev', role: 'developer' }]
  const { url } = (await owner.call('POST', '/people/invitations', { email: 'dev@example.com', roles })).body.data
  developer = visitor()
  await developer.call('POST', '/accounts/accept-invitation', { token: url.split('#')[1], name: 'Dora', password: PASSWORD })
})
afterAll(() => server?.close())

const token = async (person: Person): Promise<string> =>
  (await person.call('POST', `/connections/${id}/tokens?provider_config_key=${INTEGRATION}`, {})).body.data.token
const proxied = async (headers: Record<string, string>) => (await fetch(`${server.url}/proxy${DATA}/limits`, { headers })).status

describe('a person', () => {
  it('sees what her role shows, and no secret unasked', async () => {
    const listed = await developer.call('GET', '/connections')
    expect(listed.body.connections).toHaveLength(1)
    const mine = await owner.call('GET', connectionPath(id, INTEGRATION))
    expect(mine.status).toBe(200)
    expect(mine.body.credentials?.access_token).toBeUndefined()
    const revealed = await owner.call('GET', connectionPath(id, INTEGRATION), undefined, { 'hawser-reveal': 'true' })
    expect(revealed.body.credentials.access_token).toMatch(/^00D/)
    const refused = await developer.call('GET', connectionPath(id, INTEGRATION), undefined, { 'hawser-reveal': 'true' })
    expect(refused.body.credentials?.access_token).toBeUndefined()
  })

  it('13. sees no environment that she has no role in', async () => {
    expect((await developer.call('GET', '/connections', undefined, { 'hawser-environment': 'prod' })).status).toBe(404)
    expect((await owner.call('GET', '/connections', undefined, { 'hawser-environment': 'prod' })).body.connections).toEqual([])
  })

  it('hands on to a key no more than her role holds', async () => {
    const make = (scopes?: string[]) =>
      developer.call('POST', '/environment/api-keys', { display_name: `k ${scopes?.join()}`, ...(scopes ? { scopes } : {}) })
    expect((await make()).status).toBe(403)
    expect((await make(['environment:connections:read_credentials'])).status).toBe(403)
    expect((await make(['environment:connections:list'])).status).toBe(200)
    expect((await owner.call('POST', '/environment/api-keys', { display_name: 'all' })).body.data.expires_at).toBeNull()
  })

  it('15. calls the proxy by a token of the connection, never by her cookie', async () => {
    expect(await proxied({ cookie: owner.cookie, 'provider-config-key': INTEGRATION, 'connection-id': id })).toBe(401)
    const ownersToken = await token(owner)
    expect(await proxied({ authorization: `Bearer ${ownersToken}` })).toBe(200)
    expect(await proxied({ authorization: `Bearer ${ownersToken}`, 'sec-fetch-site': 'same-origin', cookie: 'a=b' })).toBe(200)
    const gateway = await fetch(`${server.gatewayUrl}${DATA}/limits`, { headers: { cookie: owner.cookie } })
    expect(gateway.status).toBe(401)
  })

  it('loses her tokens with her role, and with her session', async () => {
    const { id: personId } = (await developer.call('GET', '/people/me')).body.data
    const first = await token(developer)
    expect(await proxied({ authorization: `Bearer ${first}` })).toBe(200)
    await owner.call('PATCH', `/people/${personId}`, { roles: [{ environment: 'dev', role: 'developer' }] })
    await expect.poll(() => proxied({ authorization: `Bearer ${first}` })).toBe(401)
    const second = await token(developer)
    await developer.call('POST', '/accounts/sign-out')
    await expect.poll(() => proxied({ authorization: `Bearer ${second}` })).toBe(401)
  })

  it('34. is named in the trail, with where she was', async () => {
    await server.server.flush()
    const { id: personId } = (await owner.call('GET', '/people/me')).body.data
    const { events } = (await owner.call('GET', '/audit?limit=100')).body as { events: Record<string, unknown>[] }
    const byOwner = events.filter((event) => (event['actor'] as { id?: string }).id === personId)
    expect(new Set(byOwner.map((event) => event['action']))).toEqual(
      new Set([
        ...['credentials.read', 'credentials.used', 'connection_token.create', 'api_key.create'],
        ...['person.became_owner', 'person.invited', 'person.roles_changed'],
      ]),
    )
    expect(byOwner.find((event) => event['action'] === 'credentials.read')).toMatchObject({
      actor: { kind: 'person', id: personId },
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    })
    const asKey = await fetch(`${server.url}/audit?limit=100`, { headers: { authorization: `Bearer ${server.apiKey}` } })
    expect(await asKey.text()).not.toContain('person.invited')
  })

  it('34. leaves a row for each secret that is revealed to her, whatever the call was for', async () => {
    const reveal = { 'hawser-reveal': 'true' }
    const rows = async (action: string) => {
      await server.server.flush()
      const { events } = (await owner.call('GET', `/audit?limit=100&action=${action}`)).body as { events: unknown[] }
      return events.length
    }
    const key = 'environment.read_webhook_signing_key'
    const before = [await rows(key), await rows('credentials.read')]
    expect((await owner.call('GET', '/environment')).body.data.webhook_signing_key).toBeNull()
    expect((await owner.call('PATCH', '/environment', {})).body.data.webhook_signing_key).toBeNull()
    expect((await owner.call('GET', '/environment', undefined, reveal)).body.data.webhook_signing_key).toBeTruthy()
    expect((await owner.call('PATCH', '/environment', {}, reveal)).body.data.webhook_signing_key).toBeTruthy()
    expect((await owner.call('GET', connectionPath(id, INTEGRATION), undefined, reveal)).body.credentials.access_token).toBeTruthy()
    expect([await rows(key), await rows('credentials.read')]).toEqual([before[0]! + 2, before[1]! + 1])
  })

  it('15. finds no secret in any other answer that she asks to be revealed', async () => {
    const secrets = [
      (await owner.call('GET', connectionPath(id, INTEGRATION), undefined, { 'hawser-reveal': 'true' })).body.credentials,
      (await owner.call('GET', connectionPath(id, INTEGRATION, { refresh_token: 'true' }), undefined, { 'hawser-reveal': 'true' })).body
        .credentials,
    ].flatMap(({ access_token: access, refresh_token: refresh }) =>
      [access, refresh].filter((one): one is string => typeof one === 'string'),
    )
    expect(secrets.length).toBeGreaterThanOrEqual(2)
    const paths = [
      '/connections',
      '/integrations',
      `/integrations/${INTEGRATION}?include=credentials,webhook`,
      `/integrations/${INTEGRATION}/clients`,
    ]
    for (const path of [...paths, '/activity', '/issues', '/orgs', '/audit?limit=100', '/webhooks/deliveries', '/people', '/overview']) {
      const { body } = await owner.call('GET', path, undefined, { 'hawser-reveal': 'true' })
      for (const one of secrets) expect([path, JSON.stringify(body).includes(one)]).toEqual([path, false])
    }
  })

  it('15. must have proved lately who she is before she deletes what revokes grants', async () => {
    server.clock.advance(16 * 60_000)
    for (const path of [connectionPath(id, INTEGRATION), `/integrations/${INTEGRATION}`]) {
      const answer = await owner.call('DELETE', path)
      expect([answer.status, answer.body.error?.code]).toEqual([403, 'confirm_identity'])
    }
    expect((await owner.call('GET', '/connections')).body.connections).toHaveLength(1)
  })
})
