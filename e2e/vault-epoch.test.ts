/** An original and its copies, side by side against one Salesforce: a copy that refreshed would end the grants of both. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose, type ComposedServer } from '../server/compose.ts'
import type { Config } from '../server/config.ts'
import { takeOverVault } from '../server/freeze/take-over.ts'
import { reveal, secret } from '../server/lib/secret.ts'
import { openStore, type Store } from '../server/open-store.ts'
import { createLogger } from '../server/telemetry/log.ts'
import { createTestDatabase, type TestDatabase } from '../testkit/test-database.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, connectionPath, DATA } from './customer.ts'

const INTEGRATION = 'epochs'
const HOUR_MS = 3_600_000

let server: TestServer
let id: string
let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-copies-'))
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'epochs'))
  id = await connect(server, INTEGRATION)
})
afterAll(async () => {
  await server?.close()
  await rm(root, { recursive: true, force: true })
})

type Call = (path: string, init?: RequestInit) => Promise<{ status: number; body: Record<string, unknown> }>

function callerOf(origin: string): Call {
  const headers = { authorization: `Bearer ${server.apiKey}`, 'provider-config-key': INTEGRATION, 'connection-id': id }
  return async (path, init = {}) => {
    const answer = await fetch(`${origin}${path}`, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>) },
      signal: AbortSignal.timeout(20_000),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
}

const refreshes = () => server.fake.log.counts['token:refresh_token'] ?? 0
const forced = () => connectionPath(id, INTEGRATION, { force_refresh: 'true' })

/** The rows of every table of ours, as a dump would hold them. */
async function dump(url: string): Promise<Map<string, string>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select quote_ident(relname) as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname not like 'schema_migration%'`,
    )
    const tables = new Map<string, string>()
    for (const { name } of rows) {
      const { rows: found } = await client.query<{ json: string | null }>(`select json_agg(t)::text as json from ${name} t`)
      tables.set(name, found[0]!.json ?? '[]')
    }
    return tables
  })
}

async function restore(url: string, tables: Map<string, string>): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`set session_replication_role = replica`)
    for (const [name, json] of tables) {
      await client.query(`delete from ${name}`)
      // A generated column takes no value.
      const { rows } = await client.query<{ columns: string }>(
        `select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
          where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
        [name],
      )
      const columns = rows[0]!.columns
      await client.query(
        `insert into ${name} (${columns}) overriding system value select ${columns} from json_populate_recordset(null::${name}, $1::json)`,
        [json],
      )
    }
  })
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

interface Other {
  composed: ComposedServer
  store: Store
  call: Call
  close(): Promise<void>
}

/** A further server against the same fake. */
async function start(changes: Partial<Config>): Promise<Other> {
  const config: Config = { ...server.config, ...changes }
  const store = await openStore(config, { clockOffsetMs: server.clock.now() - Date.now() })
  const log = createLogger({ level: 'silent', write: () => {} })
  const composed = await compose({ config, store, log, clock: server.clock, connector: server.connector, checkReplies: true })
  await composed.listen()
  const url = `http://localhost:${config.port}`
  const close = async () => {
    await composed.close()
    await store.close()
  }
  return { composed, store, call: callerOf(url), close }
}

describe('18. a copy beside the original', () => {
  let copied: TestDatabase
  beforeAll(async () => {
    copied = await createTestDatabase()
    await restore(copied.url, await dump(reveal(server.config.databaseUrl!)))
  })
  afterAll(() => copied?.close())

  it.each([
    ['with a data directory of its own', false],
    ['with a copy of the data directory', true],
  ])('%s: serves what works, and makes no token request', async (_name, withDirectory) => {
    const dataDir = join(root, withDirectory ? 'copy' : 'own')
    if (withDirectory) await cp(server.config.dataDir, dataDir, { recursive: true })
    const copy = await start({
      databaseUrl: secret(copied.url),
      dataDir,
      port: server.config.port + 4,
      gatewayPort: server.config.gatewayPort + 4,
    })
    try {
      const before = refreshes()
      expect(await copy.call('/ready')).toEqual({ status: 200, body: { result: 'ok', vault: 'frozen' } })
      expect((await copy.call(`/proxy${DATA}/limits`)).status).toBe(200)
      expect((await copy.call(connectionPath(id, INTEGRATION))).status).toBe(200)
      const refused = await copy.call(forced())
      expect(refused).toMatchObject({
        status: 503,
        body: { error: { code: 'vault_frozen', diagnosis: { evidence: { reason: 'moved' } } } },
      })
      const session = await copy.call('/connect/sessions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ end_user: { id: 'u' }, allowed_integrations: [INTEGRATION] }),
      })
      expect(session).toMatchObject({ status: 503, body: { error: { code: 'vault_frozen' } } })
      expect(copy.composed.frozen()).not.toEqual([])
      expect(refreshes()).toBe(before)
      // The original is not disturbed.
      expect((await callerOf(server.url)(forced())).status).toBe(200)
    } finally {
      await copy.close()
    }
  })
})

/** For what only the server's own announcement brings about. */
async function becomesLive(call: Call): Promise<void> {
  const until = performance.now() + 5_000
  while ((await call('/ready')).body['vault'] !== 'live') if (performance.now() > until) throw new Error('not live within 5 s')
}

describe('18. an older dump under the same data directory', () => {
  it('is frozen; after the take-over the spool is put back first, and the grant survives its rotations', async () => {
    const url = reveal(server.config.databaseUrl!)
    const old = await dump(url)
    const original = callerOf(server.url)
    // Each uses up the refresh token before it: with the dump’s, Salesforce would end the grant.
    for (let n = 0; n < 2; n++) expect((await original(forced())).status).toBe(200)
    server.clock.advance(HOUR_MS)
    await server.server.close()
    await restore(url, old)
    const restored = await start({})
    try {
      const before = refreshes()
      expect(await restored.call(forced())).toMatchObject({
        status: 503,
        body: { error: { code: 'vault_frozen', diagnosis: { evidence: { reason: 'older' } } } },
      })
      expect(refreshes()).toBe(before)
      await takeOverVault(restored.store.db, server.config.dataDir)
      await becomesLive(restored.call)
      expect((await restored.call(forced())).status).toBe(200)
      expect((await restored.call(forced())).status).toBe(200)
      expect(await restored.call(`/proxy${DATA}/limits`)).toMatchObject({ status: 200 })
      expect(await restored.call('/ready')).toEqual({ status: 200, body: { result: 'ok', vault: 'live' } })
    } finally {
      await restored.close()
    }
  })
})
