/** jsforce, unmodified, through the gateway; and through /proxy with a wrapper around its requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, DATA, readConnection } from '../customer.ts'
import { salesforceClient, type Salesforce } from './stock-clients.ts'

const INTEGRATION = 'sf'
const ROWS = 7
let server: TestServer
let id: string
let bearer: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'jsforce_app'))
  id = await connect(server, INTEGRATION)
  bearer = `${server.apiKey}.${(await readConnection(server, id, INTEGRATION)).gateway_id}`
  server.fake.set('knobs.pageSize', 3)
  server.fake.addRecords(
    'acme-uat',
    'Lead',
    Array.from({ length: ROWS }, (_, n) => ({ LastName: `Lead ${n}`, Company: 'Acme' })),
  )
})
afterAll(() => server?.close())

const foreign = () => server.fake.log.entries.filter((entry) => entry.bearer === 'foreign' || entry.bearer === 'unknown')

async function crud(client: Salesforce): Promise<void> {
  const made = await client.sobject('Account').create({ Name: 'By jsforce' })
  expect(made).toMatchObject({ success: true })
  await client.sobject('Account').update({ Id: made.id, Phone: '+49 30 3' })
  expect(await client.sobject('Account').retrieve(made.id)).toMatchObject({ Name: 'By jsforce', Phone: '+49 30 3' })
  expect(await client.sobject('Account').destroy(made.id)).toMatchObject({ success: true })
  const failure = await client
    .sobject('Account')
    .retrieve(made.id)
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({ errorCode: 'ENTITY_IS_DELETED' })
}

async function pages(client: Salesforce): Promise<void> {
  const first = await client.query<{ LastName: string }>('SELECT Id, LastName FROM Lead')
  expect(first).toMatchObject({ totalSize: ROWS, done: false })
  expect(first.records).toHaveLength(3)
  const second = await client.queryMore<{ LastName: string }>(first.nextRecordsUrl ?? '')
  expect(second.records).toHaveLength(3)
  const all = await client.query('SELECT Id FROM Lead', { autoFetch: true, maxFetch: 100 })
  expect(all.records).toHaveLength(ROWS)
}

describe('through the gateway', () => {
  let client: Salesforce
  beforeAll(async () => {
    client = await salesforceClient({ instanceUrl: server.gatewayUrl, accessToken: bearer })
  })

  it('queries, page by page and by itself', async () => pages(client))
  it('creates, reads, changes and deletes', async () => crud(client))

  it('reads limits, descriptions and how much of the limit is used', async () => {
    expect(await client.limits()).toMatchObject({ DailyApiRequests: { Max: expect.any(Number) } })
    expect(await client.sobject('Account').describe()).toMatchObject({ name: 'Account' })
    expect(client.limitInfo.apiUsage?.limit).toBeGreaterThan(0)
  })

  it('asks who it is without carrying our bearer to Salesforce', async () => {
    server.fake.log.clear()
    const identity = await client.identity()
    expect(identity.username).toBe('ann@acme.example.uat')
    expect(foreign()).toEqual([])
  })

  it('reads a bulk query', async () => {
    const stream = await client.bulk2.query('SELECT Id, LastName FROM Lead')
    const rows = await stream.toArray()
    expect(rows).toHaveLength(ROWS)
    expect(rows[0]).toHaveProperty('LastName')
  })

  it('does not notice that the session at Salesforce has ended', async () => {
    server.fake.expireSessions('acme-uat')
    expect((await client.query('SELECT Id FROM Lead')).totalSize).toBe(ROWS)
  })

  it('accepts the bearer in the form of a Salesforce token', async () => {
    const disguised = await salesforceClient({ instanceUrl: server.gatewayUrl, accessToken: `00D000000000001!${bearer}` })
    expect((await disguised.query('SELECT Id FROM Lead')).totalSize).toBe(ROWS)
  })

  it('shows our own errors as errors of Salesforce', async () => {
    const stranger = await salesforceClient({ instanceUrl: server.gatewayUrl, accessToken: `hws_dev_${'A'.repeat(43)}.${'0'.repeat(32)}` })
    const failure = await Promise.resolve(stranger.query('SELECT Id FROM Lead')).catch((error: unknown) => error)
    expect(failure).toMatchObject({ errorCode: expect.stringMatching(/\w/), message: expect.stringMatching(/\w+ \w+/) })
    expect(String((failure as { errorCode: string }).errorCode)).not.toMatch(/^ERROR_HTTP/)
  })
})

describe('through /proxy', () => {
  let client: Salesforce
  beforeAll(async () => {
    client = await salesforceClient({ instanceUrl: `${server.url}/proxy`, accessToken: server.apiKey })
    const transport = client._transport
    const send = transport.httpRequest.bind(transport)
    transport.httpRequest = (request, ...rest) =>
      send({ ...request, headers: { ...request.headers, 'provider-config-key': INTEGRATION, 'connection-id': id } }, ...rest)
  })

  it('queries, page by page and by itself', async () => pages(client))
  it('creates, reads, changes and deletes', async () => crud(client))
  it('reads limits', async () => {
    expect(await client.limits()).toMatchObject({ DailyApiRequests: { Max: expect.any(Number) } })
    expect(await client.requestGet<Record<string, unknown>>(`${DATA}/limits`)).toHaveProperty('DailyApiRequests')
  })
})
