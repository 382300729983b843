import { createHash } from 'node:crypto'
import pg from 'pg'
import { PRODUCT } from '#lib/product.ts'
import { copyOut } from './copy-rows.ts'
import { dataFiles, oneFile } from './data-files.ts'
import { appliedMigrations, copyOutStatement, describeTable, ourMigrations, ourTables, quoted, settle, type Table } from './our-tables.ts'
import { PIECE_BYTES, RECORDS_FORMAT, type BackupRecord, type Beginning, type Summary, type TableEnd } from './records.ts'
import { copyJobsOut, hasJobs, jobsTable } from './waiting-jobs.ts'

export interface BackupSource {
  /** Of the database, which servers may go on using. */
  url: string
  dataDir: string
  /** Of this program. */
  program: string
  now: Date
  /** Name of the file in `dataDir` that holds the vault key with this id; the key goes into the backup. */
  keyFile?: ((id: string) => Promise<string | undefined>) | undefined
}

/**
 * Everything of an installation as records: its tables as of one moment, jobs that wait, and what of the data directory the database may lack. Changes
 * nothing, not even an older schema. Throws an Error in plain words.
 */
export async function* takeBackup(source: BackupSource): AsyncGenerator<BackupRecord> {
  const client = new pg.Client({ connectionString: source.url, application_name: 'hawser-backup', connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  const said: Summary = { tables: [], jobs: 0, files: [] }
  try {
    await client.connect()
    const begun = await beginningOf(client, source)
    const names = await ourTables(begun.migrations)
    yield { kind: 'B', value: begun }
    yield* dataFiles(source.dataDir, 'audit', said.files)
    await client.query('begin isolation level repeatable read read only')
    await settle(client)
    // Before the snapshot: a table that changes its columns after it would not be readable.
    await client.query(`lock table ${[...names, 'schema_migration'].map(quoted).join(', ')} in access share mode`)
    if (JSON.stringify(await beginningOf(client, source)) !== JSON.stringify(begun))
      throw new Error('the database was migrated, taken over, or got another vault key at this very moment: try again')
    for (const name of names) {
      const table = await describeTable(client, name)
      said.tables.push({ name, ...(yield* tableRecords(client, table, copyOutStatement(table))) })
    }
    if (await hasJobs(client)) said.jobs = (yield* tableRecords(client, jobsTable, copyJobsOut)).rows
    await client.query('commit')
    yield* dataFiles(source.dataDir, 'spool', said.files)
    if (source.keyFile) yield* keyRecords(source, begun.vaultKey, said)
    yield { kind: 'Z', value: said }
  } finally {
    await client.end().catch(() => {})
  }
}

async function knownMigrations(client: pg.Client): Promise<string[]> {
  const applied = await appliedMigrations(client)
  if (applied.length === 0) throw new Error('no server has used this database yet: there is nothing to back up')
  const known = await ourMigrations()
  const newer = applied.filter((name) => !known.includes(name))
  if (newer.length > 0)
    throw new Error(`the database was migrated by a newer release of ${PRODUCT} (${newer.join(', ')}): make the backup with that release`)
  return applied
}

async function beginningOf(client: pg.Client, { program, now }: BackupSource): Promise<Beginning> {
  const migrations = await knownMigrations(client)
  const { rows: versions } = await client.query<{ version: string }>(`select current_setting('server_version') as version`)
  const { rows: vaults } = await client.query<{ epoch: string; key_id: string }>('select epoch, key_id from vault')
  const { rows: environments } = await client.query<{ name: string }>('select name from environment order by name limit 1000')
  const vault = vaults[0]
  return {
    format: RECORDS_FORMAT,
    program,
    createdAt: now.toISOString(),
    postgres: Number.parseInt(versions[0]!.version, 10),
    migrations,
    ...(vault ? { epoch: vault.epoch, vaultKey: vault.key_id } : {}),
    environments: environments.map(({ name }) => name),
  }
}

async function* tableRecords(
  client: pg.Client,
  { name, columns, sequences }: Table,
  statement: string,
): AsyncGenerator<BackupRecord, TableEnd> {
  yield { kind: 'T', value: { name, columns, sequences } }
  const counted = rowCounter()
  for await (const bytes of copyOut(client, statement, PIECE_BYTES)) {
    counted.add(bytes)
    yield { kind: 'D', bytes }
  }
  const value = counted.end()
  yield { kind: 'E', value }
  return value
}

/** Counts and sums the text form of `COPY`: a row ends in a line feed, and those in values are escaped (V: PostgreSQL, COPY, "Text Format"). */
export function rowCounter(): { add(bytes: Buffer): void; end(): TableEnd } {
  const hash = createHash('sha256')
  let rows = 0
  let length = 0
  return {
    add(bytes) {
      hash.update(bytes)
      length += bytes.length
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) rows++
    },
    end: () => ({ rows, bytes: length, sha256: hash.digest('hex') }),
  }
}

async function* keyRecords({ dataDir, keyFile }: BackupSource, id: string | undefined, said: Summary): AsyncGenerator<BackupRecord> {
  const name = id === undefined ? undefined : await keyFile!(id)
  if (name === undefined)
    throw new Error(`the vault key ${id ?? ''} is in no file of ${dataDir}, so it cannot be included: leave --include-vault-key out`)
  const written = yield* oneFile(dataDir, name, 'vault.key')
  if (written) said.files.push(written)
}
