import type { Kit } from '../kit.ts'
import { deleteSettledEvents, giveUpOverdueEvents } from './store.ts'

const DAY_MS = 86_400_000
const DELIVERED_KEPT_MS = 7 * DAY_MS
/** Longer: somebody may come and ask why nothing arrived. */
const GIVEN_UP_KEPT_MS = 30 * DAY_MS
/** A day after the last attempt was due. */
const OVERDUE_AFTER_MS = 4 * DAY_MS
const BATCH = 1_000
const MAX_BATCHES = 50

/** Deletes settled events, at most 50,000 a call; the next call goes on. */
export async function cleanUpEvents({ db, log }: Pick<Kit, 'db' | 'log'>): Promise<void> {
  const lost = await giveUpOverdueEvents(db.kysely, OVERDUE_AFTER_MS)
  if (lost > 0) log.error({ lost }, 'webhooks were given up without their job')
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const deleted = await deleteSettledEvents(db.kysely, { delivered: DELIVERED_KEPT_MS, givenUp: GIVEN_UP_KEPT_MS }, BATCH)
    if (deleted < BATCH) return
  }
}
