import type { Org, OrgKind, State } from '../state.ts'

/** What a new org may say of itself; all but `key` has a default that fits its kind. */
export type OrgSpec = { key: string } & Partial<Omit<Org, 'key' | 'limits' | 'createdAt'>> & { limits?: { max?: number; used?: number } }

const TYPE_OF_KIND: Record<OrgKind, string> = {
  production: 'Enterprise Edition',
  sandbox: 'Enterprise Edition',
  developer: 'Developer Edition',
  scratch: 'Developer Edition',
  trailhead: 'Developer Edition',
  trial: 'Enterprise Edition',
}

const PARTITION: Record<OrgKind, string> = {
  production: '',
  sandbox: '.sandbox',
  developer: '.develop',
  scratch: '.scratch',
  trailhead: '.trailblaze',
  trial: '.free',
}

export function defaultHost(key: string, kind: OrgKind, sandboxName: string): string {
  const partition = PARTITION[kind]
  const name = kind === 'sandbox' ? `${key.replace(/-[^-]*$/, '')}--${sandboxName}` : kind === 'developer' ? `${key}-dev-ed` : key
  return `${name}${partition}.my.salesforce.com`
}

/**
 * Registers an org. A sandbox named `acme-uat` gets the sandbox name `uat`, the source org `acme` if there is one, and the host
 * `acme--uat.sandbox.my.salesforce.com`.
 */
export function addOrg(state: State, spec: OrgSpec): Org {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(spec.key)) throw new Error('an org key has up to 40 of a-z, 0-9 and -, and begins with a letter')
  if (state.orgs.has(spec.key)) throw new Error(`org "${spec.key}" exists`)
  const kind = spec.kind ?? 'sandbox'
  const { limits, ...given } = spec
  const sandboxName = kind === 'sandbox' ? (spec.sandboxName ?? spec.key.split('-').slice(1).pop() ?? 'sbx') : null
  const parent = spec.key.replace(/-[^-]*$/, '')
  const org: Org = {
    name: spec.key,
    orgId: state.ids.next('00D'),
    kind,
    myDomainHost: defaultHost(spec.key, kind, sandboxName ?? ''),
    instanceName: kind === 'sandbox' ? 'CS42' : 'USA123',
    sandboxName,
    sourceOrgKey: kind === 'sandbox' && state.orgs.has(parent) ? parent : null,
    organizationType: TYPE_OF_KIND[kind],
    trialExpirationDate: kind === 'scratch' || kind === 'trial' ? '2030-01-01T00:00:00.000+0000' : null,
    namespacePrefix: null,
    preventGenericLogin: false,
    apiEnabled: true,
    locked: false,
    deleted: false,
    formerHosts: [],
    formerHostsRedirect: false,
    copies: [],
    copyingUntil: 0,
    sessionTimeoutMin: 120,
    trustedIps: [],
    instanceUrlOverride: null,
    authConfiguration: true,
    ecaSecretRest: false,
    caCreationBlocked: true,
    refusesCodeCred: false,
    pkceAlwaysOn: false,
    createdAt: state.clock.now(),
    ...given,
    limits: { max: limits?.max ?? 15_000, used: limits?.used ?? 0, windowStart: state.clock.now() },
  }
  if (kind === 'sandbox' && org.copies.length === 0) org.copies = [{ orgId: org.orgId, startedAt: org.createdAt, endedAt: org.createdAt }]
  state.orgs.set(org.key, org)
  state.rows.set(org.key, new Map())
  return org
}

export function orgByKey(state: State, key: string): Org {
  const org = state.orgs.get(key)
  if (org === undefined) throw new Error(`no org "${key}"`)
  return org
}
