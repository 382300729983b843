/** `@nangohq/node`: connect sessions, connections, metadata. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, signIn } from '../customer.ts'
import { nodeClient, refusalOf, type NodeClient } from './stock-clients.ts'

const INTEGRATION = 'sf'
let server: TestServer
let client: NodeClient

beforeAll(async () => {
  server = await startTestServer()
  client = await nodeClient({ host: `${server.url}/`, apiKey: server.apiKey })
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'node_client'))
})
afterAll(() => server?.close())

describe('connect sessions', () => {
  let id: string

  it('open a sign-in whose connection the backend waits for', async () => {
    const { data } = await client.createConnectSession({
      end_user: { id: 'ann', email: 'ann@acme.example', display_name: 'Ann', tags: { plan: 'gold' } },
      organization: { id: 'acme', display_name: 'Acme' },
      allowed_integrations: [INTEGRATION],
      tags: { Region: 'EU' },
    })
    expect(data.token).toMatch(/^nango_connect_session_[0-9a-f]{64}$/)
    expect(data.connect_link).toBe(`${server.url}/connect-ui/?session_token=${data.token}`)
    const left = Date.parse(data.expires_at) - Date.now()
    expect(left).toBeGreaterThan(29 * 60_000)
    const page = await signIn(server, INTEGRATION, data.token)
    expect(page.result?.outcome).toBe('success')
    const found = await client.waitForConnection(INTEGRATION, 'ann', { signal: AbortSignal.timeout(30_000) })
    expect(found).toMatchObject({ provider_config_key: INTEGRATION, end_user: { id: 'ann' } })
    id = found.connection_id
    const connection = await client.getConnection(INTEGRATION, id)
    expect(connection.end_user).toEqual({
      id: 'ann',
      email: 'ann@acme.example',
      display_name: 'Ann',
      tags: { plan: 'gold' },
      organization: { id: 'acme', display_name: 'Acme' },
    })
    expect(connection.tags).toMatchObject({
      end_user_id: 'ann',
      end_user_email: 'ann@acme.example',
      organization_id: 'acme',
      plan: 'gold',
      region: 'EU',
    })
  })

  it('renew a connection', async () => {
    const before = await client.getToken(INTEGRATION, id)
    const { data } = await client.createReconnectSession({ connection_id: id, integration_id: INTEGRATION })
    const page = await signIn(server, INTEGRATION, data.token)
    expect(page.result).toMatchObject({ outcome: 'success', connection_id: id })
    expect(await client.getToken(INTEGRATION, id)).not.toBe(before)
    expect(await refusalOf(client.createReconnectSession({ connection_id: 'nobody', integration_id: INTEGRATION }))).toMatchObject({
      status: 400,
      code: 'invalid_body',
    })
  })

  it('name the broken field of a wrong request', async () => {
    const refused = await client
      .createConnectSession({ end_user: { id: 'a' }, allowed_integrations: ['nowhere'] })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({
      response: { status: 400, data: { error: { code: 'invalid_body', errors: [{ path: ['allowed_integrations', 0] }] } } },
    })
  })
})

describe('connections', () => {
  it('are listed in both forms of the call', async () => {
    const id = await connect(server, INTEGRATION, { endUser: 'bob' })
    const byPosition = await client.listConnections(id)
    expect(byPosition.connections).toHaveLength(1)
    const [listed] = byPosition.connections
    expect(listed).toMatchObject({ connection_id: id, provider: 'salesforce-sandbox', end_user: { id: 'bob' } })
    expect(Number.isInteger(listed?.id)).toBe(true)
    expect(Number.isNaN(Date.parse(listed?.created ?? ''))).toBe(false)
    expect((await client.listConnections(undefined, undefined, { endUserId: 'bob', limit: 5, page: 0 })).connections).toHaveLength(1)
    expect((await client.listConnections(undefined, id.slice(0, 8))).connections.map((one) => one.connection_id)).toContain(id)
    const byObject = { userId: 'bob', integrationId: [INTEGRATION, 'other'], limit: 10 }
    expect((await client.listConnections(byObject)).connections.map((one) => one.connection_id)).toEqual([id])
    expect((await client.listConnections({ tags: { end_user_id: 'bob' } })).connections).toHaveLength(1)
    expect((await client.listConnections({ userId: 'nobody' })).connections).toEqual([])
    const pages = [await client.listConnections({ limit: 1 }), await client.listConnections({ limit: 1, page: 1 })]
    expect(pages.map((page) => page.connections.length)).toEqual([1, 1])
    expect(pages[0]?.connections[0]?.connection_id).not.toBe(pages[1]?.connections[0]?.connection_id)
  })

  it('hand out tokens, fresh ones when asked, the refresh token only when asked', async () => {
    const id = await connect(server, INTEGRATION, { endUser: 'tokens' })
    const connection = await client.getConnection(INTEGRATION, id)
    expect(connection).toMatchObject({ connection_id: id, provider_config_key: INTEGRATION, credentials: { type: 'OAUTH2' } })
    expect(connection.connection_config['instance_url']).toBe('https://acme--uat.sandbox.my.salesforce.com')
    expect(JSON.stringify(connection)).not.toContain('5Aep861')
    const token = await client.getToken(INTEGRATION, id)
    expect(token).toBe(connection.credentials.access_token)
    const raw = await client.getRawTokenResponse(INTEGRATION, id)
    expect(raw).toMatchObject({ access_token: token, token_type: 'Bearer', instance_url: 'https://acme--uat.sandbox.my.salesforce.com' })
    const forced = await client.getToken(INTEGRATION, id, true)
    expect(forced).toMatch(/^00D/)
    expect(forced).not.toBe(token)
    const withRefresh = await client.getConnection(INTEGRATION, id, false, true)
    expect(withRefresh.credentials.refresh_token).toMatch(/^5Aep861/)
  })

  it('have metadata that is set, merged and read', async () => {
    const [one, two] = [await connect(server, INTEGRATION, { endUser: 'm1' }), await connect(server, INTEGRATION, { endUser: 'm2' })]
    const set = await client.setMetadata(INTEGRATION, [one, two], { color: 'red', nested: { a: 1 } })
    expect(set.status).toBe(201)
    const merged = await client.updateMetadata(INTEGRATION, one, { size: 3 })
    expect(merged.status).toBe(200)
    expect(await client.getMetadata(INTEGRATION, one)).toEqual({ color: 'red', nested: { a: 1 }, size: 3 })
    expect(await client.getMetadata(INTEGRATION, two)).toEqual({ color: 'red', nested: { a: 1 } })
    expect(await refusalOf(client.setMetadata(INTEGRATION, [one, 'nobody'], {}))).toMatchObject({ status: 404, code: 'unknown_connection' })
    expect(await client.getMetadata(INTEGRATION, one)).toMatchObject({ color: 'red' })
  })

  it('are changed and deleted', async () => {
    const id = await connect(server, INTEGRATION, { endUser: 'leaves' })
    const at = { connectionId: id, provider_config_key: INTEGRATION }
    expect(await client.patchConnection(at, { tags: { Tier: 'free' }, end_user: { id: 'stays', email: 'stays@acme.example' } })).toEqual({
      success: true,
    })
    const { tags, end_user: endUser } = await client.getConnection(INTEGRATION, id)
    expect(tags).toMatchObject({ tier: 'free', end_user_id: 'stays', end_user_email: 'stays@acme.example' })
    expect(endUser).toMatchObject({ id: 'stays' })
    const deleted = await client.deleteConnection(INTEGRATION, id)
    expect([deleted.status, deleted.data]).toEqual([200, { success: true }])
    expect((await refusalOf(client.getConnection(INTEGRATION, id))).status).toBe(404)
    expect((await refusalOf(client.deleteConnection(INTEGRATION, id))).code).toBe('unknown_connection')
  })
})
