import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '#db/pool.ts'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { CRON } from './cron.ts'
import { createQueue } from './graphile-queue.ts'
import type { JobHandlers } from './queue.ts'
import { startWorker, type RunningWorker } from './start-worker.ts'
import { freeAbandonedJobs, reportStuckJobs } from './watch-jobs.ts'

let test: TestDatabase
let db: Database
const workers: RunningWorker[] = []

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(() => db.pool.query('delete from graphile_worker._private_jobs'))
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  await db.close()
  await test.close()
})

const log = pino({ level: 'silent' })

function start(
  handlers: JobHandlers,
  more: { drainMs?: number; jobDeadlineMs?: number; concurrency?: number; lines?: string[] } = {},
): RunningWorker {
  const { lines, ...options } = more
  const written = lines ? pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }) : log
  const worker = startWorker({ url: test.url, handlers, cron: [], log: written, drainMs: 1_000, ...options })
  workers.push(worker)
  return worker
}

async function jobs(): Promise<
  { name: string; key: string | null; attempts: number; last_error: string | null; run_at: Date; locked_by: string | null }[]
> {
  const { rows } = await db.pool.query(
    'select task_identifier as name, key, attempts, last_error, run_at, locked_by from graphile_worker.jobs order by id',
  )
  return rows
}

