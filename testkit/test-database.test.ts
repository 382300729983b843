import { afterAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../server/db/pool.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const open: TestDatabase[] = []
afterAll(() => Promise.all(open.map((database) => database.close())))

async function create(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  open.push(database)
  return database
}

describe('createTestDatabase', () => {
  it('has the whole schema, the queue among it', async () => {
    const database = await openDatabase({ url: (await create()).url })
    const { rows } = await database.pool.query(
      `select to_regclass('graphile_worker.migrations') is not null as queue, to_regclass('schema_migration') is not null as ours`,
    )
    await database.close()
    expect(rows).toEqual([{ queue: true, ours: true }])
  })

  it('gives databases that do not see each other', async () => {
    const [one, two] = await Promise.all([create(), create()])
    const first = await openDatabase({ url: one.url })
    const second = await openDatabase({ url: two.url })
    await first.pool.query('create table only_here ()')
    const { rows } = await second.pool.query(`select to_regclass('only_here') as found`)
    await first.close()
    await second.close()
    expect(rows).toEqual([{ found: null }])
  })

  it('drops a database that is still in use', async () => {
    const database = await createTestDatabase()
    const user = await openDatabase({ url: database.url })
    await database.close()
    await expect(user.pool.query('select 1')).rejects.toThrow()
    await user.close()
    await expect(openDatabase({ url: database.url })).rejects.toThrow('does not exist')
  })
})
