/**
 * What is taken for a refreshed sandbox, and what is not: eight kinds of trouble, with hosts that tell which org stands behind them, and hosts that do
 * not. Then what happens to the connections of a sandbox that was refreshed.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ownWebhook } from '@hawser/api/webhooks.ts'
import { startReceiver, type Receiver } from '../server/events/events-fixture.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ErrorAnswer } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, DATA, proxied, query, readConnection, signIn } from './customer.ts'

let server: TestServer
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
  const env = { HAWSER_ALERT_URL: `http://127.0.0.1:${receiver.port}/alerts` }
  server = await startTestServer({ env, trustedHosts: [{ host: '127.0.0.1', port: receiver.port }] })
  const api = createApiClient(server.url, server.apiKey)
  expect((await api.call('PATCH', '/environment', { body: { webhook_url: receiver.url } })).status).toBe(200)
})
afterAll(async () => {
  await server?.close()
  await receiver?.close()
})
afterEach(() => {
  for (const knob of ['fail503Times', 'dropBeforeTimes']) server.fake.set(`knobs.${knob}`, 0)
  server.fake.set('knobs.faultsApplyTo', 'all')
})

interface Customer {
  orgKey: string
  host: string
  username: string
  integration: string
  id: string
}

let count = 0

/** A sandbox of its own with one user and one app, and a connection to it. */
async function newCustomer({ told = true } = {}): Promise<Customer> {
  const name = `c${++count}`
  const orgKey = `${name}-uat`
  const username = `ann@${name}.example.uat`
  await server.fake.addOrg({ key: orgKey, kind: 'sandbox', authConfiguration: told })
  server.fake.addUser({ orgKey, username })
  server.fake.addRecords(orgKey, 'Account', [{ Name: 'Before' }])
  const integration = `${name}-app`
  await addIntegration(server, integration, addOrgApp(server, orgKey, `app_${name}`))
  const id = await connectAs(username, orgKey, integration)
  return { orgKey, host: `${name}--uat.sandbox.my.salesforce.com`, username, integration, id }
}

/** The same customer through a second integration, with an app of its own. */
async function secondOf(customer: Customer): Promise<Customer> {
  const integration = `${customer.integration}-2`
  await addIntegration(server, integration, addOrgApp(server, customer.orgKey, `second_${count}`))
  return { ...customer, integration, id: await connectAs(customer.username, customer.orgKey, integration) }
}

async function connectAs(username: string, orgKey: string, integration: string): Promise<string> {
  server.fake.consent({ decision: 'allow', user: username, org: orgKey })
  return connect(server, integration)
}

async function reconnect(customer: Customer): Promise<void> {
  const session = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions/reconnect', {
    connection_id: customer.id,
    integration_id: customer.integration,
  })
  expect(session.status).toBe(201)
  const page = await signIn(server, customer.integration, session.body.data.token)
  expect(page.result).toMatchObject({ outcome: 'success', connection_id: customer.id })
}

/** The customer's own people mend the sandbox: a user, and the app with new keys, which go into the integration. */
async function makeAppAgain(customer: Customer): Promise<void> {
  const again = `${customer.username}.${++count}`
  server.fake.addUser({ orgKey: customer.orgKey, username: again })
  const { clientId, clientSecret } = addOrgApp(server, customer.orgKey, `again_${count}`)
  const changed = await createApiClient(server.url, server.apiKey).call('PATCH', `/integrations/${customer.integration}`, {
    body: { credentials: { type: 'OAUTH2', client_id: clientId, client_secret: clientSecret } },
  })
  expect(changed.status, JSON.stringify(changed.body)).toBe(200)
  server.fake.consent({ decision: 'allow', user: again, org: customer.orgKey })
}

const call = (customer: Customer, init?: RequestInit): Promise<Response> =>
  proxied(server, customer.id, customer.integration, query('SELECT Id FROM Account'), init)

interface Issue {
  kind: string
  connection_id: string
  count: number
  closed_at: string | null
  diagnosis: { code: string; evidence: Record<string, unknown> } | null
  reconnect?: { method: string; path: string; body: Record<string, string> }
}

async function issuesOf(customer: Customer, state = 'open'): Promise<Issue[]> {
  const filter = new URLSearchParams({ state, integration: customer.integration, connectionId: customer.id })
  const answer = await createApiClient(server.url, server.apiKey).get<{ issues: Issue[] }>(`/issues?${filter}`)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body.issues
}

