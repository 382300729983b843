/** Which tables a backup holds: those that our migrations made, and nothing else that may lie in the same database. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import type { TableStart } from './records.ts'

const MIGRATIONS = join(import.meta.dirname, '../db/migrations')
const MADE_OR_DROPPED = /^\s*(create|drop) table (?:if (?:not )?exists )?"?([a-z_]+)"?/gm

/** The log of single calls: days of it are dropped anyway, and it would be the largest part of every backup. Its counts are kept. */
const LOG = ['activity', 'activity_rest']
/** Whoever is signed in, or about to be: a session that ended since (stolen, signed out), or a link that was used, must not be good again in a copy. */
const SIGN_INS = ['person_session', 'person_link', 'person_challenge', 'pending_sso']
const LEFT_OUT = new Set([...LOG, ...SIGN_INS])

/** In the order in which they are applied. */
export async function ourMigrations(): Promise<string[]> {
  const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).sort()
  return files.map((file) => file.slice(0, -'.sql'.length))
}

/** After these migrations, in the order in which they were made. */
export async function ourTables(migrations: readonly string[]): Promise<string[]> {
  const tables = new Set<string>()
  for (const name of migrations) {
    const text = await readFile(join(MIGRATIONS, `${name}.sql`), 'utf8')
    for (const [, verb, table] of text.matchAll(MADE_OR_DROPPED)) {
      if (LEFT_OUT.has(table!)) continue
      if (verb === 'create') tables.add(table!)
      else tables.delete(table!)
    }
  }
  return [...tables]
}

/** Empty: no server has used this database. */
export async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows: found } = await client.query<{ exists: boolean }>(`select to_regclass('schema_migration') is not null as exists`)
  if (!found[0]?.exists) return []
  const { rows } = await client.query<{ name: string }>('select name from schema_migration order by name collate "C"')
  return rows.map(({ name }) => name)
}

export interface Table extends TableStart {
  /** What its rows are ordered by, so that equal content is equal bytes. */
  key: string[]
}

/** Columns that hold something of their own, the primary key, and where identities stand. */
export async function describeTable(client: pg.Client, name: string): Promise<Table> {
  const { rows } = await client.query<{ column: string; identity: boolean; key: number | null; text: boolean }>(
    `select a.attname as column, a.attidentity <> '' as identity, array_position(i.indkey::int2[], a.attnum) as key,
       a.attcollation <> 0 as text
     from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = quote_ident($1)::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     order by a.attnum`,
    [name],
  )
  const key = rows
    .filter((row) => row.key !== null)
    .sort((one, other) => one.key! - other.key!)
    .map(({ column, text }) => `${quoted(column)}${text ? ' collate "C"' : ''}`)
  if (key.length === 0) throw new Error(`the table ${name} has no primary key`)
  const sequences = []
  for (const { column } of rows.filter(({ identity }) => identity)) {
    const { rows: named } = await client.query<{ sequence: string }>('select pg_get_serial_sequence(quote_ident($1), $2) as sequence', [
      name,
      column,
    ])
    const { rows: at } = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${named[0]!.sequence}`,
    )
    sequences.push({ column, ...at[0]! })
  }
  return { name, columns: rows.map(({ column }) => column), sequences, key }
}

/** In one order and one notation, whatever the server's settings are (`settle`). */
export function copyOutStatement({ name, columns, key }: Table): string {
  return `copy (select ${columns.map(quoted).join(', ')} from ${quoted(name)} order by ${key.join(', ')}) to stdout`
}

export function copyInStatement({ name, columns }: TableStart): string {
  return `copy ${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** For the transaction: values are written the same way by every server and version, and take as long as they take, within a bound. */
export async function settle(client: pg.Client): Promise<void> {
  await client.query(`
    set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local extra_float_digits = 1;
    set local bytea_output = 'hex'; set local client_encoding = 'UTF8';
    set local statement_timeout = '6h'; set local idle_in_transaction_session_timeout = '1h'; set local lock_timeout = '30s'`)
}
