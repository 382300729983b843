import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'

let test: TestDatabase
const open: Database[] = []

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(async () => {
  for (const database of open) await database.close()
  await test.close()
})

async function opened(options: Partial<Parameters<typeof openDatabase>[0]> = {}): Promise<Database> {
  const database = await openDatabase({ url: test.url, ...options })
  open.push(database)
  return database
}

const clockOffset = `select current_setting('hawser.clock_offset_ms', true) as ms`

describe('openDatabase', () => {
  it('reads int8 as a number, and refuses one that a number cannot hold', async () => {
    const { pool } = await opened()
    expect((await pool.query('select count(*) as n, 9007199254740991::int8 as most from generate_series(1, 3)')).rows).toEqual([
      { n: 3, most: 9007199254740991 },
    ])
    await expect(pool.query('select 9007199254740992::int8')).rejects.toThrow('beyond 2^53')
  })

  it('counts the statements of pool and kysely, and none of its own', async () => {
    const database = await opened({ clockOffsetMs: 0 })
    expect(database.statements).toBe(0)
    await database.pool.query('select 1')
    await sql`select 2`.execute(database.kysely)
    expect(database.statements).toBe(2)
    await database.kysely.transaction().execute(async (transaction) => void (await sql`select 3`.execute(transaction)))
    expect(database.statements).toBe(5)
  })

  it('cancels a statement at its limit', async () => {
    const { pool } = await opened({ statementTimeoutMs: 50 })
    await expect(pool.query('select pg_sleep(10)')).rejects.toThrow('statement timeout')
  })

  it('survives a connection that is cut while idle or in a transaction', async () => {
    const { pool } = await opened()
    const client = await pool.connect()
    await client.query('begin')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const ended = new Promise((resolve) => client.once('end', resolve))
    await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await ended
    await expect(client.query('select 1')).rejects.toThrow()
    client.release()
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  })

  it('names place and reason of a failure, never the password', async () => {
    const error = await openDatabase({ url: 'postgres://someone:s3cret@127.0.0.1:1/things' }).catch((reason: Error) => reason)
    expect(error).toMatchObject({ message: expect.stringMatching(/127\.0\.0\.1:1\/things.*ECONNREFUSED/) })
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('s3cret')
  })
})

describe('setClockOffset', () => {
  it('reaches every connection from its next checkout on', async () => {
    const database = await opened({ clockOffsetMs: 7, max: 2 })
    const [one, two] = await Promise.all([database.pool.connect(), database.pool.connect()])
    expect((await one.query(clockOffset)).rows).toEqual([{ ms: '7' }])
    one.release()
    two.release()
    database.setClockOffset(60_000)
    const both = await Promise.all([
      database.pool.query(clockOffset),
      sql<{ ms: string }>`${sql.raw(clockOffset)}`.execute(database.kysely),
    ])
    expect(both.map((result) => result.rows)).toEqual([[{ ms: '60000' }], [{ ms: '60000' }]])
  })

  it('is refused where no test asked for it', async () => {
    const database = await opened()
    expect((await database.pool.query(clockOffset)).rows).toEqual([{ ms: null }])
    expect(() => database.setClockOffset(1)).toThrow('clockOffsetMs')
  })
})
