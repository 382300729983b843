/** A real server that was used for a day: a dozen customers with orgs of their own, traffic, and what went wrong. For tests and pictures of the dashboard. */
import { expect } from 'vitest'
import { startReceiver } from '../../server/events/events-fixture.ts'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'
import { createApiClient } from '../api-client.ts'
import { addOrgApp, DATA, proxied, query, signIn } from '../customer.ts'

const QUARTER_MS = 15 * 60_000
const QUARTERS = 80
/** What broke, broke so many quarters of an hour ago. */
const BROKEN_FOR = 14
const LAST_CALLS_APART_MS = 4_700
/** So many calls of a customer in a quarter of an hour, one after the other. */
const BUSY = [0, 1, 0, 1, 2, 1, 3, 2, 1, 2, 0, 1]
/** More of them as the day goes by; of eight quarters each. */
const RHYTHM = [0, 0, -1, -1, -1, 0, 1, 1, 2, 1]

type Kind = 'production' | 'sandbox'
interface Company {
  key: string
  name: string
  kind: Kind
  person: string
}

const COMPANIES: readonly Company[] = [
  { key: 'brightwater', name: 'Brightwater Logistics', kind: 'production', person: 'Mara Lindqvist' },
  { key: 'cobalt', name: 'Cobalt & Finch', kind: 'production', person: 'Jonah Finch' },
  { key: 'dunmore', name: 'Dunmore Dental Group', kind: 'production', person: 'Aoife Dunne' },
  { key: 'eastgate', name: 'Eastgate Insurance', kind: 'production', person: 'Tomás Rivera' },
  { key: 'fernhill', name: 'Fernhill Foods', kind: 'production', person: 'Hana Sato' },
  { key: 'granite', name: 'Granite Peak Energy', kind: 'production', person: 'Owen Brandt' },
  { key: 'harborline', name: 'Harborline Shipping', kind: 'production', person: 'Ines Moreau' },
  { key: 'ivory', name: 'Ivory Tower Books', kind: 'production', person: 'Samuel Osei' },
  { key: 'juniper-uat', name: 'Juniper Health', kind: 'sandbox', person: 'Leila Haddad' },
  { key: 'kestrel-uat', name: 'Kestrel Mobility', kind: 'sandbox', person: 'Petra Novak' },
  { key: 'lumen-uat', name: 'Lumen Learning', kind: 'sandbox', person: 'Arjun Mehta' },
  { key: 'marlow-uat', name: 'Marlow Interiors', kind: 'sandbox', person: 'Grace Whitfield' },
]
const INTEGRATIONS = { production: 'salesforce', sandbox: 'salesforce-sandbox' } as const

export interface UsedServer {
  server: TestServer
  companies: readonly Company[]
  close(): Promise<void>
}

export async function startUsedServer(): Promise<UsedServer> {
  const receiver = await startReceiver()
  const server = await startTestServer({
    trustedHosts: [{ host: '127.0.0.1', port: receiver.port }],
    env: { HAWSER_ACTIVITY_BODIES: 'on' },
  })
  const api = createApiClient(server.url, server.apiKey)
  const set = await api.call('PATCH', '/environment', { body: { webhook_url: `http://127.0.0.1:${receiver.port}/hawser` } })
  expect(set.status, JSON.stringify(set.body)).toBe(200)
  for (const company of COMPANIES) await addOrgOf(server, company)
  for (const [kind, provider] of Object.entries(INTEGRATIONS)) await addIntegrationOf(server, kind as Kind, provider)
  const ids = new Map<Company, string>()
  for (const company of COMPANIES) ids.set(company, await connectAs(server, company))
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    await Promise.all(
      COMPANIES.map((company, index) => work(server, company, ids.get(company)!, quarter + index, RHYTHM[Math.floor(quarter / 8)]!)),
    )
    if (quarter === QUARTERS - BROKEN_FOR) breakSome(server)
    server.clock.advance(QUARTER_MS)
  }
  for (const [index, company] of COMPANIES.entries()) {
    await work(server, company, ids.get(company)!, index)
    server.clock.advance(LAST_CALLS_APART_MS)
  }
  await server.server.flush()
  return {
    server,
    companies: COMPANIES,
    async close() {
      await server.close()
      await receiver.close()
    },
  }
}

const usernameOf = ({ key }: Company) => `admin@${key.replace('-', '.')}.example`

async function addOrgOf(server: TestServer, company: Company): Promise<void> {
  const { key, name, kind } = company
  await server.fake.addOrg({ key, name, kind, limits: { max: 100_000, used: 1_000 + 9_700 * (COMPANIES.indexOf(company) % 10) } })
  const [firstName = '', lastName = ''] = company.person.split(' ')
  server.fake.addUser({ orgKey: key, username: usernameOf(company), firstName, lastName })
  server.fake.addRecords(key, 'Account', [{ Name: `${name} North` }, { Name: `${name} South` }])
}

/** One app, known to the orgs of all customers of its kind, as the app of a product is. */
async function addIntegrationOf(server: TestServer, kind: Kind, provider: string): Promise<void> {
  const [home, ...others] = COMPANIES.filter((company) => company.kind === kind).map(({ key }) => key)
  const app = addOrgApp(server, home!, `product_${kind}`, { type: 'ca', label: 'Acme Sync', installedIn: others })
  const made = await createApiClient(server.url, server.apiKey).post('/integrations', {
    provider,
    unique_key: provider,
    display_name: kind === 'sandbox' ? 'Salesforce sandboxes' : 'Salesforce',
    credentials: { type: 'OAUTH2', client_id: app.clientId, client_secret: app.clientSecret },
  })
  expect(made.status, JSON.stringify(made.body)).toBe(200)
}

async function connectAs(server: TestServer, company: Company): Promise<string> {
  const integration = INTEGRATIONS[company.kind]
  const email = usernameOf(company)
  server.fake.consent({ decision: 'allow', user: email, org: company.key })
  const made = await createApiClient(server.url, server.apiKey).post<{ data: { token: string } }>('/connect/sessions', {
    end_user: { id: `user-${company.key}`, email, display_name: company.person },
    organization: { id: company.key, display_name: company.name },
    allowed_integrations: [integration],
  })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const { result } = await signIn(server, integration, made.body.data.token)
  if (result?.outcome !== 'success') throw new Error(`${company.name} could not connect: ${JSON.stringify(result)}`)
  return result.connection_id
}

async function work(server: TestServer, company: Company, id: string, pace: number, more = 0): Promise<void> {
  const call = async (path: string, init?: RequestInit) => (await proxied(server, id, INTEGRATIONS[company.kind], path, init)).text()
  const count = BUSY[pace % BUSY.length]! + more
  for (let at = 0; at < count; at++) await call(query(at % 2 ? 'SELECT Id, Name FROM Contact' : 'SELECT Id, Name FROM Account LIMIT 50'))
  if (pace % 29 === 0) await call(`${DATA}/sobjects/Invoice__c/describe`)
  if (pace % 8 === 0) {
    const body = JSON.stringify({ Name: `Order ${pace}` })
    await call(`${DATA}/sobjects/Account`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  }
}

/** A refreshed sandbox, two customers whose administrators ended the access, and one whose user has left. */
function breakSome({ fake }: TestServer): void {
  const [brightwater, , dunmore, , , granite] = COMPANIES
  fake.sandboxRefresh('kestrel-uat')
  fake.revokeUser(usernameOf(brightwater!))
  fake.revokeUser(usernameOf(dunmore!))
  fake.deactivateUser(usernameOf(granite!))
}
