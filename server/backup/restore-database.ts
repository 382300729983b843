import { createHash } from 'node:crypto'
import { Logger, runMigrations } from 'graphile-worker'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { migrateWithin } from '#db/migrate.ts'
import { newId } from '#lib/ids.ts'
import { PRODUCT } from '#lib/product.ts'
import { copyIn, copyOut } from './copy-rows.ts'
import { DamagedBackup } from './damaged.ts'
import { fileTaker } from './data-files.ts'
import { copyInStatement, copyOutStatement, describeTable, ourMigrations, ourTables, quoted, settle } from './our-tables.ts'
import { PIECE_BYTES, RECORDS_FORMAT, type BackupRecord, type Beginning, type Summary, type TableStart } from './records.ts'
import { rowCounter } from './take-backup.ts'
import { addJobs, beginJobs, copyJobsIn, JOBS } from './waiting-jobs.ts'

export interface Restored {
  beginning: Beginning
  summary: Summary
  /** Applied after the backup's own. */
  migrated: string[]
  /** Files that were there already, and stayed. */
  keptFiles: string[]
}

export class TargetInUse extends Error {
  override readonly name = 'TargetInUse'
}

/**
 * Puts a backup into an empty database in one transaction: the schema as it was, the rows (held against the sums that were written), later migrations.
 * The vault starts frozen. Files go into `dataDir`. Whatever is thrown, the database holds nothing of it.
 * @throws TargetInUse, DamagedBackup, WrongBackupKey; PostgreSQL's errors
 */
export async function restoreDatabase(records: AsyncIterable<BackupRecord>, url: string, dataDir: string | undefined): Promise<Restored> {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'hawser-restore', connectionTimeoutMillis: 10_000 })
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  try {
    await refuseUsed(pool)
    // Its tables are the same in every database; empty ones are no harm where the rest fails.
    await runMigrations({ pgPool: pool, logger: new Logger(() => () => {}) })
    const client = await pool.connect()
    client.on('error', () => {})
    try {
      return await load(client as unknown as pg.Client, records, dataDir)
    } finally {
      // Closing the connection is the rollback, whatever happened.
      client.release(true)
    }
  } finally {
    await pool.end()
  }
}

/** Any table at all: whose it is cannot be told, and nothing is ever overwritten. */
async function refuseUsed(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class c where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e') order by 1 limit 5`,
  )
  if (rows.length > 0)
    throw new TargetInUse(`the database is not empty (it has ${rows.map(({ name }) => name).join(', ')} …): restore into a new one`)
}

async function load(client: pg.Client, records: AsyncIterable<BackupRecord>, dataDir: string | undefined): Promise<Restored> {
  const source = records[Symbol.asyncIterator]()
  const files = fileTaker(dataDir)
  const seen: Summary = { tables: [], jobs: 0, files: [] }
  let summary: Summary | undefined
  try {
    const beginning = await takeBeginning(source)
    await client.query('begin')
    await settle(client)
    const kysely = kyselyOn(client)
    await migrateWithin(kysely, beginning.migrations.at(-1)!)
    const keys = await withoutForeignKeys(client)
    const tables = await ourTables(beginning.migrations)
    await client.query(tables.map((name) => `alter table ${quoted(name)} disable trigger user`).join('; '))
    await beginJobs(client)
    for (let next = await source.next(); !next.done; next = await source.next()) {
      const record = next.value
      if (summary) throw new DamagedBackup('the backup goes on after its end')
      if (record.kind === 'T') await takeTable(client, record.value, source, tables, seen)
      else if (record.kind === 'F') await files.start(record.value.path)
      else if (record.kind === 'D') await files.piece(record.bytes)
      else if (record.kind === 'G') seen.files.push(await files.end(record.value))
      else if (record.kind === 'Z') summary = record.value
      else throw new DamagedBackup('the parts of the backup are not in their order')
    }
    if (!summary) throw new DamagedBackup('the backup has no end')
    if (JSON.stringify(seen) !== JSON.stringify(summary)) throw new DamagedBackup('the backup does not hold what its end says')
    await addJobs(client)
    await compareRows(client, summary)
    await client.query(tables.map((name) => `alter table ${quoted(name)} enable trigger user`).join('; '))
    await endSignIns(client)
    await client.query(keys.join('; '))
    const migrated = await migrateWithin(kysely)
    await freeze(client)
    await client.query('commit')
    return { beginning, summary, migrated, keptFiles: files.kept }
  } finally {
    await files.close()
    await source.return?.()
  }
}

