/**
 * Salesforce keeps five approvals of one user for one app; the sixth ends the oldest without a word (V, Salesforce Help, "Manage OAuth Access
 * Policies"; oauth facts §6). So we count, and say which connection it will be, and which it was.
 */
import { toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'
import type { Approval } from './store.ts'

export const MOST_APPROVALS = 5

const common = {
  where: 'token',
  class: 'config',
  confidence: 'V',
  source: 'Salesforce Help, "Manage OAuth Access Policies": five approvals of one user for one app',
} as const

/** `before`: the approvals that stood when the user signed in, newest first. Those that Salesforce has ended by making one more. */
export function evictedBy(before: readonly Approval[]): Approval[] {
  return before.slice(MOST_APPROVALS - 1)
}

/** For the connection that took the last place. `live`: newest first, five of them or more. */
export function approvalsUsedUp(live: readonly Approval[]): Diagnosis {
  const oldest = live[MOST_APPROVALS - 1]!
  const row = {
    ...common,
    id: 'approvals-used-up',
    title: 'This Salesforce user has approved this app five times, which is as often as Salesforce allows',
    cause: `One more sign-in of this user with this app ends the oldest approval: connection ${oldest.connectionId} of the integration ${oldest.integrationKey}, made on ${dayOf(oldest.since)}.`,
    fix: [
      'Let one connection of this Salesforce user serve all that need it, and delete the others: that frees their approvals.',
      'Or let each person sign in with a Salesforce user of their own, or give the further connections an app of their own.',
    ],
    endUserText: 'This Salesforce user is connected five times already. If it is connected once more, the oldest connection stops working.',
  } as const
  return toDiagnosis(row, evidenceOf(oldest))
}

/** For the connection whose approval was the oldest. */
export function approvalEvicted(evicted: Approval, by: { connectionId: string; integrationKey: string }): Diagnosis {
  const row = {
    ...common,
    id: 'approval-evicted',
    title: 'A sixth sign-in of the same Salesforce user has ended this connection’s approval',
    cause: `Salesforce keeps five approvals of one user for one app. The sign-in for connection ${by.connectionId} of the integration ${by.integrationKey} was one too many, and this connection’s, of ${dayOf(evicted.since)}, was the oldest. Its next refresh is expected to fail with "expired access/refresh token".`,
    fix: [
      'Delete this connection if the newer one serves the same purpose.',
      'Else delete another connection of this Salesforce user first, and then let the user reconnect this one.',
    ],
    endUserText:
      'This connection was replaced when the same Salesforce user connected once more. Please contact our support before you reconnect.',
  } as const
  return toDiagnosis(row, { ...evidenceOf(evicted), ended_by: by.connectionId, ended_by_integration: by.integrationKey })
}

/** In the words of the person who is about to sign in. `oldest`: the connection of theirs that would end. */
export function approvalsWarning(oldest: Approval): { code: 'approvals_used_up'; message: string; connection_id: string } {
  const message = `Your Salesforce user is connected here five times already. If you sign in with the same user again, your oldest connection, made on ${inWords.format(oldest.since)}, stops working.`
  return { code: 'approvals_used_up', message, connection_id: oldest.connectionId }
}

function evidenceOf({ connectionId, integrationKey, since }: Approval): Diagnosis['evidence'] {
  return { connection_id: connectionId, integration: integrationKey, since: since.toISOString() }
}

const inWords = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' })

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
