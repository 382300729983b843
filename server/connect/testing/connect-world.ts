/** The slice with a real database, a fake Salesforce behind real-looking host names, and a stand-in for `connections`. */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import pino from 'pino'
import { fail } from '@hawser/api/errors.ts'
import * as contract from '@hawser/api/connect-sessions.ts'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import type { Bus } from '#bus/bus.ts'
import type { StoredConnection, StoredIntegration } from '#connections/connection.ts'
import type { SaveConnection } from '#connections/connections.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { createAuthenticator } from '#http/authenticate.ts'
import { createServer } from '#http/create-server.ts'
import { mount } from '#http/mount.ts'
import { newId } from '#lib/ids.ts'
import { secret } from '#lib/secret.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import { localKeyFromText } from '#vault/local-key.ts'
import { createVault } from '#vault/vault.ts'
import { createBrowser, type Browser } from '@hawser/testkit/browser.ts'
import { createTestCa } from '@hawser/testkit/test-ca.ts'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import { createConnect } from '../compose-connect.ts'
import type { ConnectDeps } from '../connect-deps.ts'
import { findSessionPrincipal } from '../store.ts'

export type World = Awaited<ReturnType<typeof createWorld>>

export const API_KEY = `hws_test_${'k'.repeat(43)}`

/** `extend` adds routes before the server listens. */
export async function createWorld({ extend }: { extend?: (app: FastifyInstance, deps: ConnectDeps) => void } = {}) {
  const testDatabase = await createTestDatabase()
  const db = await openDatabase({ url: testDatabase.url, clockOffsetMs: 0, max: 5 })
  const environmentId = await addEnvironment(db, 'test')
  const bus = memoryBus()
  const logged: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  const ca = createTestCa()
  const reach: { fake?: FakeSalesforce } = {}
  const connector = (hostPort: string) =>
    reach.fake?.port !== undefined && hostPort.endsWith('.salesforce.com:443')
      ? { host: '127.0.0.1', port: reach.fake.port, ca: ca.caPem }
      : undefined
  const egress = createEgress({ trustedHosts: [], connector })
  const saved: SaveConnection[] = []
  const integrations = new Map<string, StoredIntegration>()
  const clients = new Map<string, { clientId: string; clientSecret: string | undefined }>()
  const config = { publicUrl: 'http://localhost', refreshRequestMs: 5_000 }
  const changes: string[] = []
  const deps: ConnectDeps = {
    kit: {
      config,
      clock: { now: () => Date.now() },
      log,
      db,
      vault: createVault({ keyProvider: localKeyFromText(randomBytes(32).toString('base64')).provider, ...keyTable() }),
      egress,
      catalogue: await loadCatalogue({ folder: fileURLToPath(new URL('../../../providers', import.meta.url)), inMemory: extraProviders }),
      bus,
    },
    connections: standInConnections(db, integrations, saved),
    findIntegration: async (environment, key) => (environment === environmentId ? integrations.get(key) : undefined),
    clientOf: async (integration) => {
      const client = clients.get(integration.uniqueKey)
      return (
        client && { clientId: client.clientId, clientSecret: client.clientSecret === undefined ? undefined : secret(client.clientSecret) }
      )
    },
    callbackUrlOf: async () => `${config.publicUrl}/oauth/callback`,
    authenticateSession: (token) => authenticator.session(token),
    recordChange: async (entry) => void changes.push(entry.action),
  }
  const authenticator = createAuthenticator({
    clock: deps.kit.clock,
    bus,
    maxStaleMs: 60_000,
    noteUse: () => {},
    findKey: async () => ({ kind: 'key', keyId: newId(), environmentId, environmentName: 'test', scopes: ['environment:*'] }),
    findSession: (tokenHash) => findSessionPrincipal(db.kysely, tokenHash),
  })
  const connect = createConnect(deps)
  const app = createServer({ log, trustedProxies: [], bodyLimit: 1_000_000 })
  const routes = [contract.createConnectSession, contract.createReconnectSession, contract.getConnectSession, contract.deleteConnectSession]
  mount(app, { routes, handlers: connect.handlers, authenticator, checkReplies: true })
  connect.register(app)
  connect.attachSockets(app.server)
  extend?.(app, deps)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  config.publicUrl = `http://localhost:${typeof address === 'object' ? address?.port : 0}`
  const tls = ca.issue([
    'login.salesforce.com',
    'test.salesforce.com',
    '*.my.salesforce.com',
    '*.sandbox.my.salesforce.com',
    '*.develop.my.salesforce.com',
  ])
  const fake = await startFakeSalesforce({
    seed: 'scenario',
    tls,
    callbackUrls: [`${config.publicUrl}/oauth/callback`],
    randomSeed: 'connect',
  })
  reach.fake = fake

  for (const [key, provider, appName] of [
    ['sf', 'salesforce', 'hawser_acme'],
    ['sf-sandbox', 'salesforce-sandbox', 'hawser_acme_uat'],
    ['no-client', 'salesforce', undefined],
    ['plain', 'none-api', undefined],
    ['desk', 'desk', undefined],
  ] as const) {
    integrations.set(key, await addIntegration(db, environmentId, key, provider))
    const consumer = appName && fake.state.apps.get(appName)?.consumers[0]
    if (consumer) clients.set(key, { clientId: consumer.key, clientSecret: consumer.secret })
  }
  clients.set('desk', { clientId: 'desk-id', clientSecret: 'desk-secret' })
  const browsers: Browser[] = []

  return {
    app,
    bus,
    changes,
    clients,
    config,
    connect,
    db,
    environmentId,
    fake,
    integrations,
    logged,
    saved,
    newBrowser() {
      const browser = createBrowser({ connector })
      browsers.push(browser)
      return browser
    },
    async api(method: 'GET' | 'POST' | 'DELETE', path: string, token: string, body?: unknown) {
      const answer = await app.inject({
        method,
        url: path,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { payload: body as object }),
      })
      // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect
      return { status: answer.statusCode, body: (answer.body === '' ? undefined : answer.json()) as any }
    },
    async newSession(body: object = {}): Promise<string> {
      const answer = await this.api('POST', '/connect/sessions', API_KEY, { end_user: { id: 'u1' }, ...body })
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
      return answer.body.data.token as string
    },
    beginUrl(key: string, token: string, more: Record<string, string> = {}) {
      return `${config.publicUrl}/oauth/connect/${key}?${new URLSearchParams({ connect_session_token: token, ...more })}`
    },
    async result(token: string) {
      return (await this.api('GET', '/connect/session', token)).body.data.result
    },
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()))
      connect.close()
      await app.close()
      await egress.close(0)
      await fake.close()
      await db.close()
      await testDatabase.close()
    },
  }
}

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

