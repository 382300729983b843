import type { Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { createActivity, type Activity } from './activity.ts'
import { createCallCounts, type CallCounts } from './call-counts.ts'
import { deleteCounts, rollUp } from './counts-store.ts'
import { getActivity } from './get-activity.ts'
import { listActivity } from './list-activity.ts'
import { keepDays } from './partitions.ts'

const DAY_MS = 86_400_000
const MINUTES_KEPT_MS = 2 * DAY_MS
const HOURS_KEPT_MS = 62 * DAY_MS

export interface ComposedActivity extends Activity {
  counts: CallCounts
  handlers: Handler[]
  /** Before the server listens: days that are missing are made. */
  start(): Promise<void>
  /** Part of the job `clean-up`. */
  cleanUp(): Promise<void>
}

export function createActivitySlice(kit: Pick<Kit, 'db' | 'clock' | 'log' | 'config'>): ComposedActivity {
  const { clock, log, config } = kit
  const db = kit.db.kysely
  const counts = createCallCounts({ db, log })
  const activity = createActivity({ db, log, counts, successes: config.activitySuccesses, bodies: config.activityBodies })
  const deps = { db, clock, flush: () => activity.flush() }
  const days = () => keepDays({ db, log }, clock.now(), config.activityKeepMs)
  return {
    ...activity,
    counts,
    handlers: [listActivity(deps), getActivity(deps)],
    start: () => days().catch((error: unknown) => log.warn({ err: error }, 'the days of the activity were not looked at')),
    async cleanUp() {
      await days()
      await rollUp(db, new Date(clock.now() - MINUTES_KEPT_MS))
      await deleteCounts(db, new Date(clock.now() - HOURS_KEPT_MS))
    },
    async flush() {
      await Promise.all([activity.flush(), counts.flush()])
    },
    async close() {
      await activity.close()
      await counts.close()
    },
  }
}
