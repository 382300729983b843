import type { Transaction } from 'kysely'
import type { IssueEvents, IssueKind } from './open-issue.ts'
import { closeOpen, subjectsOf } from './store.ts'

export interface Closing extends IssueEvents {
  /** `superseded`: another issue of the connection says more. */
  reason: 'works_again' | 'reconnected' | 'superseded'
  /** Leaves alone what another transaction is opening or closing at the moment: for issues of others, whose own fate decides. */
  leaveLocked?: boolean
}

/**
 * Closes what is open on these connections, all kinds unless named, and tells their backend; closed rows stay as history, for 90 days.
 * Returns how many were open.
 */
export async function closeIssues(
  transaction: Transaction<unknown>,
  connectionIds: readonly string[],
  kinds: readonly IssueKind[] | undefined,
  closing: Closing,
): Promise<number> {
  if (connectionIds.length === 0) return 0
  const closed = await closeOpen(transaction, connectionIds, kinds, closing)
  if (closed.length === 0) return 0
  const subjects = await subjectsOf(transaction, [...new Set(closed.map((issue) => issue.connectionId))])
  for (const { id, kind, openedAt, closedAt, connectionId } of closed) {
    const subject = subjects.get(connectionId)
    if (!subject || !closedAt) continue
    const issue = { id, kind, opened_at: openedAt.toISOString(), closed_at: closedAt.toISOString() }
    await closing.recordOwnEvent(transaction, { type: 'issue.resolved', subject, data: { issue, reason: closing.reason } })
  }
  return closed.length
}
