/** For tests: idle connections over 120 days, in steps of six hours, through the job's own SQL: who is renewed when, and does anybody expire? */
import pino from 'pino'
import { sql } from 'kysely'
import { expect } from 'vitest'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import type { LiveConnection } from './connection.ts'
import { refreshAheadJob } from './refresh-ahead.ts'

const HOUR_MS = 3_600_000
/** Longer than the hour that the bound is for: it holds for these too. */
const STEP_HOURS = 6
const DAY_MS = 24 * HOUR_MS
const DAYS = 120
/** The server is down for three days in the middle. */
const DOWN_FROM_DAY = 60
const DOWN_TO_DAY = 63
/** Salesforce's idle limit of refresh tokens. */
const IDLE_LIMIT_MS = 30 * DAY_MS

/** Proves that no hour carries more than 2 % of the renewals, and that nobody's refresh token idles for 30 days. */
export async function proveHeartbeatsSpread(connections: number): Promise<void> {
  const test = await createTestDatabase()
  const db = await openDatabase({ url: test.url, clockOffsetMs: 0, max: 2 })
  try {
    await prove(db, connections)
  } finally {
    await db.close()
    await test.close()
  }
}

async function prove(db: Database, connections: number): Promise<void> {
  const environmentId = newId()
  const integrationId = newId()
  const { kysely } = db
  await sql`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values (${environmentId}, 'dev', '', '', '')`.execute(
    kysely,
  )
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${integrationId}, ${environmentId}, 'i', 'crm', 'i')`.execute(
    kysely,
  )
  // All in one hour, as an import brings them. The ids are fixed, and with them the spread.
  await sql`
    insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials, fingerprint)
    select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${environmentId}, ${integrationId}, 'OAUTH2', int8send(n), int8send(n), int4send(n)
    from generate_series(1, ${connections}::int) n`.execute(kysely)
  await sql`
    insert into connection (id, environment_id, integration_id, connection_id, grant_id)
    select id, environment_id, integration_id, id::text, id from "grant"`.execute(kysely)

  const renewedAt: number[] = []
  let longestIdleMs = 0
  let offsetMs = 0
  const job = refreshAheadJob({
    db: kysely,
    log: pino({ level: 'silent' }),
    connections: { findById: (_environment, id) => ({ connection: { id } }) as LiveConnection },
    async renewAhead({ connection }) {
      const { rows } = await sql<{ idle: number }>`
        with before as (select id, refreshed_at from "grant" where id = ${connection.id})
        update "grant" g set refreshed_at = hawser_now(), version = version + 1 from before where g.id = before.id
        returning (extract(epoch from g.refreshed_at - before.refreshed_at) * 1000)::bigint as idle`.execute(kysely)
      renewedAt.push(offsetMs)
      longestIdleMs = Math.max(longestIdleMs, rows[0]!.idle)
    },
    frozen: () => false,
    everyMs: STEP_HOURS * HOUR_MS,
  })
  for (let hour = 0; hour < DAYS * 24; hour += STEP_HOURS) {
    offsetMs = hour * HOUR_MS
    if (hour >= DOWN_FROM_DAY * 24 && hour < DOWN_TO_DAY * 24) continue
    db.setClockOffset(offsetMs)
    await job({})
  }
  const { rows } = await sql<{ idle: number }>`
    select (extract(epoch from max(hawser_now() - refreshed_at)) * 1000)::bigint as idle from "grant"`.execute(kysely)
  expect(Math.max(longestIdleMs, rows[0]!.idle)).toBeLessThan(IDLE_LIMIT_MS)
  // Each is renewed at least every 28 days, and not much more often than its age asks for.
  expect(renewedAt.length).toBeGreaterThanOrEqual(connections * Math.floor(DAYS / 28))
  expect(renewedAt.length).toBeLessThanOrEqual(connections * Math.ceil(DAYS / 18))
  const byStep = Map.groupBy(renewedAt, (at) => at)
  const busiest = Math.max(...[...byStep.values()].map((of) => of.length))
  expect(busiest / renewedAt.length).toBeLessThanOrEqual(0.02)
}
