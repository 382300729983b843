/** Nodes of the release before keep working while a new one has migrated: a migration only adds what old statements do not see. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '../../server/db/pool.ts'
import { migrate } from '../../server/db/migrate.ts'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'

const FOLDER = join(import.meta.dirname, '../../server/db/migrations')

/** What makes statements of an old node fail, or what it writes be refused. */
const BREAKING: [RegExp, string][] = [
  [/\bdrop\s+(table|column|view|function|type|schema)\b/, 'drops what old nodes read'],
  [/\brename\b/, 'renames what old nodes read'],
  [/\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/, 'changes a type'],
  [/\balter\s+column\s+\S+\s+set\s+not\s+null\b/, 'refuses rows that old nodes write'],
  [/\badd\s+constraint\b(?![^;]*\bnot\s+valid\b)/, 'refuses rows that old nodes write'],
]

/** `add column … not null` needs a default: an old node's insert does not name the column. */
function withoutDefault(text: string): string[] {
  return [...text.matchAll(/\badd\s+column\s+((?:[^,;()]|\([^()]*\))+)/g)]
    .map(([, definition = '']) => definition.trim())
    .filter((definition) => /\bnot\s+null\b/.test(definition) && !/\b(default|generated)\b/.test(definition))
}

function problemsIn(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/'[^']*'/g, "''")
  return [
    ...BREAKING.filter(([pattern]) => pattern.test(plain)).map(([, problem]) => problem),
    ...withoutDefault(plain).map((definition) => `not null without a default: ${definition}`),
  ]
}

describe('32. migrations', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.sql') && !file.startsWith('0001_'))

  it.each(files)('%s only adds', (file) => expect(problemsIn(readFileSync(join(FOLDER, file), 'utf8'))).toEqual([]))

  it.each([
    'alter table connection drop column org',
    'drop table issue',
    'alter table connection rename column org to orgs',
    'alter table connection rename to connections',
    'alter table connection alter column org type text',
    'alter table connection alter column org set data type text',
    'alter table connection alter column org set not null',
    'alter table connection add column a text, add column b text not null',
    'alter table connection add constraint c check (number > 1)',
  ])('the check would find: %s', (text) => expect(problemsIn(text)).toHaveLength(1))

  it.each([
    "alter table connection add column b text not null default 'drop table x'",
    'alter table connection add column b numeric(3, 2), add column c text',
    'create table x (id uuid primary key, name text not null)',
    '-- drop table x\nalter table connection add constraint c check (number > 1) not valid',
  ])('the check lets through: %s', (text) => expect(problemsIn(text)).toEqual([]))
})

describe('32. a node of this release on a database that a newer one has migrated', () => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await createTestDatabase()
    db = await openDatabase({ url: database.url })
  })
  afterAll(async () => {
    await db.close()
    await database.close()
  })

  it('starts, and leaves it as it is', async () => {
    await db.pool.query(`insert into schema_migration (name, timestamp) values ('9999_of_the_future', '2030-01-01T00:00:00Z')`)
    await db.pool.query(`alter table connection add column of_the_future text not null default 'x'`)
    expect(await migrate(database.url)).toEqual([])
    const { rows } = await sql<{ n: number }>`select count(of_the_future)::int as n from connection`.execute(db.kysely)
    expect(rows).toEqual([{ n: 0 }])
  })
})
