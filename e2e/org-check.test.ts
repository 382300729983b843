/** The daily look at the orgs behind the connections, and what a call tells of an org's limits in passing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, proxied, query, readConnection } from './customer.ts'

const DAY = 86_400_000
const HOST_QUESTION = 'auth-configuration'

let server: TestServer
const api = () => createApiClient(server.url, server.apiKey)
const org = async (id: string, integration: string) => (await readConnection(server, id, integration)).org
const issueKinds = async (id: string, integration: string) =>
  (await readConnection(server, id, integration)).issues.map((issue) => issue.kind)

beforeAll(async () => {
  server = await startTestServer()
  for (const [integration, orgKey, provider] of [
    ['uat', 'acme-uat', 'salesforce-sandbox'],
    ['acme', 'acme', 'salesforce'],
    ['globex', 'globex-uat', 'salesforce-sandbox'],
  ] as const)
    await addIntegration(server, integration, addOrgApp(server, orgKey, `check_${integration}`), provider)
})
afterAll(() => server?.close())

/** Runs the job after that time, and waits until it is through with everything. */
async function nextDay(days = 1): Promise<void> {
  server.clock.advance(days * DAY + 60_000)
  server.fake.log.clear()
  await runJob()
}

async function runJob(): Promise<void> {
  await server.kit.queue.add('refresh-org-facts', {})
  await expect.poll(async () => (await waitingJobs()).length, { timeout: 10_000, interval: 50 }).toBe(0)
}

async function waitingJobs(): Promise<unknown[]> {
  const { rows } = await server.kit.db.pool.query("select 1 from graphile_worker.jobs where task_identifier = 'refresh-org-facts'")
  return rows
}

describe('the usage of an org’s API', () => {
  it('shows with the connection as soon as a call has told it, to the last digit', async () => {
    const id = await connect(server, 'uat')
    await proxied(server, id, 'uat', query('SELECT Id FROM Account'))
    const answer = await proxied(server, id, 'uat', query('SELECT Id FROM Account'))
    const [used, max] = /api-usage=(\d+)\/(\d+)/
      .exec(answer.headers.get('sforce-limit-info') ?? '')!
      .slice(1)
      .map(Number)
    expect((await org(id, 'uat'))?.api_usage).toEqual({ used, max, seen_at: expect.stringMatching(/^\d{4}-/) })
  })
})

