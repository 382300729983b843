import { Logger as WorkerLogger } from 'graphile-worker'
import type { Logger } from 'pino'

// graphile-worker tells of every job at its level "info", which is our debug.
const LEVELS = { error: 'error', warning: 'warn', info: 'debug', debug: 'trace' } as const

/** graphile-worker's messages, without the details it passes beside them: those hold whole jobs, payload included. */
export function workerLog(log: Logger): WorkerLogger {
  return new WorkerLogger((scope) => (level, message) => {
    const job = { ...(scope.taskIdentifier ? { job: scope.taskIdentifier } : {}), ...(scope.jobId ? { jobId: scope.jobId } : {}) }
    log[LEVELS[level as keyof typeof LEVELS]](job, message)
  })
}