const outbox = async (customer: Customer): Promise<{ type: string; payload: Record<string, unknown> }[]> =>
  (
    await server.kit.db.pool.query(
      `select e.type, e.payload from event e join connection c on c.id = e.connection_id where c.connection_id = $1 and e.type <> 'alert' order by e.created_at, e.id`,
      [customer.id],
    )
  ).rows

/** Requests for data that reached the org. */
const dataCalls = (host: string): number =>
  server.fake.log.entries.filter(
    (entry) => entry.host === host && entry.endpoint !== 'data:root' && entry.path.startsWith('/services/data/v'),
  ).length

type Trouble = (customer: Customer) => void | Promise<void>

const expire = ({ orgKey }: Customer) => void server.fake.expireSessions(orgKey)
const troubles: [what: string, make: Trouble, told: string | null, notTold: string | null][] = [
  ['refreshed, its apps wiped', (c) => void server.fake.sandboxRefresh(c.orgKey), 'sandbox-refreshed', 'token-client-id-unknown'],
  [
    'refreshed, its apps there again',
    (c) => void server.fake.sandboxRefresh(c.orgKey, { apps: 'keep' }),
    'sandbox-refreshed',
    'refresh-token-expired',
  ],
  // Sessions end; the grant lives (M).
  ['a changed password', expire, null, null],
  [
    'a removed app',
    (c) => {
      for (const app of server.fake.state.apps.values()) if (app.orgKey === c.orgKey) app.deleted = true
      expire(c)
    },
    'token-client-id-unknown',
    'token-client-id-unknown',
  ],
  [
    'a deactivated user',
    (c) => {
      server.fake.set(`/users/${c.username}/active`, false)
      expire(c)
    },
    'user-inactive',
    'user-inactive',
  ],
  ['a revoked approval', (c) => void server.fake.revokeUser(c.username), 'refresh-token-expired', 'refresh-token-expired'],
  [
    'an org that moved to another host',
    (c) => {
      server.fake.renameMyDomain(c.orgKey, `moved-${c.orgKey.replace('-uat', '')}`)
    },
    null,
    null,
  ],
  [
    'an outage',
    (c) => {
      expire(c)
      server.fake.set('knobs.faultsApplyTo', 'token')
      server.fake.set('knobs.fail503Times', 100)
    },
    'outage',
    'outage',
  ],
]

describe.each([
  ['its host tells which org it is', true],
  ['its host does not tell', false],
])('%s:', (_name, told) => {
  it.each(troubles)('%s', async (what, make, whenTold, whenNot) => {
    const customer = await newCustomer({ told })
    expect((await call(customer)).status).toBe(200)
    await make(customer)
    const expected = told ? whenTold : whenNot
    // Whether the org has moved is asked once a minute.
    if (what.includes('moved')) server.clock.advance(61_000)
    const answer = await call(customer)
    const kinds = (await issuesOf(customer)).map((issue) => issue.kind)
    const types = (await outbox(customer)).map((event) => event.type)
    if (expected === null) {
      expect([answer.status, kinds], await answer.clone().text()).toEqual([200, []])
    } else {
      const { error } = (await answer.json()) as ErrorAnswer
      expect(answer.status).toBe(424)
      if (expected === 'outage') expect(error.diagnosis).toMatchObject({ transient: true })
      else expect(error.diagnosis?.code).toBe(expected)
      expect(kinds).toEqual(expected === 'outage' ? [] : [expected === 'sandbox-refreshed' ? 'sandbox_refreshed' : 'refresh_failed'])
    }
    expect(types.filter((type) => type === 'connection.sandbox_refreshed')).toHaveLength(expected === 'sandbox-refreshed' ? 1 : 0)
  })
})

