/** What people get wrong at the sign-in: the wrong environment, the wrong host, somebody who forges the answer. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer, type ListedConnection } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectUrl, openSession, proxied, query, readConnection, signIn } from './customer.ts'

let server: TestServer
/** Somebody's own machine; nothing may ever arrive there. */
const received: string[] = []
const thief = createServer((request, response) => {
  received.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`)
  response.end('{}')
})
let thiefHost = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve))
  const { port } = thief.address() as AddressInfo
  thiefHost = `localhost:${port}`
  // Trusted by the egress rules, so that only the rule for instance URLs stands between a token and the thief.
  server = await startTestServer({ trustedHosts: [{ host: 'localhost', port }] })
})
afterAll(async () => {
  await server?.close()
  thief.close()
})

const connections = async (): Promise<ListedConnection[]> =>
  (await createApiClient(server.url, server.apiKey).get<{ connections: ListedConnection[] }>('/connections')).body.connections
const hostsAsked = (): string[] => [...new Set(server.fake.log.entries.map((entry) => entry.host))]

describe('the wrong environment', () => {
  it('a Developer Edition signed in through salesforce-sandbox is refused with the name of the right integration', async () => {
    const app = addOrgApp(server, 'dev', 'dev_app')
    await addIntegration(server, 'dev-as-sandbox', app, 'salesforce-sandbox')
    const token = await openSession(server, 'dev-as-sandbox')
    const page = await signIn(server, 'dev-as-sandbox', token, { 'params[hostname]': 'dev-dev-ed.develop.my.salesforce.com' })
    expect(page.status).toBe(400)
    expect(page.result).toMatchObject({
      outcome: 'error',
      provider_config_key: 'dev-as-sandbox',
      error_type: 'connection_validation_failed',
    })
    const said = page.result?.outcome === 'error' ? page.result.error_desc : ''
    expect(said).toContain('Developer Edition')
    expect(said).toContain('salesforce')
    expect(page.text).toContain('Developer Edition')
    expect((await connections()).map((one) => one.provider_config_key)).not.toContain('dev-as-sandbox')
  })

  it('a sandbox signed in through salesforce is refused likewise', async () => {
    await addIntegration(server, 'sandbox-as-production', addOrgApp(server, 'acme-uat', 'wrong_way_round'), 'salesforce')
    const token = await openSession(server, 'sandbox-as-production')
    const page = await signIn(server, 'sandbox-as-production', token, { 'params[hostname]': 'acme--uat' })
    expect(page.result).toMatchObject({
      outcome: 'error',
      error_type: 'connection_validation_failed',
      error_desc: expect.stringContaining('sandbox'),
    })
  })

  it('a production user at test.salesforce.com cannot log in there, and the session stays open for another try', async () => {
    await addIntegration(server, 'production-as-sandbox', addOrgApp(server, 'acme', 'acme_prod'), 'salesforce-sandbox')
    const token = await openSession(server, 'production-as-sandbox')
    const page = await signIn(server, 'production-as-sandbox', token)
    expect(new URL(page.url).host).toBe('test.salesforce.com')
    expect(page.result).toBeNull()
  })
})

describe('the address that the customer types', () => {
  it.each([
    ['short_name', 'acme--uat'],
    ['host', 'acme--uat.sandbox.my.salesforce.com'],
    ['lightning', 'https://acme--uat.sandbox.lightning.force.com/lightning/page/home'],
    ['setup', 'https://acme--uat.sandbox.my.salesforce-setup.com/lightning/setup/SetupOneHome/home'],
  ])('%s: %s leads to her own login host', async (name, typed) => {
    await addIntegration(server, name, addOrgApp(server, 'acme-uat', name))
    const id = await connect(server, name, { query: { 'params[hostname]': typed } })
    const { connection_config: config } = await readConnection(server, id, name)
    expect(config).toMatchObject({ instance_url: 'https://acme--uat.sandbox.my.salesforce.com' })
    const exchange = server.fake.log.entries.findLast((entry) => entry.endpoint === 'token:authorization_code')
    expect(exchange?.host).toBe('acme--uat.sandbox.my.salesforce.com')
  })

  it.each([
    'evil.example',
    'https://evil.example/',
    'acme.my.salesforce.com.evil.example',
    'evil.example/.my.salesforce.com',
    'evil.example#.my.salesforce.com',
    'evil.example?.my.salesforce.com',
    'user@evil.example',
    'acme.my.salesforce.com@evil.example',
    'evil.example\\.my.salesforce.com',
    'evil.example%2f.my.salesforce.com',
    'evil.example%252f.my.salesforce.com',
    'аcme.my.salesforce.com',
    'xn--cme-8cd.my.salesforce.com',
    'acme.my.salesforce.com:8443',
    '127.0.0.1',
    '2130706433',
    'localhost',
    '[::1]',
    'acme\u0000.my.salesforce.com',
    'acme\r\nhost: evil.example',
    `${'a'.repeat(300)}.my.salesforce.com`,
  ])('%j is refused before anything is sent', async (typed) => {
    const name = 'hostile-hosts'
    if (!server.fake.state.apps.has('hostile_hosts')) await addIntegration(server, name, addOrgApp(server, 'acme-uat', 'hostile_hosts'))
    const before = server.fake.log.entries.length
    const token = await openSession(server, name)
    const browser = server.browser()
    const page = await browser.open(connectUrl(server, name, token, { 'params[hostname]': typed }), { follow: false })
    await browser.close()
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.status).toBeLessThan(500)
    expect(page.headers['location']).toBeUndefined()
    expect(server.fake.log.entries).toHaveLength(before)
  })
})

describe('a forged instance_url', () => {
  it('in the token answer ends the sign-in; nothing goes there', async () => {
    await addIntegration(server, 'forged', addOrgApp(server, 'globex-uat', 'forged'))
    for (const forged of [`http://${thiefHost}`, 'https://evil.example', 'https://globex--uat.sandbox.my.salesforce.com.evil.example']) {
      server.fake.set('orgs.globex-uat.instanceUrlOverride', forged)
      const page = await signIn(server, 'forged', await openSession(server, 'forged'))
      expect(page.result, forged).toMatchObject({ outcome: 'error', error_type: 'instance_url_refused' })
      expect(JSON.stringify(page.result)).not.toContain('evil.example')
    }
    server.fake.set('orgs.globex-uat.instanceUrlOverride', null)
    expect((await connections()).map((one) => one.provider_config_key)).not.toContain('forged')
    expect(received).toEqual([])
  })

  it('in the answer to a refresh changes nothing: the calls still go to the org, and an issue tells of it', async () => {
    const id = await connect(server, 'forged')
    server.fake.expireSessions('globex-uat')
    server.fake.set('orgs.globex-uat.instanceUrlOverride', `http://${thiefHost}`)
    expect((await proxied(server, id, 'forged', query('SELECT Id FROM Account'))).status).toBe(200)
    server.fake.set('orgs.globex-uat.instanceUrlOverride', null)
    const connection = await readConnection(server, id, 'forged')
    expect(connection.connection_config).toMatchObject({ instance_url: 'https://globex--uat.sandbox.my.salesforce.com' })
    expect(connection.issues.map((issue) => issue.kind)).toEqual(['instance_url_refused'])
    expect(received).toEqual([])
  })

  it('of an import is refused', async () => {
    const api = createApiClient(server.url, server.apiKey)
    for (const forged of [`http://${thiefHost}`, 'https://evil.example', 'https://acme.my.salesforce.com@evil.example', 'not a url', 7]) {
      const answer = await api.post<ErrorAnswer>('/connections', {
        provider_config_key: 'forged',
        connection_config: { instance_url: forged },
        credentials: { type: 'OAUTH2', access_token: '00Dxx0000000001!secret', refresh_token: 'refresh-me' },
      })
      expect([answer.status, answer.body.error.code], String(forged)).toEqual([400, 'instance_url_refused'])
    }
    expect(received).toEqual([])
  })

  it('never made the server ask another host than Salesforce', () => {
    expect(hostsAsked().filter((host) => !/(^|\.)salesforce\.com$/.test(host))).toEqual([])
  })
})
