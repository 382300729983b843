import { EventEmitter } from 'node:events'
import { parseCronItems, run, type Runner, type TaskList, type WorkerEvents } from 'graphile-worker'
import type pg from 'pg'
import type { Logger } from 'pino'
import type { CronEntry } from './cron.ts'
import { workerLog } from './worker-log.ts'

/** Failed looks for a job, one after another, by all workers together. */
const MAX_FAILED_LOOKS = 12

export interface GraphileOptions {
  pool: pg.Pool
  taskList: TaskList
  cron: readonly CronEntry[]
  concurrency: number
  log: Logger
}

/** `lockName` marks the jobs that this runner has taken, in `locked_by`. */
export interface GraphileRun {
  runner: Runner
  lockName: string
}

/** Starts graphile-worker. The runner ends by itself when it cannot go on; start another one then. Rejects if the database does not answer. */
export async function runGraphile({ pool, taskList, cron, concurrency, log }: GraphileOptions): Promise<GraphileRun> {
  const events: WorkerEvents = new EventEmitter()
  let lockName = ''
  events.on('pool:create', ({ workerPool }) => (lockName = workerPool.id))
  const runner = await run({
    pgPool: pool,
    taskList,
    concurrency,
    events,
    noHandleSignals: true,
    useNodeTime: true,
    logger: workerLog(log),
    // By its key, a run that is due while the former one still waits replaces it: an outage does not pile them up.
    parsedCronItems: parseCronItems(
      cron.map(({ name, match }) => ({
        task: name,
        match,
        identifier: name,
        options: { jobKey: name, maxAttempts: 1, backfillPeriod: 0 },
      })),
    ),
    // Without a batch, graphile-worker 0.18 does not await that a job is marked as done: an outage at that moment would be an unhandled rejection,
    // which ends the process.
    preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  })
  stopWhenStuck(runner, events, log)
  return { runner, lockName }
}

/** graphile-worker 0.18 looks up its task ids once; if that fails it never takes a job again, though the database is back. */
function stopWhenStuck(runner: Runner, events: WorkerEvents, log: Logger): void {
  let failedLooks = 0
  const succeeded = () => void (failedLooks = 0)
  events.on('worker:getJob:empty', succeeded)
  events.on('job:start', succeeded)
  events.on('worker:getJob:error', () => {
    failedLooks += 1
    if (failedLooks !== MAX_FAILED_LOOKS) return
    log.warn('the job worker cannot take jobs and starts again')
    runner.stop().catch(() => {})
  })
}
