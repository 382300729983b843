import { classifyHost } from './hosts.ts'
import type { HostKind } from './hosts.ts'

export type OrgKind = 'production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead' | 'trial' | 'demo' | 'patch' | 'unknown'

/** The fields of `SELECT IsSandbox, TrialExpirationDate, OrganizationType FROM Organization`. */
export type OrganizationRow = { IsSandbox: boolean; TrialExpirationDate?: string | null; OrganizationType?: string | null }

export type OrgEvidence = {
  organization?: OrganizationRow | undefined
  /** Host of `instance_url`. */
  instanceHost?: string | undefined
  /** Host at which the user logged in. */
  loginHost?: string | undefined
  /** Host of the identity URL (`id` of the token response). */
  identityHost?: string | undefined
}

/** `certain` is false when only a login or identity host was seen: `test.salesforce.com` serves scratch orgs as well as sandboxes. */
export type OrgFinding = {
  kind: OrgKind
  basis: 'organization' | 'instance_host' | 'login_host' | 'identity_host' | 'none'
  certain: boolean
}

const KIND_OF_HOST: Partial<Record<HostKind, OrgKind>> = {
  production: 'production',
  sandbox: 'sandbox',
  'legacy-sandbox': 'sandbox',
  developer: 'developer',
  scratch: 'scratch',
  trailblaze: 'trailhead',
  free: 'trial',
  demo: 'demo',
  patch: 'patch',
}

/** Host kinds whose partition tells the org's kind for sure; the others (no partition, instance hosts) leave room for a Developer Edition. */
const TELLING_HOSTS: readonly HostKind[] = ['sandbox', 'scratch', 'developer', 'trailblaze', 'free', 'demo', 'patch']

/** What kind of org the evidence shows; the strongest piece decides (Organization row, instance host, login host, identity host). */
export function orgKindFrom(evidence: OrgEvidence): OrgFinding {
  const { organization, instanceHost, loginHost, identityHost } = evidence
  if (organization) return { kind: kindOfRow(organization, instanceHost), basis: 'organization', certain: true }
  for (const [basis, host] of [
    ['instance_host', instanceHost],
    ['login_host', loginHost],
  ] as const) {
    const hostKind = host === undefined ? 'foreign' : classifyHost(host).kind
    const kind = KIND_OF_HOST[hostKind]
    if (kind) return { kind, basis, certain: TELLING_HOSTS.includes(hostKind) }
  }
  // login.salesforce.com proves nothing as identity host: samples of sandbox tokens carry it.
  if (loginHost === 'test.salesforce.com') return { kind: 'sandbox', basis: 'login_host', certain: false }
  if (identityHost === 'test.salesforce.com') return { kind: 'sandbox', basis: 'identity_host', certain: false }
  return { kind: 'unknown', basis: 'none', certain: false }
}

// IsSandbox without an end date is a sandbox, with one a scratch org: the rule of @salesforce/core's determineOrg.
function kindOfRow(row: OrganizationRow, instanceHost: string | undefined): OrgKind {
  const expires = row.TrialExpirationDate !== null && row.TrialExpirationDate !== undefined
  if (row.IsSandbox) return expires ? 'scratch' : 'sandbox'
  const host = instanceHost === undefined ? 'foreign' : classifyHost(instanceHost).kind
  if (host === 'trailblaze') return 'trailhead'
  if (host === 'demo' || host === 'patch') return host
  if (row.OrganizationType === 'Developer Edition') return 'developer'
  return expires || host === 'free' ? 'trial' : 'production'
}

const NAME_OF_KIND: Record<Exclude<OrgKind, 'unknown'>, string> = {
  production: 'a production org',
  sandbox: 'a sandbox',
  developer: 'a Developer Edition org',
  scratch: 'a scratch org',
  trailhead: 'a Trailhead playground',
  trial: 'a trial org',
  demo: 'a demo org',
  patch: 'a patch org',
}

/**
 * One sentence for the engineer when an org of this kind was connected through the other environment's provider (`salesforce` for everything that
 * logs in at login.salesforce.com, `salesforce-sandbox` for sandboxes and scratch orgs); `undefined` when it fits, is unknown, or for other providers.
 */
export function environmentMismatch(provider: string, kind: OrgKind): string | undefined {
  if (kind === 'unknown' || (provider !== 'salesforce' && provider !== 'salesforce-sandbox')) return undefined
  const fitting = kind === 'sandbox' || kind === 'scratch' ? 'salesforce-sandbox' : 'salesforce'
  if (provider === fitting) return undefined
  return `This is ${NAME_OF_KIND[kind]}; use the \`${fitting}\` integration.`
}
