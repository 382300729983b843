/** Several customers, each with an org, a host and perhaps an app of her own: nothing of one may reach another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, openSession, proxied, query, readConnection, signIn } from './customer.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server?.close())

const refreshesAt = (host: string): number =>
  server.fake.log.entries.filter((entry) => entry.endpoint === 'token:refresh_token' && entry.host === host).length

describe('two customers, two hosts', () => {
  it('no token ever reaches the other customer’s host', async () => {
    const orgs = { 'acme-uat': 'Acme', 'globex-uat': 'Globex' }
    const ids: Record<string, string> = {}
    for (const org of Object.keys(orgs)) {
      await addIntegration(server, `of-${org}`, addOrgApp(server, org, `apart_${org.replace('-', '_')}`))
      ids[org] = await connect(server, `of-${org}`, { endUser: org })
    }
    for (const round of [1, 2]) {
      const calls = Object.entries(orgs).flatMap(([org, name]) =>
        Array.from({ length: 10 }, async () => {
          const answer = await proxied(server, ids[org] ?? '', `of-${org}`, query('SELECT Name FROM Account'))
          const { records } = (await answer.json()) as { records: { Name: string }[] }
          expect(records.length).toBeGreaterThan(0)
          for (const record of records) expect(record.Name).toContain(name)
        }),
      )
      await Promise.all(calls)
      if (round === 1) server.fake.expireSessions()
    }
    const data = server.fake.log.entries.filter((entry) => entry.endpoint === 'data:query')
    expect(data.length).toBeGreaterThanOrEqual(40)
    expect(data.filter((entry) => entry.bearer === 'foreign')).toEqual([])
    expect(server.fake.log.entries.filter((entry) => entry.bearer === 'foreign')).toEqual([])
    expect(refreshesAt('acme--uat.sandbox.my.salesforce.com')).toBe(1)
    expect(refreshesAt('globex--uat.sandbox.my.salesforce.com')).toBe(1)
  })
})

describe('an app of the customer’s own', () => {
  it('signs in with it, and refreshes with it', async () => {
    const ours = addOrgApp(server, 'acme-uat', 'vendor_app')
    const hers = addOrgApp(server, 'globex-uat', 'globex_own_app')
    await addIntegration(server, 'many-apps', ours)
    const defaults = { connection_config: { oauth_client_id_override: hers.clientId, oauth_client_secret_override: hers.clientSecret } }
    const id = await connect(server, 'many-apps', { endUser: 'gus', defaults })
    const ordinary = await connect(server, 'many-apps', { endUser: 'ann' })
    server.fake.expireSessions()
    for (const one of [id, ordinary]) expect((await proxied(server, one, 'many-apps', query('SELECT Id FROM Account'))).status).toBe(200)
    const grants = [...server.fake.state.grants.values()].map((grant) => [grant.app.developerName, grant.previous.size])
    expect(grants).toContainEqual(['globex_own_app', 1])
    expect(grants).toContainEqual(['vendor_app', 1])
    const { credentials, connection_config: config } = await readConnection(server, id, 'many-apps')
    expect(credentials).toMatchObject({ config_override: { client_id: hers.clientId } })
    expect(JSON.stringify([credentials, config])).not.toContain(hers.clientSecret)
  })

  it('may come in the query of the connect link, as the stock client sends it', async () => {
    const hers = addOrgApp(server, 'globex-uat', 'globex_query_app')
    const id = await connect(server, 'many-apps', {
      endUser: 'gil',
      query: { 'credentials[oauth_client_id_override]': hers.clientId, 'credentials[oauth_client_secret_override]': hers.clientSecret },
    })
    server.fake.expireSessions('globex-uat')
    expect((await proxied(server, id, 'many-apps', query('SELECT Id FROM Account'))).status).toBe(200)
  })

  it('keeps the integration’s old client for old grants when the integration gets a new one', async () => {
    const first = addOrgApp(server, 'acme-uat', 'first_app')
    await addIntegration(server, 'changing', first)
    const id = await connect(server, 'changing')
    const second = addOrgApp(server, 'acme-uat', 'second_app')
    const changed = await createApiClient(server.url, server.apiKey).call('PATCH', '/integrations/changing', {
      body: { credentials: { type: 'OAUTH2', client_id: second.clientId, client_secret: second.clientSecret } },
    })
    expect(changed.status).toBe(200)
    server.fake.expireSessions('acme-uat')
    expect((await proxied(server, id, 'changing', query('SELECT Id FROM Account'))).status).toBe(200)
    const page = await signIn(server, 'changing', await openSession(server, 'changing'))
    const authorize = page.visited.find((url) => url.includes('/oauth2/authorize')) ?? ''
    expect(new URL(authorize).searchParams.get('client_id')).toBe(second.clientId)
  })
})
