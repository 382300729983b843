/** The slice on a real server and database, with a fake Salesforce behind real-looking host names. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import * as contract from '@hawser/api/connect-sessions.ts'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { createBrowser, type Browser } from '@hawser/testkit/browser.ts'
import { createTestCa } from '@hawser/testkit/test-ca.ts'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { SaveConnection } from '#connections/connections.ts'
import { openDatabase } from '#db/pool.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { createAuthenticator, type Authenticator } from '#http/authenticate.ts'
import { createServer } from '#http/create-server.ts'
import { mount } from '#http/mount.ts'
import { newId } from '#lib/ids.ts'
import { secret } from '#lib/secret.ts'
import type { OrgRules } from '#orgs/judge-org.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import { localKeyFromText } from '#vault/local-key.ts'
import { createVault } from '#vault/vault.ts'
import { createConnect } from './compose-connect.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { addEnvironment, addIntegration, keyTable, memoryBus, standInConnections } from './slice-for-tests.ts'
import { findSessionPrincipal } from './store.ts'

export const API_KEY = `hws_test_${'k'.repeat(43)}`

const SALESFORCE_HOSTS = [
  'login.salesforce.com',
  'test.salesforce.com',
  '*.my.salesforce.com',
  '*.sandbox.my.salesforce.com',
  '*.develop.my.salesforce.com',
]

const extraProviders = {
  'none-api': { display_name: 'None', auth_mode: 'NONE', docs: 'https://docs.example.com' },
  desk: {
    display_name: 'Desk',
    auth_mode: 'OAUTH2',
    docs: 'https://docs.example.com',
    authorization_url: 'https://${connectionConfig.subdomain}.desk.example/authorize',
    token_url: 'https://${connectionConfig.subdomain}.desk.example/token',
    connection_config: {
      subdomain: { title: 'Subdomain', pattern: '^[a-z0-9-]+$', example: 'acme' },
      region: { title: 'Region', optional: true, enum: ['eu', 'us'] },
      filled: { automated: true },
    },
  },
}

type Client = { clientId: string; clientSecret: string | undefined }
type Connector = (hostPort: string) => { host: string; port: number; ca: string } | undefined
export type World = Awaited<ReturnType<typeof createWorld>>

/** What the tests look at and change while the slice runs. */
function createKnobs() {
  return {
    saved: [] as SaveConnection[],
    logged: [] as string[],
    changes: [] as string[],
    queued: [] as { name: string; payload: unknown }[],
    /** `next` runs once a connection is stored, as the audit's entry does. */
    afterSaving: { next: () => {} },
    /** What the next readings of an integration's app find, before the usual. */
    clientReads: { next: [] as (Client & { id: string })[] },
    orgRules: { wrongOrgKind: 'refuse', refusedOrgKinds: [] } as OrgRules,
    integrations: new Map<string, StoredIntegration>(),
    clients: new Map<string, Client>(),
    config: { publicUrl: 'http://localhost', refreshRequestMs: 5_000 },
  }
}

export async function createWorld() {
  const testDatabase = await createTestDatabase()
  const db = await openDatabase({ url: testDatabase.url, clockOffsetMs: 0, max: 5 })
  const environmentId = await addEnvironment(db, 'test')
  const knobs = createKnobs()
  const ca = createTestCa()
  const reach: { fake?: FakeSalesforce } = {}
  const connector: Connector = (hostPort) =>
    reach.fake?.port !== undefined && hostPort.endsWith('.salesforce.com:443')
      ? { host: '127.0.0.1', port: reach.fake.port, ca: ca.caPem }
      : undefined
  const { deps, authenticator } = await createDeps(knobs, db, environmentId, connector)
  const connect = createConnect(deps)
  const app = createServer({ log: deps.kit.log, trustedProxies: [], bodyLimit: 1_000_000 })
  const { createConnectSession, createReconnectSession, getConnectSession, deleteConnectSession } = contract
  const routes = [createConnectSession, createReconnectSession, getConnectSession, deleteConnectSession]
  mount(app, { routes, handlers: connect.handlers, authenticator, checkReplies: true })
  connect.register(app)
  connect.attachSockets(app.server)
  await app.listen({ port: 0, host: '127.0.0.1' })
  knobs.config.publicUrl = `http://localhost:${(app.server.address() as AddressInfo).port}`
  const callbackUrls = [`${knobs.config.publicUrl}/oauth/callback`]
  const fake = await startFakeSalesforce({ seed: 'scenario', tls: ca.issue(SALESFORCE_HOSTS), callbackUrls, randomSeed: 'connect' })
  reach.fake = fake
  await addIntegrations(knobs, db, environmentId, fake)
  const browsers: Browser[] = []
  return {
    ...knobs,
    ...callsOf(app, knobs),
    app,
    db,
    environmentId,
    fake,
    newBrowser() {
      const browser = createBrowser({ connector })
      browsers.push(browser)
      return browser
    },
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()))
      connect.close()
      await app.close()
      await deps.kit.egress.close(0)
      await fake.close()
      await db.close()
      await testDatabase.close()
    },
  }
}

