/** The kill switch, over two nodes, and the revocation of many grants at once. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose, type ComposedServer } from '../server/compose.ts'
import { openStore, type Store } from '../server/open-store.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, DATA } from './customer.ts'

let server: TestServer
let id: string
let dataDir: string
let second: { composed: ComposedServer; store: Store; url: string }

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, 'one', addOrgApp(server, 'acme-uat', 'one'))
  id = await connect(server, 'one')
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-second-'))
  const config = { ...server.config, dataDir, port: server.config.port + 6, gatewayPort: server.config.gatewayPort + 6 }
  const store = await openStore(config, { clockOffsetMs: 0 })
  const log = createLogger({ level: 'silent', write: () => {} })
  const composed = await compose({ config, store, log, clock: server.clock, connector: server.connector, checkReplies: true })
  await composed.listen()
  second = { composed, store, url: `http://localhost:${config.port}` }
})
afterAll(async () => {
  await second?.composed.close()
  await second?.store.close()
  await server?.close()
  if (dataDir) await rm(dataDir, { recursive: true, force: true })
})

async function call(url: string): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${server.apiKey}`, 'provider-config-key': 'one', 'connection-id': id }
  const answer = await fetch(`${url}/proxy${DATA}/limits`, { headers, signal: AbortSignal.timeout(10_000) })
  return { status: answer.status, body: await answer.json() }
}

/** What the second node answers once it has heard; within a second, as promised. */
async function heard(status: number): Promise<void> {
  const until = performance.now() + 1_000
  while ((await call(second.url)).status !== status) if (performance.now() > until) throw new Error(`no ${status} within a second`)
}

const api = () => createApiClient(server.url, server.apiKey)

describe('the kill switch', () => {
  it.each([
    ['environment', () => '/environment', ''],
    ['integration', () => '/integrations/one', ''],
    ['connection', () => `/connections/${encodeURIComponent(id)}`, '?provider_config_key=one'],
  ])('of the %s stops calls and refreshes on all nodes within a second, and lets them go on', async (kind, path, query) => {
    await heard(200)
    const frozen = await api().post(`${path()}/freeze${query}`, { reason: 'leaked on Monday' })
    expect(frozen).toMatchObject({ status: 200, body: { data: { frozen: true, reason: 'leaked on Monday' } } })
    server.fake.log.clear()
    expect(await call(server.url)).toMatchObject({
      status: 423,
      body: { error: { code: 'frozen', payload: { frozen: kind, reason: 'leaked on Monday' } } },
    })
    await heard(423)
    expect((await api().get(connectionPath(id, 'one', { force_refresh: 'true' }))).status).toBe(423)
    expect(server.fake.log.counts['token:refresh_token']).toBeUndefined()
    expect((await api().post(`${path()}/unfreeze${query}`, undefined)).status).toBe(200)
    expect((await call(server.url)).status).toBe(200)
    await heard(200)
    const { rows } = await sql<{ action: string }>`
      select action from audit_event where action like ${`${kind}.%freeze`} order by at`.execute(server.kit.db.kysely)
    expect(rows.map((row) => row.action)).toEqual([`${kind}.freeze`, `${kind}.unfreeze`])
  })

  it('keeps sign-ins for a frozen integration out', async () => {
    await api().post('/integrations/one/freeze', {})
    const session = await api().post('/connect/sessions', { end_user: { id: 'u' }, allowed_integrations: ['one'] })
    expect(session).toMatchObject({ status: 423 })
    await api().post('/integrations/one/unfreeze', undefined)
  })

  it('13. of another environment stops nothing here', async () => {
    const other = createApiClient(server.url, server.prodKey)
    expect((await other.post('/environment/freeze', {})).status).toBe(200)
    expect((await call(server.url)).status).toBe(200)
    expect((await other.post('/integrations/one/freeze', {})).status).toBe(404)
    expect((await other.post('/environment/unfreeze', undefined)).status).toBe(200)
  })
})

describe('POST /environment/revoke', () => {
  it('counts first; then ends the grants here and at the provider, once', async () => {
    const data = { dry_run: true, connections: 1, grants: 1, remaining: 0 }
    expect((await api().post('/environment/revoke', { integration: 'one', dry_run: true })).body).toEqual({ data })
    expect((await call(server.url)).status).toBe(200)
    expect((await api().post('/environment/revoke', { integration: 'one' })).body).toEqual({ data: { ...data, dry_run: false } })
    expect(await call(server.url)).toMatchObject({
      status: 424,
      body: { error: { code: 'invalid_credentials', diagnosis: { code: 'revoked-here' } } },
    })
    expect((await api().post('/environment/revoke', { dry_run: true })).body).toEqual({ data: { ...data, connections: 0, grants: 0 } })
    const until = performance.now() + 10_000
    while (!server.fake.log.counts['revoke'] && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(Object.entries(server.fake.log.counts).filter(([name]) => name.startsWith('revoke'))).toHaveLength(1)
  })
})
