import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '#db/pool.ts'
import { ok, size, warn, type Line } from './line.ts'

const MIGRATIONS = join(import.meta.dirname, '../../../server/db/migrations')
/** A rough figure for rewriting a table or building an index: a laptop's disk, measured with this project's tables. */
const BYTES_A_SECOND = 50_000_000
const LONG_SECONDS = 60
/** What a server of the former release, which still runs, may not survive. Dropping what only makes faster or louder is none. */
const CONTRACTS =
  /^\s*(?:drop table|truncate|delete from|alter table [^;]*?\b(?:drop column|rename|alter column \S+ (?:set data )?type|alter column \S+ set not null))/gim
const TOUCHES = /^\s*(?:alter table|create (?:unique )?index \S+ on|update|delete from|insert into)\s+(?:only\s+)?"?([a-z_]+)"?/gim

/** What the migrations that are missing do, and about how long. */
export async function pendingLines(db: Database, names: readonly string[]): Promise<Line[]> {
  const texts = await Promise.all(names.map((name) => readFile(join(MIGRATIONS, `${name}.sql`), 'utf8')))
  const touched = new Set(texts.flatMap((text) => touchedTables(text)))
  const { rows } = await db.pool.query<{ name: string; bytes: string }>(
    `select relname as name, pg_total_relation_size(oid)::text as bytes from pg_class
     where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname = any($1) order by pg_total_relation_size(oid) desc`,
    [[...touched]],
  )
  const bytes = rows.reduce((sum, row) => sum + Number(row.bytes), 0)
  const seconds = Math.ceil(bytes / BYTES_A_SECOND)
  const largest = rows.slice(0, 3).map((row) => `${row.name} ${size(Number(row.bytes))}`)
  const text = `the next start applies ${names.join(', ')}: about ${seconds} s at most${largest.length > 0 ? ` (it touches ${largest.join(', ')})` : ''}`
  return [
    seconds < LONG_SECONDS
      ? ok('migrations', text)
      : warn('migrations', text, 'upgrade when little is called: writes to these tables wait so long'),
    ...names.flatMap((name, index) =>
      contracting(texts[index]!).map((what) =>
        warn(
          'migrations',
          `${name} takes something away (${what}): servers of the former release may fail then`,
          'stop all of them before the first new one starts',
        ),
      ),
    ),
  ]
}

/** Statements of a migration that take something away. */
export function contracting(text: string): string[] {
  return [...withoutComments(text).matchAll(CONTRACTS)].map(([statement]) => statement.trim().replaceAll(/\s+/g, ' ').slice(0, 100))
}

export function touchedTables(text: string): string[] {
  return [...withoutComments(text).matchAll(TOUCHES)].map(([, table]) => table!)
}

function withoutComments(text: string): string {
  return text.replaceAll(/--.*$/gm, '')
}
