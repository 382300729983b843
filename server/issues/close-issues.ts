import type { Kysely } from 'kysely'
import type { IssueKind } from './open-issue.ts'
import { closeOpen } from './store.ts'

/** Closes what is open on these connections, all kinds unless named; closed rows stay as history. Returns how many were open. */
export async function closeIssues(db: Kysely<unknown>, connectionIds: readonly string[], kinds?: readonly IssueKind[]): Promise<number> {
  return connectionIds.length === 0 ? 0 : closeOpen(db, connectionIds, kinds)
}
