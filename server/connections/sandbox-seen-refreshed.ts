import { orgChange } from '@hawser/salesforce/org-change.ts'
import { quarantineHost, type QuarantineDeps } from './quarantine.ts'
import { replaceableOrgOf } from './sandbox-watch.ts'
import { liveById } from './store.ts'

/** For those who look after orgs by themselves, such as the daily check. Returns how many grants were stopped. */
export async function sandboxSeenRefreshed(
  deps: QuarantineDeps,
  { environmentId, connectionId, newOrgId }: { environmentId: string; connectionId: string; newOrgId: string },
): Promise<number> {
  const found = await liveById(deps.db, environmentId, connectionId)
  const org = found && replaceableOrgOf(found.connection)
  if (!org) return 0
  const change = orgChange({ orgId: org.orgId, instanceHost: org.host }, { orgId: newOrgId, instanceHost: org.host })
  if (change !== 'sandbox_refreshed') return 0
  return quarantineHost(deps, { environmentId, instanceUrl: org.instanceUrl, newOrgId, basis: 'host' })
}
