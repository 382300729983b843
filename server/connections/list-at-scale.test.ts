/** Lists of 100,000 connections: what PostgreSQL reads for a page, not how long it takes. */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { count, list, type ListFilter } from './list-store.ts'

const MANY = 100_000
const ENVIRONMENT = '018f0000-0000-7000-8000-000000000001'
const INTEGRATION = '018f0000-0000-7000-8000-000000000011'
let test: TestDatabase
let db: Database

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url, statementTimeoutMs: 60_000, max: 1 })
  const { pool } = db
  await pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, 'dev', '', '', '')`, [
    ENVIRONMENT,
  ])
  await pool.query(
    `insert into integration (id, environment_id, unique_key, provider, display_name) values ($1, $2, 'sf', 'salesforce', 'S')`,
    [INTEGRATION, ENVIRONMENT],
  )
  // Checks and announcements of rows cost most of the time, and are others' tests.
  await pool.query(`set session_replication_role = replica`)
  await pool.query(
    `insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials, broken_at)
      select md5('g' || n)::uuid, $1, $2, 'OAUTH2', '', '', now() from generate_series(1, $3::int) n where n % 500 = 0`,
    [ENVIRONMENT, INTEGRATION, MANY],
  )
  await pool.query(
    `insert into connection (id, environment_id, integration_id, connection_id, grant_id, end_user)
      select md5('c' || n)::uuid, $1, $2, 'c-' || n, case when n % 500 = 0 then md5('g' || n)::uuid end, jsonb_build_object('id', 'user-' || n, 'display_name', 'Number ' || n)
      from generate_series(1, $3::int) n`,
    [ENVIRONMENT, INTEGRATION, MANY],
  )
  await pool.query(
    `insert into frozen (id, environment_id, connection_id, reason) values (gen_random_uuid(), $1, md5('c' || 7)::uuid, 'r')`,
    [ENVIRONMENT],
  )
  await pool.query(`set session_replication_role = default`)
  await pool.query('vacuum analyze connection, "grant", frozen')
}, 60_000)
afterAll(async () => {
  await db?.close()
  await test?.close()
})

/** Pages of 8 KiB that the work reads, from memory or disk. */
async function pagesRead(work: () => Promise<unknown>): Promise<number> {
  const read = async () => {
    await sql`select pg_stat_force_next_flush()`.execute(db.kysely)
    const { rows } = await sql<{ pages: number }>`
      select sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0))::bigint as pages from pg_statio_user_tables`.execute(
      db.kysely,
    )
    return rows[0]!.pages
  }
  await read()
  const before = await read()
  await work()
  return (await read()) - before
}
const base = { environmentId: ENVIRONMENT, limit: 51, offset: 0 }

describe('of 100,000 connections', () => {
  it.each<[string, Partial<ListFilter>, number]>([
    ['the first page', {}, 51],
    ['a page in the middle', { before: 50_000 }, 51],
    ['the last page', { before: 52 }, 51],
    ['those that work', { state: 'ok' }, 51],
    ['those that are broken', { state: 'broken' }, 51],
    ['those that are frozen', { state: 'frozen' }, 1],
    ['a rare word', { search: 'umber 99999' }, 1],
    ['a frequent word', { search: 'number' }, 51],
    ['one broken connection', { search: 'user-99500', state: 'broken' }, 1],
    ['an end user', { endUserId: 'user-777' }, 1],
  ])('%s reads few pages', async (_name, filter, expected) => {
    let found: unknown[] = []
    const pages = await pagesRead(async () => (found = await list(db.kysely, { ...base, ...filter })))
    expect(found).toHaveLength(expected)
    // The table and its indexes have more than 10,000.
    expect(pages).toBeLessThan(1_500)
  })

  it('a search that finds nothing reads few pages too', async () => {
    expect(await pagesRead(() => list(db.kysely, { ...base, search: 'zzz nobody' }))).toBeLessThan(300)
  })

  it('counts, and stops where it is told to', async () => {
    expect(await count(db.kysely, { environmentId: ENVIRONMENT }, 10_000_000)).toBe(MANY)
    expect(await count(db.kysely, { environmentId: ENVIRONMENT, state: 'broken' }, 10_000_000)).toBe(MANY / 500)
    expect(await count(db.kysely, { environmentId: ENVIRONMENT, state: 'ok' }, 10_000_000)).toBe(MANY - MANY / 500 - 1)
    expect(await count(db.kysely, { environmentId: ENVIRONMENT, search: 'number' }, 1000)).toBe(1001)
  })
})
