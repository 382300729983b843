/** SQL of the table `call_count`. */
import { sql, type Kysely } from 'kysely'
import { LATENCY_CLASSES } from './latency-classes.ts'

export interface CountRow {
  environmentId: string
  /** Empty: the sum of all. */
  integrationKey: string
  /** Begin of the minute, ms since 1970. */
  at: number
  calls: number
  clientErrors: number
  serverErrors: number
  noAnswer: number
  refreshes: number
  refreshFailures: number
  dropped: number
  latency: number[]
}

const BATCH = 1000
const COUNTS = ['calls', 'client_errors', 'server_errors', 'no_answer', 'refreshes', 'refresh_failures', 'dropped'] as const
const places = [...LATENCY_CLASSES, Infinity].map((_limit, index) => index + 1)
const added = sql.raw(
  [
    ...COUNTS.map((name) => `${name} = c.${name} + excluded.${name}`),
    `latency = array[${places.map((place) => `c.latency[${place}] + excluded.latency[${place}]`).join(', ')}]`,
  ].join(', '),
)
const summed = sql.raw(
  [
    ...COUNTS.map((name) => `sum(${name})::bigint as ${name}`),
    `array[${places.map((place) => `sum(latency[${place}])::bigint`).join(', ')}] as latency`,
  ].join(', '),
)

/** Rows of environments that are gone are left out. In one order, since other nodes add to the same rows. */
export async function addCounts(db: Kysely<unknown>, rows: readonly CountRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = merged(rows.slice(start, start + BATCH))
    await sql`
      insert into call_count as c (environment_id, minutes, at, integration_key, ${sql.raw(COUNTS.join(', '))}, latency)
      select r.environment_id, 1, to_timestamp(r.at / 1000.0), r.integration_key, ${sql.raw(COUNTS.map((name) => `r.${name}`).join(', '))}, r.latency
      from json_to_recordset(${JSON.stringify(batch)}::json) as r (environment_id uuid, at bigint, integration_key text,
        ${sql.raw(COUNTS.map((name) => `${name} bigint`).join(', '))}, latency bigint[])
      where exists (select from environment e where e.id = r.environment_id)
      order by r.environment_id, r.integration_key, r.at
      on conflict (environment_id, integration_key, at, minutes) do update set ${added}`.execute(db)
  }
}

/** Counts of the same minute. */
export function addTo(sum: CountRow, row: CountRow): void {
  sum.calls += row.calls
  sum.clientErrors += row.clientErrors
  sum.serverErrors += row.serverErrors
  sum.noAnswer += row.noAnswer
  sum.refreshes += row.refreshes
  sum.refreshFailures += row.refreshFailures
  sum.dropped += row.dropped
  for (const [at, count] of row.latency.entries()) sum.latency[at] = (sum.latency[at] ?? 0) + count
}

/** One statement may touch a row once. */
function merged(rows: readonly CountRow[]) {
  const byPlace = new Map<string, CountRow>()
  for (const row of rows) {
    const place = `${row.environmentId} ${row.at} ${row.integrationKey}`
    const known = byPlace.get(place)
    if (known) addTo(known, row)
    else byPlace.set(place, { ...row, latency: [...row.latency] })
  }
  return [...byPlace.values()].map((row) => ({
    environment_id: row.environmentId,
    at: row.at,
    integration_key: row.integrationKey,
    calls: row.calls,
    client_errors: row.clientErrors,
    server_errors: row.serverErrors,
    no_answer: row.noAnswer,
    refreshes: row.refreshes,
    refresh_failures: row.refreshFailures,
    dropped: row.dropped,
    latency: row.latency,
  }))
}

export interface SummedCounts extends Omit<CountRow, 'environmentId' | 'integrationKey'> {}

/** Of the whole environment, by bucket of `bucketMs` from `from` on; buckets without a call are missing. Times in ms since 1970. */
export async function countsBetween(
  db: Kysely<unknown>,
  range: { environmentId: string; from: number; to: number; bucketMs: number },
): Promise<SummedCounts[]> {
  const { environmentId, from, to, bucketMs } = range
  const { rows } = await sql<Record<(typeof COUNTS)[number], number> & { bucket: number; latency: number[] }>`
    select floor((extract(epoch from at) * 1000 - ${from}::bigint) / ${bucketMs}::bigint)::int as bucket, ${summed}
    from call_count where environment_id = ${environmentId} and integration_key = '' and at >= ${new Date(from)} and at < ${new Date(to)} group by 1 order by 1`.execute(
    db,
  )
  return rows.map((row) => ({
    at: from + row.bucket * bucketMs,
    calls: row.calls,
    clientErrors: row.client_errors,
    serverErrors: row.server_errors,
    noAnswer: row.no_answer,
    refreshes: row.refreshes,
    refreshFailures: row.refresh_failures,
    dropped: row.dropped,
    latency: row.latency.map(Number),
  }))
}

/** Puts the minutes of whole hours before `before` together. Returns how many rows went in. */
export async function rollUp(db: Kysely<unknown>, before: Date): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    with gone as (delete from call_count where minutes = 1 and at < date_trunc('hour', ${before}::timestamptz, 'UTC') returning *),
    put as (
      insert into call_count as c (environment_id, minutes, at, integration_key, ${sql.raw(COUNTS.join(', '))}, latency)
      select environment_id, 60, date_trunc('hour', at, 'UTC'), integration_key, ${summed} from gone group by 1, 3, 4
      on conflict (environment_id, integration_key, at, minutes) do update set ${added})
    select count(*) as gone from gone`.execute(db)
  return rows[0]!.gone
}

export async function deleteCounts(db: Kysely<unknown>, before: Date): Promise<void> {
  await sql`delete from call_count where minutes = 60 and at < ${before}`.execute(db)
}