describe('a refreshed sandbox', () => {
  let first: Customer
  let second: Customer
  let orgs: { oldOrgId: string; newOrgId: string }

  beforeAll(async () => {
    first = await newCustomer()
    second = await secondOf(first)
    orgs = server.fake.sandboxRefresh(first.orgKey, { apps: 'keep' })
  })

  it('is named with both org ids, and with what to do', async () => {
    const answer = await call(first)
    const { error } = (await answer.json()) as ErrorAnswer
    expect([answer.status, error.code, error.diagnosis?.code]).toEqual([424, 'invalid_credentials', 'sandbox-refreshed'])
    expect(error.diagnosis?.evidence).toEqual({ old_org_id: orgs.oldOrgId, new_org_id: orgs.newOrgId, host: first.host, basis: 'host' })
    expect(error.diagnosis?.fix).toHaveLength(6)
  })

  it('stops the other connection to the host at once: no write arrives, by no door', async () => {
    const before = dataCalls(first.host)
    const tokenRequests = server.fake.log.counts['token:refresh_token']
    const { gateway_id: gatewayId } = await listed(second)
    const write = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ Name: 'Unseen' }) }
    for (const customer of [first, second]) {
      const answer = await proxied(server, customer.id, customer.integration, `${DATA}/sobjects/Account`, write)
      expect([answer.status, ((await answer.json()) as ErrorAnswer).error.diagnosis?.code]).toEqual([424, 'sandbox-refreshed'])
    }
    const gateway = await fetch(`${server.gatewayUrl}${DATA}/sobjects/Account`, {
      ...write,
      headers: { ...write.headers, authorization: `Bearer ${server.apiKey}.${gatewayId}` },
    })
    expect(gateway.status).toBeGreaterThanOrEqual(400)
    for (const more of ['', '&force_refresh=true']) {
      const read = await createApiClient(server.url, server.apiKey).get<ErrorAnswer>(connectionPath(second.id, second.integration) + more)
      expect([read.status, read.body.error.code]).toEqual([424, 'invalid_credentials'])
    }
    expect(dataCalls(first.host)).toBe(before)
    expect(server.fake.log.counts['token:refresh_token']).toBe(tokenRequests)
  })

  it('is told to the backend once for each connection, in messages of the contract', async () => {
    for (const customer of [first, second]) {
      const own = (await outbox(customer)).filter((event) => event.type !== 'auth')
      expect(own.map((event) => event.type).sort()).toEqual(['connection.sandbox_refreshed', 'issue.opened'])
      for (const { payload } of own) expect(ownWebhook.parse(payload)).toEqual(payload)
      expect(JSON.stringify(own)).not.toMatch(/00D\w+!|5Aep861/)
    }
    expect(ownWebhook.parse((await outbox(first)).find((event) => event.type === 'connection.sandbox_refreshed')?.payload)).toMatchObject({
      data: {
        old_org_id: orgs.oldOrgId,
        new_org_id: orgs.newOrgId,
        connection_id: first.id,
        invalidates: expect.arrayContaining(['record_ids', 'replay_ids', 'query_cursors']),
      },
    })
    await expect
      .poll(
        () => receiver.received.filter(({ body }) => body.includes('connection.sandbox_refreshed') && body.includes(second.id)).length,
        { timeout: 10_000 },
      )
      .toBe(1)
  })

  it('is told to people, with what they must do', async () => {
    await server.kit.queue.add('deliver-alerts', {})
    const alerts = () => receiver.received.map(({ body }) => (JSON.parse(body) as { text?: string }).text ?? '').join('\n')
    for (const customer of [first, second])
      await expect
        .poll(alerts, { timeout: 10_000 })
        .toContain(
          `The sandbox was refreshed; calls are stopped: integration ${customer.integration}, connection ${customer.id}, end user user-1`,
        )
    expect(alerts()).not.toMatch(/00D\w+!|5Aep861/)
  })

  it('offers the reconnect, which closes the issue, keeps the id, and lets calls through to the new org', async () => {
    const [issue] = await issuesOf(first)
    expect(issue).toMatchObject({ kind: 'sandbox_refreshed', reconnect: { method: 'POST', path: '/connect/sessions/reconnect' } })
    expect(issue?.reconnect?.body).toEqual({ connection_id: first.id, integration_id: first.integration })
    server.fake.consent({ decision: 'allow', user: first.username, org: first.orgKey })
    await reconnect(first)
    expect((await call(first)).status).toBe(200)
    expect((await readConnection(server, first.id, first.integration)).connection_config).toMatchObject({ org_id: orgs.newOrgId })
    expect(await issuesOf(first)).toEqual([])
    expect(await issuesOf(first, 'closed')).toMatchObject([{ kind: 'sandbox_refreshed', closed_at: expect.any(String) }])
    const types = (await outbox(first)).map((event) => event.type)
    expect(types.filter((type) => type === 'connection.sandbox_refreshed')).toHaveLength(1)
    expect(types.filter((type) => type === 'issue.resolved')).toHaveLength(1)
    expect((await call(second)).status).toBe(424)
  })
})

