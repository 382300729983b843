/** The days of the table `activity`: made ahead, dropped whole. */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { Logger } from 'pino'
import { firstIdAt } from './times-of-ids.ts'

const DAY_MS = 86_400_000
const DAYS_AHEAD = 7
/** Making and dropping a day locks the table for a moment; behind a slow query nobody should wait for that moment. */
const LOCK_TIMEOUT = '2s'
const LOCK = 7_283_041_124
const NAME = /^activity_(\d{4})(\d{2})(\d{2})$/
const MOST_DELETED = 50_000

/** Makes the days to come, drops those that are older than `keepMs` as a whole. Several nodes may call it at once. */
export async function keepDays(deps: { db: Kysely<unknown>; log: Logger }, now: number, keepMs: number): Promise<void> {
  const days = await daysOf(deps.db)
  const today = now - (now % DAY_MS)
  for (let day = today; day <= today + DAYS_AHEAD * DAY_MS; day += DAY_MS) {
    const name = nameOf(day)
    if (days.has(name)) continue
    await alone(deps, `${name} was not made`, (transaction) =>
      sql`create table if not exists ${sql.id(name)} partition of activity
        for values from (${sql.lit(firstIdAt(day))}) to (${sql.lit(firstIdAt(day + DAY_MS))})`.execute(transaction),
    )
  }
  if (keepMs === Infinity) return
  const oldest = now - keepMs
  for (const [name, day] of days)
    if (day + DAY_MS <= oldest)
      await alone(deps, `${name} was not dropped`, (transaction) => sql`drop table if exists ${sql.id(name)}`.execute(transaction))
  await sql`delete from activity_rest where ctid = any(array(
    select ctid from activity_rest where id < ${firstIdAt(oldest)}::uuid limit ${MOST_DELETED}))`.execute(deps.db)
}

/** Nothing is lost where it fails: rows go into the rest, and the next call tries again. */
async function alone(
  deps: { db: Kysely<unknown>; log: Logger },
  failed: string,
  work: (transaction: Transaction<unknown>) => Promise<unknown>,
) {
  try {
    await deps.db.transaction().execute(async (transaction) => {
      await sql`select set_config('lock_timeout', ${LOCK_TIMEOUT}, true), pg_advisory_xact_lock(${LOCK}::bigint)`.execute(transaction)
      await work(transaction)
    })
  } catch (error) {
    deps.log.warn({ err: error }, `a day of the activity: ${failed}`)
  }
}

/** Name of the partition, begin of the day in ms since 1970. */
async function daysOf(db: Kysely<unknown>): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'activity'::regclass`.execute(db)
  const days = new Map<string, number>()
  for (const { name } of rows) {
    const [, year, month, day] = NAME.exec(name) ?? []
    if (day !== undefined) days.set(name, Date.UTC(Number(year), Number(month) - 1, Number(day)))
  }
  return days
}

function nameOf(day: number): string {
  return `activity_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`
}
