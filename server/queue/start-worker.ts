import { parseCronItems, run, type Runner, type TaskList } from 'graphile-worker'
import pg from 'pg'
import type { Logger } from 'pino'
import type { CronEntry } from './cron.ts'
import type { JobHandler, JobHandlers, JobName } from './queue.ts'
import { freeAbandonedJobs, reportStuckJobs } from './watch-jobs.ts'
import { workerLog } from './worker-log.ts'

const JOB_DEADLINE_MS = 300_000
/** Longer than the deadline: a lock that old belongs to a worker that died. */
const ABANDONED_AFTER_MS = JOB_DEADLINE_MS + 60_000
const WATCH_MS = 60_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** For what is left after the drain: giving the jobs back, ending the connections. */
const FORCE_MS = 2_000

export interface WorkerOptions {
  /** A direct address, not a pooler's. Jobs have connections of their own, so that they neither wait for requests nor make them wait. */
  url: string
  handlers: JobHandlers
  cron: readonly CronEntry[]
  /** Jobs at once; default 4. */
  concurrency?: number
  log: Logger
  /** How long `stop` lets jobs finish before it gives them back. */
  drainMs: number
  /** A job that takes longer counts as failed; default 5 min, which is also the most. */
  jobDeadlineMs?: number
}

export interface RunningWorker {
  /** Settles when the worker takes jobs for the first time; never rejects. Nothing needs to wait for it. */
  started: Promise<void>
  /** Takes no more jobs, waits `drainMs` for those that run, gives back the rest. */
  stop(): Promise<void>
}

/**
 * Runs jobs until `stop`, also across outages of the database. Returns at once: a server is ready without its worker.
 * Throws if a scheduled job has no handler.
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const { handlers, cron, log } = options
  for (const { name } of cron) if (!handlers[name]) throw new Error(`queue: the scheduled job "${name}" has no handler`)
  const pool = workerPool(options)
  const stopped = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  let stopping = false
  let runner: Runner | undefined

  const keepRunning = async () => {
    let pause = FIRST_PAUSE_MS
    while (!stopping) {
      try {
        runner = await run(runOptions(options, pool))
        started.resolve()
        pause = FIRST_PAUSE_MS
        await runner.promise
      } catch (error) {
        if (!stopping) log.error({ err: error }, 'the job worker failed and starts again')
      }
      runner = undefined
      if (stopping) break
      await withDeadline(stopped.promise, pause * (0.5 + Math.random() / 2))
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
    }
  }
  const running = keepRunning()
  const watch = watchJobs(pool, Object.keys(handlers), log)

  const stop = async () => {
    stopping = true
    stopped.resolve()
    clearInterval(watch)
    const current = runner
    if (current) {
      await withDeadline(
        current.stop().catch(() => {}),
        options.drainMs,
      )
      if (runner)
        await withDeadline(
          current.kill('drain time is over').catch(() => {}),
          FORCE_MS,
        )
    }
    started.resolve()
    await withDeadline(running, FORCE_MS)
    await withDeadline(pool.end(), FORCE_MS)
  }
  let stopOnce: Promise<void> | undefined
  return { started: started.promise, stop: () => (stopOnce ??= stop()) }
}

function runOptions(options: WorkerOptions, pool: pg.Pool): Parameters<typeof run>[0] {
  const { cron, log, concurrency = 4 } = options
  return {
    pgPool: pool,
    taskList: taskList(options.handlers, Math.min(options.jobDeadlineMs ?? JOB_DEADLINE_MS, JOB_DEADLINE_MS)),
    concurrency,
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
  }
}

function workerPool({ url, concurrency = 4 }: WorkerOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    // One more listens.
    max: concurrency + 1,
    application_name: 'hawser-worker',
    connectionTimeoutMillis: 5_000,
    query_timeout: 20_000,
    keepAlive: true,
  })
  // The loss of an idle connection has nobody to tell; without listeners it would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}

function taskList(handlers: JobHandlers, deadlineMs: number): TaskList {
  const tasks: TaskList = {}
  for (const [name, handler] of Object.entries(handlers) as [JobName, JobHandler<JobName>][]) {
    tasks[name] = async (payload) => {
      // Scheduled jobs carry the scheduler's note under `_cron`.
      const { _cron, ...ours } = payload as Record<string, unknown>
      const done = handler(ours as never).then(() => true)
      if (!(await withDeadline(done, deadlineMs))) throw new Error(`the job took longer than ${deadlineMs} ms`)
    }
  }
  return tasks
}

function watchJobs(pool: pg.Pool, handled: string[], log: Logger): NodeJS.Timeout {
  const look = async () => {
    try {
      const dead = await freeAbandonedJobs(pool, ABANDONED_AFTER_MS)
      if (dead > 0) log.warn({ dead }, 'jobs of workers that died were given back')
      await reportStuckJobs(pool, handled, log)
    } catch (error) {
      log.debug({ err: error }, 'the queue could not be looked at')
    }
  }
  const timer = setInterval(() => void look(), WATCH_MS)
  timer.unref()
  return timer
}

/** What the promise gives, or undefined when the time is over. */
async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => over.resolve(undefined), ms)
  try {
    return await Promise.race([promise, over.promise])
  } finally {
    clearTimeout(timer)
  }
}
