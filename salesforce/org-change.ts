import { classifyHost } from './hosts.ts'
import type { HostKind } from './hosts.ts'
import { sameOrg } from './ids.ts'

export type SeenOrg = { orgId: string; instanceHost: string }

/** These never change their org behind the same name by a refresh; instance hosts are shared by many orgs. */
const NEVER_REFRESHED: readonly HostKind[] = [
  'production',
  'developer',
  'trailblaze',
  'demo',
  'free',
  'patch',
  'legacy',
  'generic-login',
  'generic-test',
]

/**
 * What it means when a connection comes back with another org id. A sandbox keeps its host name through a refresh and gets a new org id each time;
 * another id elsewhere is another org, and its data must not be mixed in without asking. Both `orgId`s must be org ids (15 or 18 characters).
 */
export function orgChange(stored: SeenOrg, fresh: SeenOrg): 'same' | 'sandbox_refreshed' | 'another_org' {
  if (sameOrg(stored.orgId, fresh.orgId)) return 'same'
  if (stored.instanceHost.toLowerCase() !== fresh.instanceHost.toLowerCase()) return 'another_org'
  const { kind, sandboxName } = classifyHost(fresh.instanceHost)
  if (NEVER_REFRESHED.includes(kind) || (kind === 'legacy-sandbox' && sandboxName === undefined)) return 'another_org'
  return 'sandbox_refreshed'
}
