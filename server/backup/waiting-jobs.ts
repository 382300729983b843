/**
 * Jobs that wait in graphile-worker, in a notation of ours: its tables are its own business and change with its versions. Revocations hold the last
 * copy of the tokens that are to be revoked, and deliveries wait for nobody else. What runs by the clock makes itself again.
 */
import type pg from 'pg'
import { CRON } from '#queue/cron.ts'
import type { Table } from './our-tables.ts'

/** Under this name jobs are in the file, beside the tables. */
export const JOBS = 'waiting job'
const COLUMNS = ['identifier', 'payload', 'run_at', 'max_attempts', 'priority', 'key', 'queue']

export const jobsTable: Table = { name: JOBS, columns: COLUMNS, sequences: [], key: [] }

export async function hasJobs(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(`select to_regclass('graphile_worker._private_jobs') is not null as exists`)
  return rows[0]!.exists
}

const byTheClock = CRON.map(({ name }) => `'${name}'`).join(', ')

/** By identity: the order is only there so that equal jobs are equal bytes. */
export const copyJobsOut = `copy (
  select t.identifier, j.payload, j.run_at, j.max_attempts, j.priority, j.key, q.queue_name as queue
  from graphile_worker._private_jobs j
  join graphile_worker._private_tasks t on t.id = j.task_id
  left join graphile_worker._private_job_queues q on q.id = j.job_queue_id
  where t.identifier not in (${byTheClock}) and j.attempts < j.max_attempts
  order by j.id) to stdout`

const TEMPORARY = 'hawser_restored_job'

export const copyJobsIn = `copy ${TEMPORARY} (${COLUMNS.join(', ')}) from stdin`

export async function beginJobs(client: pg.Client): Promise<void> {
  await client.query(`create temporary table ${TEMPORARY} (id bigint generated always as identity, identifier text not null, payload json,
    run_at timestamptz, max_attempts int, priority int, key text, queue text) on commit drop`)
}

/** By graphile-worker's own function, whatever version it is. Attempts begin anew. */
export async function addJobs(client: pg.Client): Promise<void> {
  await client.query(`select graphile_worker.add_job(identifier => identifier, payload => payload, queue_name => queue, run_at => run_at,
    max_attempts => max_attempts, job_key => key, priority => priority) from (select * from ${TEMPORARY} order by id) j`)
}
