import type { TaskList } from 'graphile-worker'
import pg from 'pg'
import type { Logger } from 'pino'
import type { CronEntry } from './cron.ts'
import type { JobHandler, JobHandlers, JobName } from './queue.ts'
import { runGraphile, type GraphileRun } from './run-graphile.ts'
import { freeAbandonedJobs, reportStuckJobs } from './watch-jobs.ts'

const DEFAULT_CONCURRENCY = 4
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
  const { handlers, cron, concurrency = DEFAULT_CONCURRENCY, log } = options
  for (const { name } of cron) if (!handlers[name]) throw new Error(`queue: the scheduled job "${name}" has no handler`)
  const pool = workerPool(options.url, concurrency)
  const tasks = taskList(handlers, Math.min(options.jobDeadlineMs ?? JOB_DEADLINE_MS, JOB_DEADLINE_MS))
  const stopped = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  let stopping = false
  let current: GraphileRun | undefined

  const keepRunning = async () => {
    for (let pause = FIRST_PAUSE_MS; !stopping; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        current = await runGraphile({ pool, taskList: tasks, cron, concurrency, log })
        started.resolve()
        if (stopping) void current.runner.stop().catch(() => {})
        pause = FIRST_PAUSE_MS
        await current.runner.promise
      } catch (error) {
        if (!stopping) log.error({ err: error }, 'the job worker failed and starts again')
      }
      current = undefined
      if (!stopping) await withDeadline(stopped.promise, pause * (0.5 + Math.random() / 2))
    }
  }
  const running = keepRunning()
  const watch = watchJobs(pool, Object.keys(handlers), log)

  const stop = async () => {
    stopping = true
    stopped.resolve()
    clearInterval(watch)
    if (current) {
      const drained = current.runner.stop().catch(() => {})
      await withDeadline(drained, options.drainMs)
    }
    // graphile-worker's own `kill` does nothing once `stop` was called. After `stop` nothing new is locked under this name.
    if (current) await withDeadline(giveBack(pool, current.lockName, log), FORCE_MS)
    else await withDeadline(running, FORCE_MS)
    started.resolve()
    await withDeadline(pool.end(), FORCE_MS)
  }
  let stopOnce: Promise<void> | undefined
  return { started: started.promise, stop: () => (stopOnce ??= stop()) }
}

async function giveBack(pool: pg.Pool, lockName: string, log: Logger): Promise<void> {
  try {
    await pool.query('select graphile_worker.force_unlock_workers($1)', [[lockName]])
  } catch (error) {
    log.warn({ err: error }, 'running jobs could not be given back; another worker takes them some minutes later')
  }
}

function workerPool(url: string, concurrency: number): pg.Pool {
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
