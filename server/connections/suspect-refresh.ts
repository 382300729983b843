/** Where nobody tells which org stands behind a sandbox's host: whether its connections together say that it was refreshed. */
import { sandboxFindings } from '@hawser/salesforce/sandbox-findings.ts'
import type { Kysely, Transaction } from 'kysely'
import type { Provider } from '#providers/provider.ts'
import { toDiagnosis } from '#diagnosis/diagnose.ts'
import { closeIssues, type Closing } from '#issues/close-issues.ts'
import { openIssue, type IssueEvents } from '#issues/open-issue.ts'
import type { StoredConnection } from './connection.ts'
import { connectionsAtHost, hostsOf, type FailingConnection } from './quarantine-store.ts'
import { replaceableOrgOf } from './sandbox-watch.ts'

/** How a refresh shows at the token endpoint (sandbox facts §3, V): the app is gone, or it came with the copy and the tokens did not. */
const SYMPTOMS: readonly string[] = ['token-client-id-unknown', 'refresh-token-expired', 'grant-refused']
/** Connections notice when they are used. */
const TOGETHER_MS = 24 * 3_600_000

export interface SuspicionDeps extends IssueEvents {
  db: Kysely<unknown>
  salesforceProviders(): readonly string[]
}

/** Opens an issue on each connection to the host if they agree; the diagnosis of each failure stays. */
export async function suspectRefresh(deps: SuspicionDeps, connection: StoredConnection, provider: Provider): Promise<void> {
  const org = provider.family === 'salesforce' ? replaceableOrgOf(connection) : undefined
  if (!org) return
  const { environmentId } = connection
  const host = { environmentId, instanceUrl: org.instanceUrl, orgId: org.orgId, providers: deps.salesforceProviders() }
  await deps.db.transaction().execute(async (transaction) => {
    const all = await connectionsAtHost(transaction, host)
    const grounds = groundsFor(all)
    if (!grounds) return
    const diagnosis = toDiagnosis(sandboxFindings.suspected, { host: org.host, old_org_id: org.orgId, ...grounds })
    for (const { id } of all) {
      await openIssue(transaction, { environmentId, connectionId: id, kind: 'sandbox_refresh_suspected', diagnosis }, deps)
    }
  })
}

/**
 * All of at least two fail, within a day of each other, with the symptoms of a refresh, and none has worked since the first failed; and they do not
 * share one app that could have been removed, nor one kind of failure. Undefined if that is not so.
 */
export function groundsFor(all: readonly FailingConnection[]): { connections: number; apps: number; kinds_of_failure: number } | undefined {
  if (all.length < 2) return undefined
  const brokenAt = all.flatMap((one) => (one.brokenAt && one.code !== null && SYMPTOMS.includes(one.code) ? [one.brokenAt.getTime()] : []))
  if (brokenAt.length < all.length) return undefined
  const first = Math.min(...brokenAt)
  if (Math.max(...brokenAt) - first > TOGETHER_MS || all.some((one) => one.refreshedAt.getTime() > first)) return undefined
  const apps = new Set(all.map((one) => one.clientId)).size
  const kinds = new Set(all.map((one) => one.code)).size
  return apps < 2 && kinds < 2 ? undefined : { connections: all.length, apps, kinds_of_failure: kinds }
}

/** One of the connections works again with the org that it had: the others' suspicion is over, too. Asks nothing where none was open. */
export async function refuteSuspicion(
  deps: SuspicionDeps,
  transaction: Transaction<unknown>,
  connectionIds: readonly string[],
  closing: Closing,
): Promise<void> {
  if ((await closeIssues(transaction, connectionIds, SUSPECTED, closing)) === 0) return
  for (const host of await hostsOf(transaction, connectionIds)) {
    const others = await connectionsAtHost(transaction, { ...host, providers: deps.salesforceProviders() })
    await closeIssues(
      transaction,
      others.map((one) => one.id),
      SUSPECTED,
      { ...closing, leaveLocked: true },
    )
  }
}

const SUSPECTED = ['sandbox_refresh_suspected'] as const
