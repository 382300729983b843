/** For the tests of this folder: a database with two environments, and operations to record. */
import pino from 'pino'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { createActivity, type Activity, type ActivityOptions } from './activity.ts'
import { createCallCounts, type CallCounts } from './call-counts.ts'
import type { Operation } from './operation.ts'

export const ENVIRONMENT = '018f0000-0000-7000-8000-000000000001'
export const OTHER_ENVIRONMENT = '018f0000-0000-7000-8000-000000000002'
export const NOW = Date.UTC(2026, 2, 10, 12)

export interface ActivityRig {
  db: Database
  counts: CallCounts
  log: pino.Logger
  activity(options?: Partial<ActivityOptions>): Activity
  close(): Promise<void>
}

export async function createActivityRig(): Promise<ActivityRig> {
  const database = await createTestDatabase()
  const db = await openDatabase({ url: database.url, clockOffsetMs: 0 })
  for (const [id, name] of [
    [ENVIRONMENT, 'dev'],
    [OTHER_ENVIRONMENT, 'prod'],
  ])
    await db.pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, $2, '', '', '')`, [
      id,
      name,
    ])
  const log = pino({ level: 'silent' })
  const counts = createCallCounts({ db: db.kysely, log })
  return {
    db,
    counts,
    log,
    activity: (options) => createActivity({ db: db.kysely, log, counts, successes: 1, bodies: true, ...options }),
    async close() {
      await counts.close()
      await db.close()
      await database.close()
    },
  }
}

export function aCall(change: Partial<Operation> = {}): Operation {
  return {
    environmentId: ENVIRONMENT,
    at: NOW,
    kind: 'call',
    action: 'proxy',
    failed: false,
    status: 200,
    durationMs: 12,
    integrationKey: 'sf',
    actor: { kind: 'key', id: 'k' },
    method: 'GET',
    host: 'acme.my.salesforce.com',
    path: '/services/data',
    ...change,
  }
}
