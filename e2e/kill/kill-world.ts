/** What outlives the servers that are killed: a PostgreSQL that syncs to disk, the provider with its door, keys and data directory. */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createGrant, issueTokens } from '@hawser/fake-salesforce/oauth/issue-tokens.ts'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import type { App } from '@hawser/fake-salesforce/state.ts'
import { createTestCa } from '@hawser/testkit/test-ca.ts'
import { freePorts } from '@hawser/testkit/test-server.ts'
import { newSecretKey } from '../../server/accounts/secret-key.ts'
import { startEmbeddedPostgres, stopEmbeddedPostgres, type EmbeddedPostgres } from '../../server/db/embedded-postgres.ts'
import { readPostmaster } from '../../server/db/postmaster.ts'
import { createApiClient, type ApiClient } from '../api-client.ts'
import { openProviderDoor, type ProviderDoor } from './provider-door.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'

export const ORG = 'acme-uat'
const USER = 'ann@acme.example.uat'
const HOST = 'acme--uat.sandbox.my.salesforce.com'
/** Many connections of one user, as no real org would allow. */
const APPROVALS = 1_000_000
/** Longer than the server waits for anything. */
const CALL_DEADLINE_MS = 90_000

export interface KillWorld {
  fake: FakeSalesforce
  door: ProviderDoor
  app: App
  apiKey: string
  /** Of the database, which listens only while it is not stopped. */
  databaseUrl: string
  database: { stop(): Promise<void>; start(): Promise<void>; pid(): number }
  /** What `hawser_now()`, the servers and the provider add to the clock. Each life of a server begins with what it is by then. */
  clockOffsetMs: number
  /** Starts a server, `env` over the usual settings. Each has ports of its own; `dataDir` names the folder that it shares with its earlier lives. */
  start(options?: { entry?: string; dataDir?: string; env?: Record<string, string> }): Promise<ServerProcess>
  api(server: ServerProcess): ApiClient
  /** A grant of the provider, with the tokens that the customer's sign-in would have brought. */
  newGrant(): { grantId: string; tokens: Record<string, string> }
  close(): Promise<void>
}

export interface KillWorldOptions {
  /** Whether the provider gives a new refresh token with each refresh, and ends a grant whose old one is used again. */
  rotation?: boolean
}

