/** The gateway: a stock client's own requests, with one bearer that names key and connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, DATA, query, readConnection } from './customer.ts'

const INTEGRATION = 'gateway'
let server: TestServer
let bearer: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'gateway'))
  const id = await connect(server, INTEGRATION)
  bearer = `${server.apiKey}.${(await readConnection(server, id, INTEGRATION)).gateway_id}`
})
afterAll(() => server?.close())

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.gatewayUrl}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${bearer}`, ...(init.headers as Record<string, string>) },
  })

describe('through the gateway', () => {
  it('queries with the bearer in each of its forms', async () => {
    for (const authorization of [`Bearer ${bearer}`, `Bearer 00D000000000001!${bearer}`, `OAuth ${bearer}`]) {
      const answer = await call(query('SELECT Id FROM Account'), { headers: { authorization } })
      expect([answer.status, await answer.json()], authorization).toMatchObject([200, { totalSize: 3 }])
    }
    const bulk = await fetch(`${server.gatewayUrl}${DATA}/limits`, { headers: { 'x-sfdc-session': bearer } })
    expect(bulk.status).toBe(200)
  })

  it('collapses the double slash of clients whose address ends with one', async () => {
    expect((await call(`/${DATA}/limits`)).status).toBe(200)
  })

  it('creates with 201, and survives the end of the session', async () => {
    server.fake.expireSessions('acme-uat')
    const made = await call(`${DATA}/sobjects/Account`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ Name: 'Through the gateway' }),
    })
    expect(made.status).toBe(201)
  })

  it('leads clients that follow links back to itself, so that our bearer never reaches the vendor', async () => {
    const roots = (await (await call(DATA)).json()) as { identity: string }
    expect(new URL(roots.identity).origin).toBe(server.gatewayUrl)
    const identity = (await (await call(new URL(roots.identity).pathname)).json()) as Record<string, unknown>
    expect(JSON.stringify(identity)).not.toContain('acme--uat.sandbox.my.salesforce.com/services')
    const userinfo = (await (await call('/services/oauth2/userinfo')).json()) as { urls?: Record<string, string> }
    for (const url of Object.values(userinfo.urls ?? {})) expect(url.startsWith(server.gatewayUrl), url).toBe(true)
  })

  it('answers SOAP with a fault that names the way by REST', async () => {
    const answer = await call('/services/Soap/u/62.0', {
      method: 'POST',
      headers: { 'content-type': 'text/xml', soapaction: '""' },
      body: '<a/>',
    })
    const text = await answer.text()
    expect(answer.headers.get('content-type')).toContain('xml')
    expect(text).toMatch(/<(\w+:)?Fault/i)
    expect(text).toMatch(/REST/)
  })

  it('never handed our bearer on', () => {
    const data = server.fake.log.entries.filter((entry) => entry.bearer === 'foreign' || entry.bearer === 'unknown')
    // Of the session that was ended, one call came back with 401 and was made anew.
    expect(data.filter((entry) => entry.status !== 401)).toEqual([])
    expect(data.length).toBeLessThanOrEqual(1)
  })
})