async function addEnvironment(db: Database, name: string): Promise<string> {
  const id = newId()
  const bytes = Buffer.alloc(32)
  await sql`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values (${id}, ${name}, ${bytes}, ${bytes}, ${bytes})`.execute(
    db.kysely,
  )
  return id
}

async function addIntegration(db: Database, environmentId: string, uniqueKey: string, provider: string): Promise<StoredIntegration> {
  const id = newId()
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${id}, ${environmentId}, ${uniqueKey}, ${provider}, ${uniqueKey})`.execute(
    db.kysely,
  )
  const now = new Date()
  return {
    id,
    environmentId,
    uniqueKey,
    provider,
    displayName: uniqueKey,
    scopes: null,
    forwardWebhooks: true,
    baseUrlOverrideHosts: [],
    createdAt: now,
    updatedAt: now,
  }
}

function keyTable() {
  const keys = new Map<string, Buffer>()
  return {
    loadWrappedKey: async (id: string) => keys.get(id) ?? null,
    saveWrappedKey: async (id: string, wrapped: Buffer) => {
      if (!keys.has(id)) keys.set(id, wrapped)
      return keys.get(id)!
    },
  }
}

export function memoryBus(): Bus {
  const listeners = new Map<string, Set<(message: string) => void>>()
  return {
    on(topic, listener) {
      listeners.set(topic, (listeners.get(topic) ?? new Set()).add(listener))
      return () => void listeners.get(topic)?.delete(listener)
    },
    onGap: () => () => {},
    async send(topic, message) {
      for (const listener of listeners.get(topic) ?? []) listener(message)
    },
    close: async () => {},
  }
}

/** Writes the row that a session points to, with `alongside` in the same transaction, as the real one does. */
function standInConnections(
  db: Database,
  integrations: Map<string, StoredIntegration>,
  saved: SaveConnection[],
): ConnectDeps['connections'] {
  return {
    async save(input) {
      saved.push(input)
      const connection = await db.kysely.transaction().execute(async (transaction) => {
        const row = connectionRow(input)
        if (input.reconnects === undefined) {
          await sql`insert into connection (id, environment_id, integration_id, connection_id) values (${row.id}, ${input.environmentId}, ${input.integration.id}, ${row.connectionId})`.execute(
            transaction,
          )
        }
        await input.alongside?.(transaction, row)
        return row
      })
      return { connection, operation: input.reconnects === undefined ? 'creation' : 'override' }
    },
    async find(environmentId, key, connectionId) {
      const integration = integrations.get(key)
      if (!integration) throw fail('unknown_provider_config')
      const { rows } = await sql<{
        id: string
      }>`select id from connection where environment_id = ${environmentId} and integration_id = ${integration.id} and connection_id = ${connectionId}`.execute(
        db.kysely,
      )
      if (!rows[0]) throw fail('unknown_connection')
      return { connection: { id: rows[0].id } } as never
    },
  }
}

function connectionRow(input: SaveConnection): StoredConnection {
  const id = input.reconnects ?? newId()
  const now = new Date()
  return {
    id,
    number: 1,
    environmentId: input.environmentId,
    integrationId: input.integration.id,
    connectionId: input.connectionId ?? `c-${id}`,
    grantId: undefined,
    metadata: null,
    connectionConfig: input.connectionConfig,
    tags: input.tags ?? {},
    endUser: input.endUser ?? null,
    webhookUrlOverride: input.webhookUrlOverride ?? null,
    createdAt: now,
    updatedAt: now,
    lastFetchedAt: null,
  }
}
