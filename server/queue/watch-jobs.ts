import type { Logger } from 'pino'
import type pg from 'pg'

/**
 * Gives jobs back whose worker was killed: graphile-worker itself would keep them for four hours. A worker without a newer lock than `olderThanMs`
 * is dead, since no job runs for longer than its deadline, which is shorter. Returns how many workers were dead.
 */
export async function freeAbandonedJobs(pool: pg.Pool, olderThanMs: number): Promise<number> {
  const { rows } = await pool.query<{ locked_by: string }>(
    `select locked_by from graphile_worker.jobs where locked_by is not null group by locked_by having max(locked_at) < $1`,
    [new Date(Date.now() - olderThanMs)],
  )
  if (rows.length > 0) await pool.query('select graphile_worker.force_unlock_workers($1)', [rows.map((row) => row.locked_by)])
  return rows.length
}

/** Says at error level which waiting jobs no worker of this release takes, and which have failed for the last time. */
export async function reportStuckJobs(pool: pg.Pool, handled: string[], log: Logger): Promise<void> {
  const { rows } = await pool.query<{ name: string; waiting: number; failed: number }>(
    `select task_identifier as name,
        count(*) filter (where task_identifier <> all ($1) and attempts < max_attempts)::int as waiting,
        count(*) filter (where attempts >= max_attempts and locked_at is null)::int as failed
      from graphile_worker.jobs group by task_identifier`,
    [handled],
  )
  for (const { name, waiting, failed } of rows) {
    if (waiting > 0) log.error({ job: name, waiting }, 'no handler here takes these jobs; another release may have added them')
    if (failed > 0) log.error({ job: name, failed }, 'jobs have failed for the last time')
  }
}