describe('the daily check', () => {
  let one: string
  let two: string

  beforeAll(async () => {
    one = await connect(server, 'acme')
    two = await connect(server, 'acme')
  })

  it('leaves alone what was looked at today', async () => {
    server.fake.log.clear()
    await runJob()
    expect(server.fake.log.entries).toEqual([])
  })

  it('does not wake the session of a connection that nobody used that day', async () => {
    const before = await org(one, 'acme')
    await nextDay()
    expect(server.fake.log.entries.map(({ endpoint }) => endpoint)).toEqual([HOST_QUESTION, HOST_QUESTION])
    expect((await org(one, 'acme'))?.checked_at).toBe(before?.checked_at)
  })

  it('reads the facts again after a week, with a token renewed where the session had ended, and asks a host once', async () => {
    const before = await org(one, 'acme')
    server.fake.set('orgs.acme.name', 'Acme International')
    await nextDay(7)
    for (const id of [one, two]) {
      const now = await org(id, 'acme')
      expect(now).toMatchObject({ name: 'Acme International', kind: 'production', session_minutes: 120, login_host: before?.login_host })
      expect(Date.parse(now!.checked_at) - Date.parse(before!.checked_at)).toBeGreaterThan(DAY)
    }
    expect(
      server.fake.log.entries.filter(({ endpoint, host }) => endpoint === HOST_QUESTION && host === 'acme.my.salesforce.com'),
    ).toHaveLength(1)
    expect(server.fake.log.entries.filter(({ endpoint, bearer }) => endpoint === HOST_QUESTION && bearer !== 'none')).toEqual([])
  })

  it('opens an issue when the org does not fit any more, and closes it when it does', async () => {
    const refuse = (kinds: string[]) => api().call('PATCH', '/environment', { body: { refused_org_kinds: kinds } })
    await refuse(['production'])
    await nextDay()
    expect(await issueKinds(one, 'acme')).toEqual(['wrong_org_kind'])
    await refuse([])
    await nextDay()
    expect(await issueKinds(one, 'acme')).toEqual([])
  })

  it('spends no call of an org that is near its limit; its host may be asked', async () => {
    server.fake.set('orgs.acme.limits.used', 14_000)
    expect((await proxied(server, one, 'acme', query('SELECT Id FROM Account'))).status).toBe(200)
    const before = await org(one, 'acme')
    // The window is a day: so that it has not moved when the check is due, the value is seen once more.
    server.clock.advance(DAY / 2)
    expect((await proxied(server, one, 'acme', query('SELECT Id FROM Account'))).status).toBe(200)
    server.clock.advance(DAY / 2 + 60_000)
    server.fake.log.clear()
    await runJob()
    const ofAcme = server.fake.log.entries.filter(({ host }) => host === 'acme.my.salesforce.com').map(({ endpoint }) => endpoint)
    expect(ofAcme).toEqual([HOST_QUESTION])
    expect((await org(one, 'acme'))?.checked_at).toBe(before?.checked_at)
    server.fake.set('orgs.acme.limits.used', 5)
  })

  it('never wakes a broken connection', async () => {
    server.fake.revokeUser('ann@acme.example')
    expect((await proxied(server, one, 'acme', query('SELECT Id FROM Account'))).status).toBe(424)
    expect((await proxied(server, two, 'acme', query('SELECT Id FROM Account'))).status).toBe(424)
    await nextDay()
    expect(server.fake.log.entries.filter(({ host }) => host === 'acme.my.salesforce.com').map(({ endpoint }) => endpoint)).toEqual([
      HOST_QUESTION,
    ])
  })

  it('stops a connection whose host tells another org, and lets it go on when that was wrong', async () => {
    const id = await connect(server, 'globex')
    const sandbox = server.fake.state.orgs.get('globex-uat')!
    const { orgId } = sandbox
    sandbox.orgId = '00D000000000WRNEA0'
    await nextDay()
    sandbox.orgId = orgId
    expect((await proxied(server, id, 'globex', query('SELECT Id FROM Account'))).status).toBe(424)
    await nextDay()
    expect(await issueKinds(id, 'globex')).toEqual([])
    expect((await proxied(server, id, 'globex', query('SELECT Id FROM Account'))).status).toBe(200)
  })

  it('finds a refreshed sandbox before anybody calls it, without a token', async () => {
    const id = await connect(server, 'globex')
    const { oldOrgId, newOrgId } = server.fake.sandboxRefresh('globex-uat')
    await nextDay()
    const ofGlobex = server.fake.log.entries.filter(({ host }) => host === 'globex--uat.sandbox.my.salesforce.com')
    expect(ofGlobex.map(({ endpoint, bearer }) => [endpoint, bearer])).toEqual([[HOST_QUESTION, 'none']])
    const list = await api().get<{ connections: { connection_id: string; errors: unknown[] }[] }>('/connections?integrationId=globex')
    expect(list.body.connections.find((listed) => listed.connection_id === id)?.errors).toHaveLength(1)
    const read = await api().get<{ error: { diagnosis?: { code: string; evidence: object } } }>(connectionPath(id, 'globex'))
    expect(read.body.error.diagnosis).toMatchObject({ code: 'sandbox-refreshed', evidence: { old_org_id: oldOrgId, new_org_id: newOrgId } })
  })
})

describe('approvals', () => {
  it('that are free again close their issue', async () => {
    const ids: string[] = []
    for (let count = 0; count < 4; count++) ids.push(await connect(server, 'uat'))
    expect(await issueKinds(ids.at(-1)!, 'uat')).toEqual(['approvals_used_up'])
    await nextDay()
    expect(await issueKinds(ids.at(-1)!, 'uat')).toEqual(['approvals_used_up'])
    const deleted = await api().call('DELETE', connectionPath(ids[0]!, 'uat'))
    expect(deleted.status).toBe(200)
    await nextDay()
    expect(await issueKinds(ids.at(-1)!, 'uat')).toEqual([])
  })
})