describe('createQueue', () => {
  it('28. adds a job exactly if the transaction commits', async () => {
    const queue = createQueue(db)
    await expect(
      db.kysely.transaction().execute(async (transaction) => {
        await queue.add('deliver-event', { eventId: 'lost' }, {}, transaction)
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await jobs()).toEqual([])
    await db.kysely.transaction().execute((transaction) => queue.add('deliver-event', { eventId: 'kept' }, {}, transaction))
    expect(await jobs()).toMatchObject([{ name: 'deliver-event' }])
  })

  it('replaces a waiting job of the same key', async () => {
    const queue = createQueue(db)
    const later = new Date(Date.now() + 3_600_000)
    await queue.add('deliver-event', { eventId: '1' }, { key: 'k' })
    await queue.add('deliver-event', { eventId: '1' }, { key: 'k', runAt: later })
    expect(await jobs()).toMatchObject([{ key: 'k', run_at: later }])
  })

  it('fails loudly on an unknown name', async () => {
    await expect(createQueue(db).add('no-such-job' as 'clean-up', {})).rejects.toThrow('there is no job "no-such-job"')
    expect(await jobs()).toEqual([])
  })
})

describe('startWorker', () => {
  it('runs jobs that wait and jobs that come, with their payload', async () => {
    const queue = createQueue(db)
    const seen: string[] = []
    const both = Promise.withResolvers<void>()
    await queue.add('deliver-event', { eventId: 'before' })
    const worker = start({
      'deliver-event': async ({ eventId }) => {
        seen.push(eventId)
        if (seen.length === 2) both.resolve()
      },
    })
    await worker.started
    await queue.add('deliver-event', { eventId: 'after' })
    await both.promise
    await worker.stop()
    expect(seen.sort()).toEqual(['after', 'before'])
    expect(await jobs()).toEqual([])
  })

  it('keeps a failed job for later, and logs neither its payload nor its details', async () => {
    const lines: string[] = []
    const failed = Promise.withResolvers<void>()
    const worker = start(
      {
        'revoke-grant': async () => {
          failed.resolve()
          throw new Error('provider away')
        },
      },
      { lines },
    )
    await createQueue(db).add('revoke-grant', {
      url: '',
      integrationId: '',
      environmentId: '',
      label: '',
      dataKey: '',
      sealed: 'SEALED-BYTES',
    })
    await failed.promise
    await worker.stop()
    expect(await jobs()).toMatchObject([{ attempts: 1, last_error: expect.stringContaining('provider away') }])
    expect((await jobs())[0]!.run_at.getTime()).toBeGreaterThan(Date.now())
    expect(lines.join('')).toContain('provider away')
    expect(lines.join('')).not.toContain('SEALED-BYTES')
  })

  it('lets a running job finish when it stops', async () => {
    const running = Promise.withResolvers<void>()
    const finish = Promise.withResolvers<void>()
    let finished = false
    const worker = start({
      'clean-up': async () => {
        running.resolve()
        await finish.promise
        finished = true
      },
    })
    await createQueue(db).add('clean-up', {})
    await running.promise
    const stopping = worker.stop()
    finish.resolve()
    await stopping
    expect(finished).toBe(true)
    expect(await jobs()).toEqual([])
  })

  it('gives a job back that does not finish within the drain time', async () => {
    const running = Promise.withResolvers<void>()
    const worker = start(
      {
        'clean-up': () => {
          running.resolve()
          return new Promise(() => {})
        },
      },
      // With more than one, another's first look for jobs may still be on its way and take the job again.
      { drainMs: 20, concurrency: 1 },
    )
    await createQueue(db).add('clean-up', {})
    await running.promise
    const from = performance.now()
    await worker.stop()
    expect(performance.now() - from).toBeLessThan(5_000)
    expect(await jobs()).toMatchObject([{ name: 'clean-up', locked_by: null }])
  })

  it('20. ends a job that outlasts its deadline', async () => {
    const worker = start({ 'clean-up': () => new Promise(() => {}) }, { jobDeadlineMs: 10 })
    await createQueue(db).add('clean-up', {})
    await until(async () => (await jobs())[0]?.last_error?.includes('took longer than 10 ms') === true)
    await worker.stop()
  })

  it('30. goes on after the database has cut its connections', async () => {
    const seen: string[] = []
    const done = Promise.withResolvers<void>()
    const worker = start({
      'deliver-event': async ({ eventId }) => {
        seen.push(eventId)
        done.resolve()
      },
    })
    await worker.started
    await db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hawser-worker' and datname = current_database()`,
    )
    await createQueue(db).add('deliver-event', { eventId: 'x' })
    await done.promise
    expect(seen).toEqual(['x'])
    await worker.stop()
  })

  it('30. starts again when an error at its start keeps it from ever taking jobs', async () => {
    const lines: string[] = []
    const done = Promise.withResolvers<void>()
    await createQueue(db).add('clean-up', {})
    await db.pool.query('alter table graphile_worker._private_tasks rename to away')
    const worker = start({ 'clean-up': async () => done.resolve() }, { concurrency: 12, lines })
    await until(async () => lines.some((line) => line.includes('cannot take jobs and starts again')))
    await db.pool.query('alter table graphile_worker.away rename to _private_tasks')
    await done.promise
    await worker.stop()
  })

  it('refuses a schedule without handlers, and stops before it has started', async () => {
    expect(() => startWorker({ url: test.url, handlers: {}, cron: CRON, log, drainMs: 0 })).toThrow('"clean-up" has no handler')
    const worker = startWorker({
      url: 'postgres://nobody@127.0.0.1:1/none',
      handlers: { 'clean-up': async () => {} },
      cron: [],
      log,
      drainMs: 0,
    })
    await worker.stop()
    await worker.started
  })
})

describe('watching the queue', () => {
  it('gives back the jobs of a worker that was killed', async () => {
    const queue = createQueue(db)
    await queue.add('clean-up', {})
    await queue.add('deliver-event', { eventId: 'x' })
    const setLock = `update graphile_worker._private_jobs j set locked_by = $2, locked_at = now() - $3::interval
      from graphile_worker._private_tasks t where t.id = j.task_id and t.identifier = $1`
    await db.pool.query(setLock, ['clean-up', 'dead', '7 minutes'])
    await db.pool.query(setLock, ['deliver-event', 'alive', '1 minute'])
    expect(await freeAbandonedJobs(db.pool, 360_000)).toBe(1)
    expect((await jobs()).map((job) => job.locked_by)).toEqual([null, 'alive'])
  })

  it('names the jobs that nobody takes, and those that failed for good', async () => {
    const lines: string[] = []
    const queue = createQueue(db)
    await queue.add('refresh-ahead', {})
    await queue.add('clean-up', {}, { maxAttempts: 1 })
    await db.pool.query('update graphile_worker._private_jobs set attempts = 1 where max_attempts = 1')
    await reportStuckJobs(db.pool, ['clean-up'], pino({}, { write: (line: string) => void lines.push(line) }))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(
      expect.arrayContaining(
        [
          { level: 50, job: 'refresh-ahead', waiting: 1 },
          { level: 50, job: 'clean-up', failed: 1 },
        ].map((line) => expect.objectContaining(line)),
      ),
    )
  })
})

/** For what the database alone shows; bounded by the test's own deadline. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}
