import type pg from 'pg'
import type { Config } from '#config.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { frozenWords } from '#freeze/frozen-words.ts'
import { vaultReport } from '#freeze/take-over.ts'
import { environmentKeyAad } from '#vault/environment-keys.ts'
import { appliedMigrations, ourMigrations } from '../../../server/backup/our-tables.ts'
import { presentVaultKey } from '../../../server/backup/vault-key-at-hand.ts'
import { keyPlaceOf } from '../backup-passphrase.ts'
import { bad, line, ok, warn, type Line } from './line.ts'
import { pendingLines } from './pending-migrations.ts'

/** One process's pool, its listener, and its jobs. */
const CONNECTIONS_OF_A_SERVER = 30
const LONG_MINUTES = 5
/** Expiry of tokens and leases is compared with the database's clock. */
const CLOCK_WARN_MS = 2_000
const CLOCK_FAIL_MS = 60_000
const FREEZE_MIGRATION = '0005_freeze'

export interface DatabaseChecks {
  lines: Line[]
  /** Undefined: it could not be asked. */
  bytes: number | undefined
}

/** Changes nothing. `upgrade` false: migrations are not looked at. */
export async function checkDatabase(config: Config, url: string, upgrade: boolean, now: () => number): Promise<DatabaseChecks> {
  let db: Database
  try {
    db = await openDatabase({ url, max: 2, applicationName: 'hawser-preflight' })
  } catch (error) {
    return { lines: [bad('database', (error as Error).message, 'start it, or correct DATABASE_URL')], bytes: undefined }
  }
  try {
    const client = db.pool as unknown as pg.Client
    const applied = await appliedMigrations(client)
    const { rows } = await db.pool.query<{ bytes: string; version: string }>(
      `select pg_database_size(current_database())::text as bytes, current_setting('server_version') as version`,
    )
    const { bytes, version } = rows[0]!
    return {
      bytes: Number(bytes),
      lines: [
        ok('database', `PostgreSQL ${version} answers`),
        ...(await line('schema', 'look at the database', () => schema(db, applied, upgrade))),
        ...(await line('clock', 'ask the database again', () => clock(db, now))),
        ...(await line('connections', 'ask the database again', () => connections(db))),
        ...(await line('transactions', 'ask the database again', () => transactions(db))),
        ...(applied.length > 0 ? await line('vault_key', 'bring the right vault key', () => vaultKey(db, config)) : []),
        ...(applied.includes(FREEZE_MIGRATION) ? await line('epoch', 'npm run hawser -- vault epoch', () => epoch(db, config)) : []),
        ...(config.databaseUrl ? await line('pooler', 'use a direct address', () => pooler(db)) : []),
      ],
    }
  } finally {
    await db.close()
  }
}

async function schema(db: Database, applied: string[], upgrade: boolean): Promise<Line[]> {
  const known = await ourMigrations()
  const newer = applied.filter((name) => !known.includes(name))
  if (newer.length > 0)
    return [
      warn(
        'schema',
        `a newer release has migrated the database (${newer.join(', ')})`,
        'go on with that release; this one runs beside it for the time of an upgrade only',
      ),
    ]
  const pending = known.filter((name) => !applied.includes(name))
  if (applied.length === 0) return [ok('schema', 'the database is new: the first start makes the schema')]
  if (pending.length === 0) return [ok('schema', `the schema is up to date (${applied.at(-1)})`)]
  return upgrade ? pendingLines(db, pending) : [ok('schema', `at ${applied.at(-1)}; the next start migrates on`)]
}

async function clock(db: Database, now: () => number): Promise<Line> {
  const before = now()
  const { rows } = await db.pool.query<{ at: string }>('select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as at')
  const difference = Math.round(Number(rows[0]!.at) - (before + now()) / 2)
  const text = `the database’s clock is ${Math.abs(difference)} ms ${difference < 0 ? 'behind' : 'ahead of'} this machine’s`
  if (Math.abs(difference) < CLOCK_WARN_MS) return ok('clock', text)
  const make = Math.abs(difference) < CLOCK_FAIL_MS ? warn : bad
  return make('clock', text, 'let both follow one time server (NTP): expiry of tokens and leases depends on it')
}