const listed = async (customer: Customer): Promise<{ gateway_id: string }> => {
  const list = await createApiClient(server.url, server.apiKey).get<{ connections: { gateway_id: string }[] }>(
    `/connections?connectionId=${customer.id}`,
  )
  return list.body.connections[0]!
}

describe('a host that does not tell', () => {
  it('a reconnect shows the new org: the others are stopped before their next call', async () => {
    const first = await newCustomer({ told: false })
    const second = await secondOf(first)
    const { oldOrgId, newOrgId } = server.fake.sandboxRefresh(first.orgKey)
    await makeAppAgain(first)
    await reconnect(first)
    expect((await call(first)).status).toBe(200)
    const tokenRequests = server.fake.log.counts['token:refresh_token']
    const { error } = (await (await call(second)).json()) as ErrorAnswer
    expect(error.diagnosis).toMatchObject({
      code: 'sandbox-refreshed',
      evidence: { old_org_id: oldOrgId, new_org_id: newOrgId, basis: 'reconnect' },
    })
    expect(server.fake.log.counts['token:refresh_token']).toBe(tokenRequests)
    for (const customer of [first, second])
      expect((await outbox(customer)).filter((event) => event.type === 'connection.sandbox_refreshed')).toHaveLength(1)
  })

  it('two apps that go at once are a suspicion, said as such; one app alone is none', async () => {
    const first = await newCustomer({ told: false })
    const second = await secondOf(first)
    server.fake.sandboxRefresh(first.orgKey)
    expect(((await (await call(first)).json()) as ErrorAnswer).error.diagnosis?.code).toBe('token-client-id-unknown')
    expect((await issuesOf(first)).map((issue) => issue.kind)).toEqual(['refresh_failed'])
    expect(((await (await call(second)).json()) as ErrorAnswer).error.diagnosis?.code).toBe('token-client-id-unknown')
    for (const customer of [first, second]) {
      const issues = await issuesOf(customer)
      expect(issues.map((issue) => issue.kind).sort()).toEqual(['refresh_failed', 'sandbox_refresh_suspected'])
      expect(issues.find((issue) => issue.kind === 'sandbox_refresh_suspected')?.diagnosis).toMatchObject({
        code: 'sandbox-refresh-suspected',
        evidence: { connections: 2, apps: 2 },
      })
      expect((await outbox(customer)).map((event) => event.type)).not.toContain('connection.sandbox_refreshed')
    }
  })
})

describe('a connection to the production org of the same My Domain', () => {
  it('answers for the sandbox where its host does not: certain, with the new id', async () => {
    const name = `c${count + 1}`
    await server.fake.addOrg({ key: name, kind: 'production' })
    server.fake.addUser({ orgKey: name, username: `boss@${name}.example` })
    const customer = await newCustomer({ told: false })
    await addIntegration(server, `${name}-production`, addOrgApp(server, name, `production_${name}`), 'salesforce')
    await connectAs(`boss@${name}.example`, name, `${name}-production`)
    expect((await call(customer)).status).toBe(200)
    // A revoked approval first: production says that nothing has changed.
    server.fake.revokeUser(customer.username)
    expect(((await (await call(customer)).json()) as ErrorAnswer).error.diagnosis?.code).toBe('refresh-token-expired')
    server.fake.consent({ decision: 'allow', user: customer.username, org: customer.orgKey })
    await reconnect(customer)
    const { newOrgId } = server.fake.sandboxRefresh(customer.orgKey)
    server.clock.advance(61_000)
    const { error } = (await (await call(customer)).json()) as ErrorAnswer
    expect(error.diagnosis).toMatchObject({ code: 'sandbox-refreshed', evidence: { basis: 'production', new_org_id: newOrgId } })
  })
})

describe('while a sandbox is being copied', () => {
  it('nothing is broken; once the host is there again, it is known', async () => {
    const customer = await newCustomer()
    server.fake.sandboxRefresh(customer.orgKey, { copyMs: 10 * 60_000 })
    const forced = `${connectionPath(customer.id, customer.integration)}&force_refresh=true`
    const answer = await createApiClient(server.url, server.apiKey).get<ErrorAnswer>(forced)
    expect([answer.status, answer.body.error.code]).toEqual([424, 'refresh_token_external_error'])
    expect(answer.body.error.diagnosis).toMatchObject({ transient: true })
    expect(await issuesOf(customer)).toEqual([])
    server.clock.advance(11 * 60_000)
    expect(((await (await call(customer)).json()) as ErrorAnswer).error.diagnosis?.code).toBe('sandbox-refreshed')
  })
})
