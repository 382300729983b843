import { sameOrg } from './ids.ts'

export type SeenOrg = { orgId: string; instanceHost: string }

/**
 * What it means when a connection comes back with another org id. A sandbox keeps its host name through a refresh and gets a new org id each time;
 * another id on another host is another org, and its data must not be mixed in without asking. Hosts are compared without regard to case.
 */
export function orgChange(stored: SeenOrg, fresh: SeenOrg): 'same' | 'sandbox_refreshed' | 'another_org' {
  if (sameOrg(stored.orgId, fresh.orgId)) return 'same'
  return stored.instanceHost.toLowerCase() === fresh.instanceHost.toLowerCase() ? 'sandbox_refreshed' : 'another_org'
}
