/** Many callers at once, and what one call costs. */
import { Agent, request } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, DATA, proxied, readConnection } from './customer.ts'

const INTEGRATION = 'storm'
const CALLERS = 1000
const CALLER_SOCKETS = 100
const WARM_CALLS = 200

let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'storm'))
  id = await connect(server, INTEGRATION)
})
afterAll(() => server?.close())

describe('1,000 callers on an expired session', () => {
  it('make one token request, and each gets an answer', async () => {
    server.fake.expireSessions('acme-uat')
    server.fake.log.clear()
    const agent = new Agent({ connections: CALLER_SOCKETS })
    const statuses = await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        const answer = await request(`${server.url}/proxy${DATA}/limits`, {
          dispatcher: agent,
          headers: { authorization: `Bearer ${server.apiKey}`, 'provider-config-key': INTEGRATION, 'connection-id': id },
        })
        await answer.body.dump()
        return answer.statusCode
      }),
    )
    await agent.close()
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(server.fake.log.counts['token:refresh_token']).toBe(1)
    expect((await readConnection(server, id, INTEGRATION)).issues).toEqual([])
  })
})

describe('a warm call', () => {
  it('asks the database nothing and the provider once', async () => {
    await (await proxied(server, id, INTEGRATION, `${DATA}/limits`)).text()
    server.fake.log.clear()
    const before = server.kit.db.statements
    for (let n = 0; n < WARM_CALLS; n++) {
      const answer = await proxied(server, id, INTEGRATION, `${DATA}/limits`)
      await answer.text()
      expect(answer.status).toBe(200)
    }
    // Use counts are written once a second, whatever the number of calls: a few statements, not one a call.
    expect(server.kit.db.statements - before).toBeLessThan(WARM_CALLS / 5)
    expect(server.fake.log.counts).toEqual({ 'data:limits': WARM_CALLS })
  })
})