async function takeBeginning(source: AsyncIterator<BackupRecord>): Promise<Beginning> {
  const first = await source.next()
  if (first.done || first.value.kind !== 'B') throw new DamagedBackup('the backup has no beginning')
  const { value } = first.value
  const known = await ourMigrations()
  const newer = value.migrations.filter((name) => !known.includes(name))
  if (value.format !== RECORDS_FORMAT || newer.length > 0)
    throw new Error(
      `the backup was made by a newer release of ${PRODUCT} (${value.program}${newer.length > 0 ? `, with ${newer.join(', ')}` : ''}): restore it with that release or a later one`,
    )
  return value
}

async function takeTable(
  client: pg.Client,
  start: TableStart,
  source: AsyncIterator<BackupRecord>,
  tables: string[],
  seen: Summary,
): Promise<void> {
  const { name } = start
  if (seen.tables.some((table) => table.name === name) || (name !== JOBS && !tables.includes(name)))
    throw new DamagedBackup(`the backup holds a table "${name}" that does not belong there`)
  const counted = rowCounter()
  let said: unknown
  const rows = async function* () {
    for (let next = await source.next(); ; next = await source.next()) {
      if (next.done) throw new DamagedBackup(`the backup ends within the table ${name}`)
      if (next.value.kind === 'E') return void (said = next.value.value)
      if (next.value.kind !== 'D') throw new DamagedBackup('the parts of the backup are not in their order')
      counted.add(next.value.bytes)
      yield next.value.bytes
    }
  }
  const taken = await copyIn(client, name === JOBS ? copyJobsIn : copyInStatement(start), rows())
  const found = counted.end()
  if (JSON.stringify(found) !== JSON.stringify(said) || taken !== found.rows)
    throw new DamagedBackup(`the rows of ${name} in the backup are not those that were written`)
  if (name === JOBS) seen.jobs = found.rows
  else seen.tables.push({ name, ...found })
  for (const { column, last, called } of start.sequences)
    await client.query('select setval(pg_get_serial_sequence(quote_ident($1), $2), $3::bigint, $4)', [name, column, last, called])
}

/** Reads back what PostgreSQL has now. */
async function compareRows(client: pg.Client, summary: Summary): Promise<void> {
  for (const said of summary.tables) {
    const hash = createHash('sha256')
    for await (const bytes of copyOut(client, copyOutStatement(await describeTable(client, said.name)), PIECE_BYTES)) hash.update(bytes)
    if (hash.digest('hex') !== said.sha256)
      throw new Error(`the table ${said.name} does not hold what the backup holds after it was restored: nothing was kept`)
  }
}

/** Tables refer to each other in circles. Answers the statements that put the keys back, by which PostgreSQL checks all rows. */
async function withoutForeignKeys(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where contype = 'f' and connamespace = current_schema()::regnamespace order by 1, 2`,
  )
  await client.query(rows.map(({ table, name }) => `alter table ${table} drop constraint ${name}`).join('; '))
  return rows.map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`)
}

/** No server has this home, so every server sees a copy, whatever its data directory and HAWSER_VAULT_EPOCH say, until `vault take-over`. */
async function freeze(client: pg.Client): Promise<void> {
  await client.query('update vault set home = $1', [`restored-${newId()}/-`])
}

/** Sessions of people are in no backup (`our-tables.ts`), so what they handed out has nobody who could end it. Backups from before there were people have none. */
async function endSignIns(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('connection_token') and attname = 'person_session_id' and not attisdropped`,
  )
  if (rows.length > 0) await client.query('delete from connection_token where person_session_id is not null')
}

/** For the migrations, in the transaction of the client. */
function kyselyOn(client: pg.Client): Kysely<unknown> {
  const one = { query: client.query.bind(client), release: () => {} }
  const pool = { connect: async () => one, end: async () => {} }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool as never }) })
}
