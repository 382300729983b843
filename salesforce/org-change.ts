import { classifyHost, MY_DOMAIN_SUFFIXES } from './hosts.ts'
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
 * Whether another org can come to stand behind this host name: a sandbox's, and those that our table does not know (a practice org on this machine).
 * Source: a sandbox keeps its name, and so its host, through a refresh (M); its org id changes (V, Salesforce Help).
 */
export function orgCanBeRefreshed(host: string): boolean {
  const { kind, sandboxName } = classifyHost(host)
  return !NEVER_REFRESHED.includes(kind) && (kind !== 'legacy-sandbox' || sandboxName !== undefined)
}

/**
 * What it means when a connection comes back with another org id. A sandbox keeps its host name through a refresh and gets a new org id each time;
 * another id elsewhere is another org, and its data must not be mixed in without asking. Both `orgId`s must be org ids (15 or 18 characters).
 */
export function orgChange(stored: SeenOrg, fresh: SeenOrg): 'same' | 'sandbox_refreshed' | 'another_org' {
  if (sameOrg(stored.orgId, fresh.orgId)) return 'same'
  if (stored.instanceHost.toLowerCase() !== fresh.instanceHost.toLowerCase()) return 'another_org'
  return orgCanBeRefreshed(fresh.instanceHost) ? 'sandbox_refreshed' : 'another_org'
}

/**
 * Host of the production org that a sandbox's host belongs to, and the sandbox's name (in the host's lower case): `acme.my.salesforce.com` and `uat` for
 * `acme--uat.sandbox.my.salesforce.com`. Undefined for hosts that are no sandbox's.
 */
export function productionOf(sandboxHost: string): { host: string; sandboxName: string } | undefined {
  const host = sandboxHost.toLowerCase()
  const { kind, myDomain, sandboxName } = classifyHost(host)
  if ((kind !== 'sandbox' && kind !== 'legacy-sandbox') || myDomain === undefined || sandboxName === undefined) return undefined
  const suffix = MY_DOMAIN_SUFFIXES.find((one) => host.endsWith(one))
  return suffix === undefined ? undefined : { host: myDomain + suffix, sandboxName }
}
