import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { createQueue } from './graphile-queue.ts'
import { removeDeadJobs } from './remove-dead-jobs.ts'

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

it('takes away jobs that have failed for good, and leaves the others', async () => {
  const queue = createQueue(db)
  await queue.add('deliver-event', { eventId: 'dead' }, { maxAttempts: 1 })
  await sql`update graphile_worker._private_jobs set attempts = max_attempts`.execute(db.kysely)
  await queue.add('deliver-event', { eventId: 'waiting' })
  await removeDeadJobs(db)
  const { rows } = await sql<{ payload: { eventId: string } }>`select payload from graphile_worker._private_jobs`.execute(db.kysely)
  expect(rows.map((row) => row.payload.eventId)).toEqual(['waiting'])
  expect((await db.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})
