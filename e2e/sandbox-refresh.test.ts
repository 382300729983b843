/** A sandbox is refreshed: same host, new org id, everything issued before is void. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, proxied, query, readConnection, signIn } from './customer.ts'

const INTEGRATION = 'refreshed-sandbox'
let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'before_refresh'))
  id = await connect(server, INTEGRATION)
})
afterAll(() => server?.close())

describe('after a sandbox refresh', () => {
  let oldOrgId: string
  let newOrgId: string

  it('says what happened and what to do, and does not ask again and again', async () => {
    ;({ oldOrgId, newOrgId } = server.fake.sandboxRefresh('acme-uat'))
    expect((await readConnection(server, id, INTEGRATION)).connection_config).toMatchObject({ org_id: oldOrgId })
    const tokenRequests = (): number => server.fake.log.counts['token:refresh_token'] ?? 0
    for (const _ of [1, 2, 3]) {
      const answer = await proxied(server, id, INTEGRATION, query('SELECT Id FROM Account'))
      expect(answer.status).toBe(424)
      const { error } = (await answer.json()) as ErrorAnswer
      expect(error.code).toBe('invalid_credentials')
      expect(error.message).not.toBe('')
      expect(error.diagnosis).toMatchObject({
        fix: expect.arrayContaining([expect.stringMatching(/\w/)]),
        end_user_text: expect.stringMatching(/\w/),
      })
      expect(`${error.diagnosis?.cause} ${error.diagnosis?.fix}`).toMatch(/refresh/i)
    }
    expect(tokenRequests()).toBe(1)
  })

  it('shows the issue on the connection, in the list too', async () => {
    const api = createApiClient(server.url, server.apiKey)
    const list = await api.get<{ connections: { connection_id: string; errors: { type: string }[] }[] }>('/connections')
    expect(list.body.connections.find((one) => one.connection_id === id)?.errors).toHaveLength(1)
    const read = await api.get<ErrorAnswer>(connectionPath(id, INTEGRATION))
    expect([read.status, read.body.error.code]).toEqual([424, 'invalid_credentials'])
  })

  it('works again after the app is made anew, its key is entered, and the customer reconnects', async () => {
    const api = createApiClient(server.url, server.apiKey)
    server.fake.addUser({ orgKey: 'acme-uat', username: 'new@acme.example.uat' })
    const { clientId, clientSecret } = addOrgApp(server, 'acme-uat', 'after_refresh')
    const changed = await api.call('PATCH', `/integrations/${INTEGRATION}`, {
      body: { credentials: { type: 'OAUTH2', client_id: clientId, client_secret: clientSecret } },
    })
    expect(changed.status).toBe(200)
    const session = await api.post<{ data: { token: string } }>('/connect/sessions/reconnect', {
      connection_id: id,
      integration_id: INTEGRATION,
    })
    expect(session.status).toBe(201)
    const page = await signIn(server, INTEGRATION, session.body.data.token)
    expect(page.result).toMatchObject({ outcome: 'success', connection_id: id })
    expect((await proxied(server, id, INTEGRATION, query('SELECT Id FROM Account'))).status).toBe(200)
    const connection = await readConnection(server, id, INTEGRATION)
    expect(connection.connection_config).toMatchObject({ org_id: newOrgId })
    expect(connection.issues.map((issue) => issue.kind)).not.toContain('refresh_failed')
    expect(connection.errors.length).toBe(connection.issues.length)
  })
})
