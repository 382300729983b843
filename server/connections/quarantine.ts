/** A sandbox was refreshed: every connection to its host that was made with the org before is closed to calls, and its backend is told. */
import { sandboxFindings } from '@hawser/salesforce/sandbox-findings.ts'
import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import { toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'
import type { AuthEvent } from '#events/record-event.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssue, type IssueEvents } from '#issues/open-issue.ts'
import type { ConnectionCache } from './connection-cache.ts'
import type { StoredGrant } from './connection.ts'
import { lockGrantsOfOldOrg, quarantineGrant } from './quarantine-store.ts'
import { grantFailure } from './refresh-failure.ts'
import type { SandboxRefresh } from './sandbox-watch.ts'
import { connectionsOfGrant } from './store.ts'
import { subjectOf } from './subject-of.ts'

const BATCH = 200
const MOST_BATCHES = 200

export interface QuarantineDeps extends IssueEvents {
  db: Kysely<unknown>
  cache: Pick<ConnectionCache, 'putGrant'>
  log: Logger
  recordEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<unknown>
  /** Names of the catalogue's entries for Salesforce. */
  salesforceProviders(): readonly string[]
}

/** What connections keep under the org's id, and receivers too. */
export const INVALIDATED = ['record_ids', 'replay_ids', 'query_cursors', 'bulk_jobs', 'metadata_ids', 'caches'] as const

/**
 * Stops all grants of the environment's connections to the host that know another org than the new one, in batches, each with its issues and events
 * in one transaction. Those stopped for the same change already are left alone. Returns how many were stopped.
 */
export async function quarantineHost(deps: QuarantineDeps, refresh: SandboxRefresh): Promise<number> {
  let stopped = 0
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const { found, grants } = await deps.db.transaction().execute((transaction) => quarantineSome(deps, transaction, refresh))
    for (const grant of grants) deps.cache.putGrant(grant)
    stopped += grants.length
    if (found < BATCH || grants.length === 0) break
  }
  if (stopped > 0) {
    const { environmentId, newOrgId, basis, instanceUrl } = refresh
    deps.log.warn({ environmentId, instanceUrl, newOrgId, basis, grants: stopped }, 'a sandbox was refreshed; its connections are stopped')
  }
  return stopped
}

async function quarantineSome(
  deps: QuarantineDeps,
  transaction: Transaction<unknown>,
  refresh: SandboxRefresh,
): Promise<{ found: number; grants: StoredGrant[] }> {
  const { environmentId, instanceUrl, newOrgId: orgId } = refresh
  const found = await lockGrantsOfOldOrg(transaction, { environmentId, instanceUrl, orgId, providers: deps.salesforceProviders() }, BATCH)
  const grants = new Map<string, StoredGrant>()
  // After the connections, grants in the order of their ids (see store.ts).
  for (const { grantId, version, broken, oldOrgId } of found.toSorted((a, b) => (a.grantId < b.grantId ? -1 : 1))) {
    // Several connections may live on one grant.
    if (grants.has(grantId)) continue
    const diagnosis = sandboxRefreshed(refresh, oldOrgId)
    const stopped = await quarantineGrant(transaction, grantId, version, grantFailure('invalid_credentials', diagnosis))
    if (!stopped) continue
    grants.set(grantId, stopped)
    await tellRefreshed(deps, transaction, { grantId, refresh, oldOrgId, diagnosis, withAuthEvent: !broken })
  }
  return { found: found.length, grants: [...grants.values()] }
}

export function sandboxRefreshed({ instanceUrl, newOrgId, basis }: SandboxRefresh, oldOrgId: string): Diagnosis {
  const { host } = new URL(instanceUrl)
  return toDiagnosis(sandboxFindings.refreshed, { old_org_id: oldOrgId, new_org_id: newOrgId, host, basis })
}

/** To all connections of a grant that has just been stopped. */
export async function tellRefreshed(
  deps: Pick<QuarantineDeps, 'recordEvent' | 'recordOwnEvent'>,
  transaction: Transaction<unknown>,
  told: { grantId: string; refresh: SandboxRefresh; oldOrgId: string; diagnosis: Diagnosis; withAuthEvent: boolean },
): Promise<void> {
  const { refresh, oldOrgId, diagnosis } = told
  const rows = await connectionsOfGrant(transaction, told.grantId)
  const ids = rows.map((row) => row.connection.id)
  const kinds = ['refresh_failed', 'interrupted_refresh', 'sandbox_refresh_suspected'] as const
  await closeIssues(transaction, ids, kinds, { recordOwnEvent: deps.recordOwnEvent, reason: 'superseded' })
  for (const { connection, integration, grant } of rows) {
    const { environmentId, id: connectionId } = connection
    await openIssue(transaction, { environmentId, connectionId, kind: 'sandbox_refreshed', diagnosis }, deps)
    const { newOrgId: new_org_id, instanceUrl: instance_url, basis } = refresh
    await deps.recordOwnEvent(transaction, {
      type: 'connection.sandbox_refreshed',
      subject: subjectOf(connection, integration),
      data: { old_org_id: oldOrgId, new_org_id, instance_url, basis, invalidates: [...INVALIDATED] },
    })
    if (!told.withAuthEvent) continue
    await deps.recordEvent(transaction, {
      environmentId,
      connection,
      integrationKey: integration.uniqueKey,
      provider: integration.provider,
      authMode: grant?.authMode ?? 'OAUTH2',
      operation: 'refresh',
      failure: { type: 'sandbox_refreshed', description: `${diagnosis.title}. ${diagnosis.fix.join(' ')}`, diagnosis },
    })
  }
}
