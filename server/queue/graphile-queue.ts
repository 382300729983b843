import assert from 'node:assert'
import { sql } from 'kysely'
import type { Database } from '#db/pool.ts'
import type { JobName, Queue } from './queue.ts'

const NAMES: Record<JobName, true> = {
  'deliver-event': true,
  'deliver-alerts': true,
  'revoke-grant': true,
  'clean-up': true,
  'refresh-ahead': true,
  'refresh-org-facts': true,
}
const MAX_ATTEMPTS = 25

/** Adds by graphile-worker's SQL function, so that a job can be part of any transaction. Throws on a name that `Jobs` does not have. */
export function createQueue(db: Database): Queue {
  return {
    async add(name, payload, options = {}, transaction) {
      assert(Object.hasOwn(NAMES, name), `queue: there is no job "${name}"`)
      // The worker compares with this process's clock (`useNodeTime`), so "now" is this clock's too, not the database's.
      const runAt = (options.runAt ?? new Date()).toISOString()
      await sql`select from graphile_worker.add_job(
        identifier => ${name}::text,
        payload => ${JSON.stringify(payload)}::json,
        run_at => ${runAt}::timestamptz,
        max_attempts => ${options.maxAttempts ?? MAX_ATTEMPTS}::int,
        job_key => ${options.key ?? null}::text
      )`.execute(transaction ?? db.kysely)
    },
  }
}
