import type { Transaction } from 'kysely'
import type { z } from 'zod'
import type { diagnosis } from '@hawser/api/values.ts'
import type { OwnEvent } from '#events/record-own-event.ts'
import { newId } from '#lib/ids.ts'
import { reconnectHintOf } from './reconnect-hint.ts'
import { insertOrCount, subjectsOf } from './store.ts'

export type IssueKind =
  | 'refresh_failed'
  | 'interrupted_refresh'
  | 'instance_url_refused'
  | 'sandbox_refreshed'
  | 'sandbox_refresh_suspected'
  | 'approval_evicted'
  | 'approvals_used_up'
  | 'wrong_org_kind'
  | 'vault_cannot_open'

export interface IssueEvents {
  /** Puts an event into the outbox of the same transaction. */
  recordOwnEvent(transaction: Transaction<unknown>, event: OwnEvent): Promise<void>
}

type Diagnosis = z.output<typeof diagnosis>

/**
 * Says on a connection that something is wrong, and tells its backend; seen again, the open issue counts up instead of a second one being made.
 * `diagnosis`: as the API shows it, without secrets, or null.
 */
export async function openIssue(
  transaction: Transaction<unknown>,
  issue: { environmentId: string; connectionId: string; kind: IssueKind; diagnosis: unknown; operationId?: string | undefined },
  events: IssueEvents,
): Promise<void> {
  const stored = await insertOrCount(transaction, { id: newId(), ...issue })
  if (stored.count > 1) return
  const subject = (await subjectsOf(transaction, [issue.connectionId])).get(issue.connectionId)
  if (!subject) return
  const { id, kind } = stored
  const told = (issue.diagnosis ?? null) as Diagnosis | null
  const reconnect = reconnectHintOf(told, subject.connectionId, subject.integrationKey)
  await events.recordOwnEvent(transaction, {
    type: 'issue.opened',
    subject,
    data: { issue: { id, kind, opened_at: stored.openedAt.toISOString(), diagnosis: told }, ...(reconnect ? { reconnect } : {}) },
  })
}
