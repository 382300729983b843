/**
 * Databases for tests: one PostgreSQL a run, started by the first test that needs it; a template that is migrated once; a clone for each test.
 * Whoever runs tests calls `prepareTestDatabases` before and `removeTestDatabases` after, in the process that outlives all workers
 * (`vitest.config.ts` does so). `HAWSER_TEST_DATABASE_URL` names another server, whose account must be allowed to create databases.
 */
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../server/db/embedded-postgres.ts'
import { migrate } from '../server/db/migrate.ts'

const MAX_CONNECTIONS = 300
const FOLDER_VARIABLE = 'HAWSER_TEST_FOLDER'
const RUN_VARIABLE = 'HAWSER_TEST_RUN'
/** Names the lock of the one worker that makes the template. */
const TEMPLATE_LOCK = 7_283_041_123

export interface TestDatabase {
  /** `postgres://` address of a database of its own, with the whole schema and nothing in it. */
  url: string
  /** Drops the database, whoever is still connected. */
  close(): Promise<void>
}

/** Clones the migrated template. Some 40 ms, and once a run about a second for the server and the template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await testServer()
  const name = `hawser_t_${runName()}_${randomBytes(6).toString('hex')}`
  await administer(server.url, (client) => client.query(`create database "${name}" template "${server.template}"`))
  return {
    url: withDatabase(server.url, name),
    close: () => administer(server.url, async (client) => void (await client.query(`drop database if exists "${name}" with (force)`))),
  }
}

/** Before the first worker: tells this run's workers where its server will be, and clears away what killed runs have left. */
export async function prepareTestDatabases(): Promise<void> {
  await removeDeadRuns()
  process.env[RUN_VARIABLE] = `${process.pid}_${randomBytes(3).toString('hex')}`
  if (process.env['HAWSER_TEST_DATABASE_URL']) return
  const folder = mkdtempSync(join(tmpdir(), `hawser-test-${process.pid}-`))
  // As root the server runs under another account, which must get through to its files; the data directory in it is closed.
  chmodSync(folder, 0o755)
  process.env[FOLDER_VARIABLE] = folder
}

/** After the last worker: stops and removes the run's server, or drops its databases on another server. */
export async function removeTestDatabases(): Promise<void> {
  const folder = process.env[FOLDER_VARIABLE]
  const run = process.env[RUN_VARIABLE]
  if (folder) await removeFolder(folder)
  const url = process.env['HAWSER_TEST_DATABASE_URL']
  if (!url || !run) return
  await administer(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(`select datname as name from pg_database where starts_with(datname, $1)`, [
      `hawser_t_${run}_`,
    ])
    for (const { name } of rows) await client.query(`drop database if exists "${name}" with (force)`)
  })
}

interface TestServer {
  url: string
  template: string
}

let server: Promise<TestServer> | undefined

/** The run's server with its template, once a worker. */
function testServer(): Promise<TestServer> {
  return (server ??= (async () => {
    const given = process.env['HAWSER_TEST_DATABASE_URL']
    const url = given ?? (await startTestServer()).url
    const template = `hawser_t_${runName()}_template`
    await administer(url, (client) => makeTemplate(client, url, template))
    return { url, template }
  })())
}

/** Never stopped by a worker: the next file needs it, and the run's end stops it. */
function startTestServer(): Promise<EmbeddedPostgres> {
  const folder = process.env[FOLDER_VARIABLE]
  if (!folder) throw new Error('prepareTestDatabases has not run: start tests with npm test')
  return startEmbeddedPostgres(clusterOptions(folder))
}

function clusterOptions(folder: string): EmbeddedPostgresOptions {
  return { dataDir: join(folder, 'data'), rootHome: join(folder, 'root'), fsync: false, maxConnections: MAX_CONNECTIONS }
}

async function makeTemplate(client: pg.Client, url: string, template: string): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
  if (rowCount) return
  await client.query(`create database "${template}"`)
  try {
    await migrate(withDatabase(url, template))
  } catch (error) {
    await client.query(`drop database "${template}" with (force)`)
    throw error
  }
}

/** The lock that `work` may have taken goes with the connection. */
async function administer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 60_000 })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

function runName(): string {
  return process.env[RUN_VARIABLE] ?? `${process.pid}`
}

async function removeFolder(folder: string): Promise<void> {
  await stopEmbeddedPostgres(clusterOptions(folder).dataDir)
  rmSync(folder, { recursive: true, force: true })
}

/** Of runs that were killed (`kill -9`): their server would run until the machine stops. Another user's folder is left to that user. */
async function removeDeadRuns(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(/^hawser-test-(\d+)-/.exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    await removeFolder(join(tmpdir(), name)).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
