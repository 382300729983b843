import type { ErrorRow } from './errors/error-row.ts'
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

/** With its article, for sentences. */
export const NAME_OF_KIND: Record<OrgKind, string> = {
  production: 'a production org',
  sandbox: 'a sandbox',
  developer: 'a Developer Edition org',
  scratch: 'a scratch org',
  trailhead: 'a Trailhead playground',
  trial: 'a trial org',
  demo: 'a demo org',
  patch: 'a patch org',
  unknown: 'an org of unknown kind',
}

/** `salesforce` is for everything that logs in at login.salesforce.com, `salesforce-sandbox` for sandboxes and scratch orgs. */
export type OrgProvider = 'salesforce' | 'salesforce-sandbox'

const OTHER: Record<OrgProvider, { provider: OrgProvider; meant: string; place: string }> = {
  salesforce: { provider: 'salesforce-sandbox', meant: 'a production org', place: 'your production org' },
  'salesforce-sandbox': { provider: 'salesforce', meant: 'a sandbox', place: 'your sandbox' },
}

/** `message` is one sentence for the engineer, `row` what is shown: its `endUserText` for the person who signed in, the rest for the engineer. */
export type EnvironmentMismatch = { message: string; row: Omit<ErrorRow, 'match'> }

/** Says what to do when an org of this kind was connected through the other environment's provider; `undefined` when it fits or is unknown. */
export function environmentMismatch(provider: OrgProvider, kind: OrgKind): EnvironmentMismatch | undefined {
  if (kind === 'unknown') return undefined
  const isSandbox = kind === 'sandbox' || kind === 'scratch'
  if (isSandbox === (provider === 'salesforce-sandbox')) return undefined
  const { provider: fitting, meant, place } = OTHER[provider]
  const found = NAME_OF_KIND[kind]
  return {
    message: `This is ${found}; use the \`${fitting}\` integration.`,
    row: {
      id: 'wrong-org-kind',
      where: 'token',
      class: 'user',
      title: `The sign-in ended in ${found} instead of ${meant}`,
      cause: `The integration’s provider is ${provider}. Usually the browser still had a session in the other org, or the link for the wrong integration was used.`,
      fix: [
        `If this org was meant, use an integration with the provider ${fitting}.`,
        'Else let the user sign in again, best with the My Domain of the right org.',
      ],
      endUserText: `You signed in to ${found}, but this connection is for ${meant}. Please try again and sign in to ${place}. If your browser picks the wrong org by itself, open your link in a private window.`,
      confidence: 'V',
      source: 'our own check of the instance URL',
    },
  }
}