type Knobs = ReturnType<typeof createKnobs>
type Db = Awaited<ReturnType<typeof openDatabase>>

async function createDeps(
  knobs: Knobs,
  db: Db,
  environmentId: string,
  connector: Connector,
): Promise<{ deps: ConnectDeps; authenticator: Authenticator }> {
  const clock = { now: () => Date.now() }
  const bus = memoryBus()
  const authenticator = createAuthenticator({
    clock,
    bus,
    maxStaleMs: 60_000,
    noteUse: () => {},
    findKey: async () => ({ kind: 'key', keyId: newId(), environmentId, environmentName: 'test', scopes: ['environment:*'] }),
    findSession: (tokenHash) => findSessionPrincipal(db.kysely, tokenHash),
  })
  const deps: ConnectDeps = {
    kit: {
      config: knobs.config,
      clock,
      log: pino({ level: 'debug' }, { write: (line: string) => void knobs.logged.push(line) }),
      db,
      vault: createVault({ keyProvider: localKeyFromText(randomBytes(32).toString('base64')).provider, ...keyTable() }),
      egress: createEgress({ trustedHosts: [], connector }),
      catalogue: await loadCatalogue({ folder: fileURLToPath(new URL('../../providers', import.meta.url)), inMemory: extraProviders }),
      bus,
      queue: { add: async (name, payload) => void knobs.queued.push({ name, payload }) },
    },
    connections: standInConnections(db, knobs.integrations, knobs.saved, () => knobs.afterSaving.next()),
    findIntegration: async (environment, key) => (environment === environmentId ? knobs.integrations.get(key) : undefined),
    clientOf: async ({ uniqueKey }) => {
      const client: (Client & { id?: string }) | undefined = knobs.clientReads.next.shift() ?? knobs.clients.get(uniqueKey)
      return (
        client && {
          ...(client.id === undefined ? {} : { id: client.id }),
          clientId: client.clientId,
          clientSecret: client.clientSecret === undefined ? undefined : secret(client.clientSecret),
        }
      )
    },
    callbackUrlOf: async () => `${knobs.config.publicUrl}/oauth/callback`,
    authenticateSession: (token) => authenticator.session(token),
    orgRulesOf: async () => knobs.orgRules,
    noteApiUsage: () => {},
    issueEvents: { recordOwnEvent: async () => {} },
    recordChange: async (entry) => void knobs.changes.push(entry.action),
  }
  return { deps, authenticator }
}

async function addIntegrations(knobs: Knobs, db: Db, environmentId: string, fake: FakeSalesforce): Promise<void> {
  for (const [key, provider, appName] of [
    ['sf', 'salesforce', 'hawser_acme'],
    ['sf-sandbox', 'salesforce-sandbox', 'hawser_acme_uat'],
    ['no-client', 'salesforce', undefined],
    ['plain', 'none-api', undefined],
    ['desk', 'desk', undefined],
  ] as const) {
    knobs.integrations.set(key, await addIntegration(db, environmentId, key, provider))
    const consumer = appName && fake.state.apps.get(appName)?.consumers[0]
    if (consumer) knobs.clients.set(key, { clientId: consumer.key, clientSecret: consumer.secret })
  }
  knobs.clients.set('desk', { clientId: 'desk-id', clientSecret: 'desk-secret' })
}

function callsOf(app: FastifyInstance, { config }: Knobs) {
  async function api(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, token: string, body?: unknown) {
    const headers = { authorization: `Bearer ${token}` }
    const answer = await app.inject({ method, url: path, headers, ...(body === undefined ? {} : { payload: body as object }) })
    // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect
    return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as any }
  }
  return {
    api,
    async newSession(body: object = {}): Promise<string> {
      const answer = await api('POST', '/connect/sessions', API_KEY, { end_user: { id: 'u1' }, ...body })
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body.data.token as string
    },
    beginUrl: (key: string, token: string, more: Record<string, string> = {}) =>
      `${config.publicUrl}/oauth/connect/${key}?${new URLSearchParams({ connect_session_token: token, ...more })}`,
    result: async (token: string) => (await api('GET', '/connect/session', token)).body.data.result,
  }
}