async function connections(db: Database): Promise<Line> {
  const { rows } = await db.pool.query<{ most: number; used: number }>(
    `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
       (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`,
  )
  const { most, used } = rows[0]!
  const text = `${most - used} of ${most} connections are free; a server takes up to ${CONNECTIONS_OF_A_SERVER}`
  if (most - used >= CONNECTIONS_OF_A_SERVER) return ok('connections', text)
  return warn('connections', text, 'raise max_connections, or stop a server before the next one starts')
}

async function transactions(db: Database): Promise<Line[]> {
  const { rows: long } = await db.pool.query<{ pid: number; name: string; minutes: number }>(
    `select pid, coalesce(application_name, '') as name, (extract(epoch from clock_timestamp() - xact_start) / 60)::int as minutes from pg_stat_activity
     where datname = current_database() and xact_start < clock_timestamp() - make_interval(mins => $1) order by xact_start limit 5`,
    [LONG_MINUTES],
  )
  const { rows: waiting } = await db.pool.query<{ pid: number; by: number[] }>(
    `select pid, pg_blocking_pids(pid) as by from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 5`,
  )
  const lines = [
    ...long.map(({ pid, name, minutes }) =>
      warn(
        'transactions',
        `process ${pid} (${name}) has a transaction open for ${minutes} min`,
        'end it before an upgrade: a migration waits for it, and everybody for the migration',
      ),
    ),
    ...waiting.map(({ pid, by }) =>
      warn('locks', `process ${pid} waits for a lock of ${by.join(', ')}`, 'look what holds it before an upgrade'),
    ),
  ]
  return lines.length > 0 ? lines : [ok('transactions', `no transaction is older than ${LONG_MINUTES} min, nobody waits for a lock`)]
}

async function vaultKey(db: Database, config: Config): Promise<Line> {
  const { rows } = await db.pool.query<{ key_id: string }>('select key_id from vault')
  const expected = rows[0]?.key_id
  if (expected === undefined) return ok('vault_key', 'no key was noted yet: the first start does')
  const provider = await presentVaultKey(keyPlaceOf(config))
  if (!provider)
    return bad(
      'vault_key',
      `there is no vault key; the database needs ${expected}`,
      'bring it back from your copy: nothing stored can be read without it',
    )
  if (provider.id !== expected)
    return bad(
      'vault_key',
      `the vault key is ${provider.id}, and the database needs ${expected}`,
      'bring that key back (after a rotation: the new one; servers and commands need the same)',
    )
  const { rows: keys } = await db.pool.query<{ id: string; wrapped: Buffer }>('select id, wrapped_key as wrapped from environment limit 1')
  // Proves that the key, or the key service, really opens something.
  if (keys[0]) (await provider.unwrap(keys[0].wrapped, environmentKeyAad(keys[0].id))).fill(0)
  return ok('vault_key', `${provider.id} is the key that the database needs, and opens it`)
}

async function epoch(db: Database, config: Config): Promise<Line> {
  const report = await vaultReport(db, config.dataDir, config.vaultEpoch)
  if (!report) return ok('epoch', 'no server has used this database yet')
  if (!report.frozen) return ok('epoch', `this data directory belongs to the database’s epoch ${report.epoch}`)
  const { cause, fix } = frozenWords[report.frozen]
  return bad('epoch', `the vault is frozen for this data directory. ${cause}`, fix.join(' '))
}

/** PgBouncer answers for PostgreSQL: in transaction mode two statements of one client may reach two backends, and a LISTEN none that stays. */
async function pooler(db: Database): Promise<Line> {
  const client = await db.pool.connect()
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const said = (client as unknown as { processID: number | null }).processID
    if (said === null || said === rows[0]!.pid) return ok('pooler', 'DATABASE_URL leads to PostgreSQL directly')
    return warn(
      'pooler',
      'a pooler stands between server and PostgreSQL',
      'give a direct address, or one in session mode: announcements between servers (LISTEN) do not come through in transaction mode',
    )
  } finally {
    client.release()
  }
}
