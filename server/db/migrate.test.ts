import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'
import { migrate } from '#db/migrate.ts'

let test: TestDatabase
let folder: string
let client: pg.Client

beforeEach(async () => {
  test = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  client = new pg.Client({ connectionString: test.url })
  await client.connect()
  // As empty as a database that nobody has migrated.
  await client.query('drop schema public cascade; create schema public; drop schema graphile_worker cascade')
})
afterEach(async () => {
  await client.end()
  await test.close()
  await rm(folder, { recursive: true })
})

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

const tables = async () =>
  (
    await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'schema_migration%' order by 1`,
    )
  ).rows.map((row) => row.name)

describe('migrate', () => {
  it('applies files in order, several statements each, once, and the queue of jobs', async () => {
    await write({ '0002_b.sql': 'insert into a values (1);', '0001_a.sql': 'create table a (n int); create table b ();' })
    expect(await migrate(test.url, { folder })).toEqual(['0001_a', '0002_b'])
    expect(await migrate(test.url, { folder })).toEqual([])
    expect(await tables()).toEqual(['a', 'b'])
    expect((await client.query('select count(*)::int as n from a')).rows).toEqual([{ n: 1 }])
    expect((await client.query(`select to_regclass('graphile_worker._private_jobs') is not null as there`)).rows).toEqual([{ there: true }])
  })

  it('lets nodes that start together apply each file once', async () => {
    await write({ '0001_a.sql': 'create table a (n int); select pg_sleep(0.05);', '0002_b.sql': 'insert into a values (1);' })
    const applied = await Promise.all([1, 2, 3].map(() => migrate(test.url, { folder })))
    expect(applied.flat().sort()).toEqual(['0001_a', '0002_b'])
    expect((await client.query('select count(*)::int as n from a')).rows).toEqual([{ n: 1 }])
  })

  it('names file and line of an error, and leaves nothing of that run behind', async () => {
    await write({ '0001_a.sql': 'create table a ();', '0002_b.sql': 'create table b ();\n\ncreate table c (n nonsense);\n' })
    await expect(migrate(test.url, { folder })).rejects.toThrow('migration 0002_b.sql:3 failed: type "nonsense" does not exist')
    expect(await tables()).toEqual([])
    await write({ '0002_b.sql': 'create table b ();' })
    expect(await migrate(test.url, { folder })).toEqual(['0001_a', '0002_b'])
  })

  it('leaves a database alone that a newer release has migrated further', async () => {
    await write({ '0001_a.sql': 'create table a ();', '0002_b.sql': 'create table b ();' })
    await migrate(test.url, { folder })
    await rm(join(folder, '0002_b.sql'))
    expect(await migrate(test.url, { folder })).toEqual([])
    await write({ '0003_c.sql': 'create table c ();' })
    await expect(migrate(test.url, { folder })).rejects.toThrow('another release')
    expect(await tables()).toEqual(['a', 'b'])
  })

  it('refuses a file whose name has no place in the order', async () => {
    await write({ 'later.sql': 'select 1' })
    await expect(migrate(test.url, { folder })).rejects.toThrow('0001_some_words.sql')
  })
})