export async function createKillWorld({ rotation = true }: KillWorldOptions = {}): Promise<KillWorld> {
  // By this name the next test run finds and removes what a killed one has left, the database included.
  const folder = mkdtempSync(join(tmpdir(), `hawser-test-${process.pid}-`))
  chmodSync(folder, 0o755)
  const cluster = { dataDir: join(folder, 'data'), rootHome: join(folder, 'root'), maxConnections: 200 }
  const ca = createTestCa()
  const fake = await startFakeSalesforce({ seed: 'scenario' })
  fake.set('knobs.approvalLimit', APPROVALS)
  const app = fake.addApp({ orgKey: ORG, developerName: 'killed', flags: { rotation, reuseKillsFamily: true } })
  const door = await openProviderDoor(fake.port!, ca.issue(['*.sandbox.my.salesforce.com', 'test.salesforce.com']))
  let postgres: EmbeddedPostgres = await startEmbeddedPostgres(cluster)
  const apiKey = newSecretKey('dev')
  const env = { HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64'), HAWSER_SECRET_KEY_DEV: apiKey }
  const running = new Set<ServerProcess>()

  const world: KillWorld = {
    ...{ fake, door, app, apiKey, databaseUrl: postgres.url, clockOffsetMs: 0 },
    database: {
      stop: () => postgres.stop(),
      start: async () => void (postgres = await startEmbeddedPostgres(cluster)),
      pid: () => readPostmaster({ path: join(cluster.dataDir, 'postgres') })?.pid ?? 0,
    },
    async start({ entry = './server-entry.ts', dataDir = 'server', env: more = {} } = {}) {
      const [port, gatewayPort] = await freePorts()
      mkdirSync(join(folder, dataDir), { recursive: true, mode: 0o700 })
      const settings = {
        ...{ ...env, DATABASE_URL: postgres.url, HAWSER_DATA_DIR: join(folder, dataDir), HAWSER_LOG_LEVEL: 'warn' },
        ...{ HAWSER_PORT: `${port}`, HAWSER_GATEWAY_PORT: `${gatewayPort}`, HAWSER_PRACTICE_ORG: 'false', HAWSER_ONLY: 'api', ...more },
      }
      const life = { env: settings, clockOffsetMs: world.clockOffsetMs, providerPort: door.port, providerCa: ca.caPem }
      const server = await startServerProcess(entry, life, port)
      running.add(server)
      return server
    },
    api: (server) => createApiClient(server.url, apiKey, CALL_DEADLINE_MS),
    newGrant() {
      const { state } = fake
      const grant = createGrant(state, app, USER, ORG, ['api', 'refresh_token', 'id'], true)
      const org = state.orgs.get(ORG)!
      const site = { role: 'org' as const, org, origin: state.origins.org(ORG) }
      return { grantId: grant.id, tokens: issueTokens(state, { site, grant, consumer: app.consumers[0]!, withRefreshToken: true }) }
    },
    async close() {
      await Promise.all([...running].map((server) => server.kill()))
      await door.close()
      await fake.close()
      await postgres.stop()
      await stopEmbeddedPostgres(cluster.dataDir)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return world
}

const INTEGRATION = 'killed'

/** Once in the life of a database; later calls find it there. */
export async function addIntegrationTo(api: ApiClient, { consumers }: App): Promise<void> {
  const { key, secret } = consumers[0]!
  const known = await api.get(`/integrations/${INTEGRATION}`)
  if (known.status === 200) return
  await must(
    200,
    api.post('/integrations', {
      provider: 'salesforce-sandbox',
      unique_key: INTEGRATION,
      credentials: { type: 'OAUTH2', client_id: key, client_secret: secret },
    }),
  )
}

/** `name` becomes the connection's id. */
export async function importGrant(api: ApiClient, name: string, tokens: Record<string, string>): Promise<void> {
  await must(
    201,
    api.post('/connections', {
      provider_config_key: INTEGRATION,
      connection_id: name,
      connection_config: { instance_url: `https://${HOST}` },
      credentials: { type: 'OAUTH2', access_token: tokens['access_token'], refresh_token: tokens['refresh_token'] },
    }),
  )
}

/** The status of a call, with the error's code where there is one, and the access token where it was read. */
export interface Outcome {
  status: number
  code: string | undefined
  diagnosis: string | undefined
  accessToken: string | undefined
}

/** Reads credentials, which must be refreshed for it. `'cut'`: the server was killed under the call. */
export async function forceRefresh(api: ApiClient, name: string, force = true): Promise<Outcome | 'cut'> {
  const answer = await api
    .get<{ error?: { code: string; diagnosis?: { code: string } }; credentials?: { access_token?: string } }>(
      `/connections/${name}?provider_config_key=${INTEGRATION}${force ? '&force_refresh=true' : ''}`,
    )
    .catch((error: Error) => {
      if (error.name === 'TimeoutError') throw error
      return 'cut' as const
    })
  if (answer === 'cut') return 'cut'
  const { error, credentials } = answer.body ?? {}
  return { status: answer.status, code: error?.code, diagnosis: error?.diagnosis?.code, accessToken: credentials?.access_token }
}

/** The status of a call through the proxy. */
export async function callProxy(server: ServerProcess, apiKey: string, name: string): Promise<number> {
  const answer = await fetch(`${server.url}/proxy/services/data/v62.0/limits`, {
    headers: { authorization: `Bearer ${apiKey}`, 'provider-config-key': INTEGRATION, 'connection-id': name },
    signal: AbortSignal.timeout(CALL_DEADLINE_MS),
  })
  await answer.arrayBuffer()
  return answer.status
}

/** Names of connections with an open issue, and its kind. */
export async function openIssues(databaseUrl: string): Promise<Map<string, string>> {
  const rows = await askDatabase<{ name: string; kind: string }>(
    databaseUrl,
    `select c.connection_id as name, i.kind from issue i join connection c on c.id = i.connection_id where i.closed_at is null`,
  )
  return new Map(rows.map(({ name, kind }) => [name, kind]))
}

export async function askDatabase<T extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

async function must(status: number, call: Promise<{ status: number; body: unknown }>): Promise<void> {
  const answer = await call
  if (answer.status !== status) throw new Error(`the call was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}
