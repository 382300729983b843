/** What a sign-in, or an import, tells of the org behind a host. */
import { orgChange } from '@hawser/salesforce/org-change.ts'
import { sameOrg } from '@hawser/salesforce/ids.ts'
import type { Transaction } from 'kysely'
import type { StoredIntegration } from '#integrations/integration.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { StoredConnection } from './connection.ts'
import { INVALIDATED, quarantineHost } from './quarantine.ts'
import { replaceableOrgOf, type StoredOrg } from './sandbox-watch.ts'
import type { SaveDeps } from './save-connection.ts'
import { subjectOf } from './subject-of.ts'
import { refuteSuspicion } from './suspect-refresh.ts'

/** Its issues are over. Where it comes back with the new org of a refreshed sandbox, and its backend was not told before, it is told now. */
export async function tellReconnected(
  deps: SaveDeps,
  transaction: Transaction<unknown>,
  before: StoredConnection,
  after: StoredConnection,
  integration: StoredIntegration,
): Promise<void> {
  const closing = { recordOwnEvent: deps.recordOwnEvent, reason: 'reconnected' } as const
  const [old, org] = isSalesforce(deps, integration.provider) ? [replaceableOrgOf(before), replaceableOrgOf(after)] : []
  const seen = (one: StoredOrg) => ({ orgId: one.orgId, instanceHost: one.host })
  const change = old && org ? orgChange(seen(old), seen(org)) : undefined
  if (old && org && change === 'sandbox_refreshed' && !(await wasTold(transaction, after.id, org.orgId))) {
    await deps.recordOwnEvent(transaction, {
      type: 'connection.sandbox_refreshed',
      subject: subjectOf(after, integration),
      data: {
        ...{ old_org_id: old.orgId, new_org_id: org.orgId, instance_url: org.instanceUrl, basis: 'reconnect' },
        invalidates: [...INVALIDATED],
      },
    })
  }
  if (change === 'same') await refuteSuspicion(deps, transaction, [after.id], closing)
  await closeIssues(transaction, [after.id], undefined, closing)
}

async function wasTold(transaction: Transaction<unknown>, connectionId: string, newOrgId: string): Promise<boolean> {
  const open = (await openIssuesOf(transaction, [connectionId])).get(connectionId) ?? []
  return open.some(({ kind, diagnosis }) => {
    const told = (diagnosis as { evidence?: { new_org_id?: unknown } } | null)?.evidence?.new_org_id
    return kind === 'sandbox_refreshed' && typeof told === 'string' && sameOrg(told, newOrgId)
  })
}

/** After the commit, so that two reconnects at once never wait for each other's rows. A failure is made up for by the next sign-in, refresh or daily check. */
export async function stopOthersAtHost(deps: SaveDeps, saved: StoredConnection, provider: string): Promise<void> {
  const org = isSalesforce(deps, provider) ? replaceableOrgOf(saved) : undefined
  if (!org) return
  const { environmentId } = saved
  await quarantineHost(deps, { environmentId, instanceUrl: org.instanceUrl, newOrgId: org.orgId, basis: 'reconnect' }).catch(
    (error: unknown) => {
      deps.log.error({ err: error, instanceUrl: org.instanceUrl }, 'the other connections to a refreshed sandbox could not be stopped yet')
    },
  )
}

function isSalesforce(deps: SaveDeps, provider: string): boolean {
  return deps.catalogue.get(provider)?.family === 'salesforce'
}
