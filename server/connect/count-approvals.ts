/** Keeps watch over Salesforce's five approvals of one user for one app (see `#orgs/approvals.ts`). */
import type { Transaction } from 'kysely'
import type { StoredConnection } from '#connections/connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssue } from '#issues/open-issue.ts'
import { approvalEvicted, approvalsUsedUp, approvalsWarning, evictedBy, MOST_APPROVALS } from '#orgs/approvals.ts'
import { approvalGroupOf, approvalGroupsOf, approvalsOf, type Approval } from '#orgs/store.ts'
import type { SignedIn } from './admit-org.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'

/** The approvals that stood when this sign-in made one more; to be read before it is saved. undefined: none was made. */
export async function approvalsBefore(
  deps: ConnectDeps,
  { session, provider, client, tokens, connectionConfig }: SignedIn,
): Promise<Approval[] | undefined> {
  const { org_id: orgId, user_id: userId } = connectionConfig
  const counts = provider.family === 'salesforce' && tokens.refresh_token !== undefined
  if (!counts || typeof orgId !== 'string' || typeof userId !== 'string') return undefined
  return approvalsOf(deps.kit.db.kysely, { environmentId: session.environmentId, orgId, userId, clientId: client.clientId })
}

interface NewApproval {
  saved: StoredConnection
  integration: StoredIntegration
  /** Of `approvalsBefore`. */
  before: readonly Approval[]
}

/**
 * Opens and closes the issues that follow from a sign-in. After the transaction that saves it: two of them that wrote on each other's connections
 * would wait for each other, and a sign-in must not fail for a warning. Never throws.
 */
export async function noteApproval(deps: ConnectDeps, approval: NewApproval): Promise<void> {
  try {
    await deps.kit.db.kysely.transaction().execute((transaction) => noteIn(deps, transaction, approval))
  } catch (error) {
    deps.kit.log.warn({ err: error, connection: approval.saved.id }, 'the approvals of a Salesforce user could not be counted')
  }
}

async function noteIn(
  { issueEvents: events, kit }: Pick<ConnectDeps, 'issueEvents' | 'kit'>,
  transaction: Transaction<unknown>,
  { saved, integration, before }: NewApproval,
): Promise<void> {
  const { environmentId, connectionId, id } = saved
  const by = { connectionId, integrationKey: integration.uniqueKey }
  const evicted = evictedBy(before)
  // What the reconnected connection had is replaced, whether Salesforce has ended it or we do.
  const others = before.filter((one) => one.connectionUuid !== id)
  const rest = others.filter((one) => !evicted.includes(one))
  for (const one of others.filter((other) => evicted.includes(other))) {
    const issue = {
      environmentId,
      connectionId: one.connectionUuid,
      kind: 'approval_evicted',
      diagnosis: approvalEvicted(one, by),
    } as const
    await openIssue(transaction, issue, events)
  }
  const connectionIds = others.map((one) => one.connectionUuid)
  await closeIssues(transaction, connectionIds, ['approvals_used_up'], { ...events, reason: 'superseded' })
  if (rest.length + 1 < MOST_APPROVALS) return
  const since = new Date(kit.clock.now())
  const newest = { grantId: saved.grantId ?? '', connectionUuid: id, ...by, endUserId: saved.endUser?.id, since }
  const diagnosis = approvalsUsedUp([newest, ...rest])
  await openIssue(transaction, { environmentId, connectionId: id, kind: 'approvals_used_up', diagnosis }, events)
}

/** For the person who is about to sign in: which of their own connections one more approval would end. */
export async function approvalWarnings(deps: ConnectDeps, session: StoredSession): Promise<ReturnType<typeof approvalsWarning>[]> {
  const { environmentId, endUser, reconnects, allowedIntegrations: integrationKeys } = session
  if (!endUser) return []
  const db = deps.kit.db.kysely
  const renewed = reconnects === null ? undefined : await approvalGroupOf(db, reconnects)
  const groups =
    reconnects === null ? await approvalGroupsOf(db, { environmentId, endUserId: endUser.id, integrationKeys }) : renewed ? [renewed] : []
  const warnings = []
  for (const group of groups) {
    const ended = evictedBy(await approvalsOf(db, { environmentId, ...group })).find((one) => one.connectionUuid !== reconnects)
    // Somebody else's connection is not this person's business.
    if (ended?.endUserId === endUser.id) warnings.push(approvalsWarning(ended))
  }
  return warnings
}
