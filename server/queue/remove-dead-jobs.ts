import { makeWorkerUtils } from 'graphile-worker'
import type { Database } from '#db/pool.ts'

/** Jobs that failed for the last time: nothing runs them any more, and those of revocations hold a sealed token. */
export async function removeDeadJobs(db: Database): Promise<void> {
  const worker = await makeWorkerUtils({ pgPool: db.pool })
  try {
    await worker.cleanup({ tasks: ['DELETE_PERMAFAILED_JOBS'] })
  } finally {
    await worker.release()
  }
}
