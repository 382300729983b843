import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Logger, runMigrations } from 'graphile-worker'
import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import pg from 'pg'
import { PRODUCT } from '#lib/product.ts'
import { openDatabase, type Database } from '#db/pool.ts'

const OUR_MIGRATIONS = join(import.meta.dirname, 'migrations')
const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/
const TABLE = 'schema_migration'
const LOCK_TABLE = 'schema_migration_lock'
/** Names the advisory lock that makes nodes migrate one after another; the same number in every release. */
const LOCK_KEY = 7_283_041_121
const LOCK_TIMEOUT = '120s'
/** Building an index on a large table takes its time; requests have a far shorter limit. */
const STATEMENT_TIMEOUT_MS = 600_000

export interface MigrateOptions {
  /** Folder of `0001_name.sql` files; default: ours. */
  folder?: string
}

/**
 * Brings the schema of the database at `url` to the newest migration, and graphile-worker's schema to its own.
 * Nodes that start together wait for each other, 2 min at most. What is missing is applied in one transaction: a failure leaves nothing behind.
 * A database that a newer release has migrated further is left as it is (migrations expand before they contract).
 * Returns the names that were applied now. Throws an Error with file and line.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const database = await openDatabase({ url, max: 3, statementTimeoutMs: STATEMENT_TIMEOUT_MS, applicationName: 'hawser-migrate' })
  try {
    const migrations = await readMigrations(options.folder ?? OUR_MIGRATIONS)
    if ((await missingNames(database, migrations)).length === 0) {
      await migrateQueue(database)
      return []
    }
    return await underLock(database.pool, async () => {
      const names = await applyMissing(database, migrations)
      await migrateQueue(database)
      return names
    })
  } finally {
    await database.close()
  }
}

/**
 * Applies our migrations that are missing, up to the named one, in the transaction that `kysely`'s only connection is in. Returns their names.
 * For a restore, which has to build an older schema first; graphile-worker's is not touched.
 */
export async function migrateWithin(kysely: Kysely<unknown>, upTo?: string): Promise<string[]> {
  const all = await readMigrations(OUR_MIGRATIONS)
  const migrations = Object.fromEntries(Object.entries(all).filter(([name]) => upTo === undefined || name <= upTo))
  const { error, results } = await migratorOf(kysely, migrations, true).migrateToLatest()
  if (error) throw error
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

function migratorOf(kysely: Kysely<unknown>, migrations: Record<string, Migration>, disableTransactions = false): Migrator {
  return new Migrator({
    db: kysely,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
    disableTransactions,
  })
}

async function readMigrations(folder: string): Promise<Record<string, Migration>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  const migrations: Record<string, Migration> = {}
  for (const file of files) {
    if (!FILE_NAME.test(file)) throw new Error(`${join(folder, file)}: a migration is named like 0001_some_words.sql`)
    const text = await readFile(join(folder, file), 'utf8')
    migrations[file.slice(0, -'.sql'.length)] = { up: (kysely) => runFile(kysely, file, text) }
  }
  return migrations
}

/** Without parameters node-postgres uses the simple protocol, which takes a whole file of statements. */
async function runFile(kysely: Kysely<unknown>, file: string, text: string): Promise<void> {
  try {
    await sql.raw(text).execute(kysely)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    const line = error.position === undefined ? '' : `:${text.slice(0, Number(error.position) - 1).split('\n').length}`
    throw new Error(`migration ${file}${line} failed: ${error.message}`, { cause: error })
  }
}

async function missingNames(database: Database, migrations: Record<string, Migration>): Promise<string[]> {
  const { rows } = await database.pool.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [TABLE])
  const applied = new Set<string>()
  if (rows[0]?.exists) {
    const { rows: names } = await database.pool.query<{ name: string }>(`select name from ${TABLE}`)
    for (const { name } of names) applied.add(name)
  }
  return Object.keys(migrations).filter((name) => !applied.has(name))
}

async function applyMissing(database: Database, migrations: Record<string, Migration>): Promise<string[]> {
  // Somebody else may have applied them while this node waited for the lock.
  if ((await missingNames(database, migrations)).length === 0) return []
  const migrator = migratorOf(database.kysely, migrations)
  const { error, results } = await migrator.migrateToLatest()
  if (error instanceof Error && error.message.includes('corrupted migrations')) {
    throw new Error(`the database was migrated by another release of ${PRODUCT} (${error.message}): start that release or a newer one`, {
      cause: error,
    })
  }
  if (error) throw error
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName)
}

/** One select when it is up to date; safe when several nodes do it at once. */
async function migrateQueue(database: Database): Promise<void> {
  await runMigrations({ pgPool: database.pool, logger: new Logger(() => () => {}) })
}

/** The lock belongs to a transaction, not to a session, so that it also holds behind PgBouncer in transaction mode. */
async function underLock<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`)
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY])
    const result = await work()
    await client.query('commit')
    return result
  } finally {
    // Closing the connection is the rollback and the release, whatever happened.
    client.release(true)
  }
}
