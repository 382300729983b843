import type { Kysely } from 'kysely'
import { deleteClosedIssues } from './store.ts'

/** As long as somebody may ask what was wrong last quarter. */
const KEPT_MS = 90 * 86_400_000
const BATCH = 1_000
const MOST_BATCHES = 50

/** Deletes issues that were closed long ago, at most 50,000 a call; the next call goes on. Open ones stay, however old. */
export async function cleanUpIssues(db: Kysely<unknown>): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
    if ((await deleteClosedIssues(db, KEPT_MS, BATCH)) < BATCH) return
  }
}
