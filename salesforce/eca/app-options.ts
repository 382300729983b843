import type { Confidence } from '../errors/error-row.ts'
import type { OrgKind } from '../org.ts'
import { scopesKnownByTokenOnly, scopeByMetadataToken, scopeByName } from '../scopes.ts'
import { apiNameFault, apiNameFromLabel } from './api-name.ts'
import type { AppExtras } from './app-extras.ts'
import { callbackUrlFindings } from './callback-urls.ts'
import { readExtras } from './read-extras.ts'
import { tokenIpRangeFindings } from './ip-range-findings.ts'
import type { IpRange } from './ip-ranges.ts'
import { OptionReader, isRecord } from './option-reader.ts'
import { settingFindings, webFindings } from './setting-findings.ts'

export { apiNameFromLabel }

export const FLOWS = ['clientCredentials', 'codeAndCredentials', 'device', 'tokenExchange'] as const
export type Flow = (typeof FLOWS)[number]

export const VALIDITY_UNITS = ['hours', 'days', 'months'] as const
export type RefreshTokenPolicy =
  | { policy: 'infinite' | 'zero' }
  | { policy: 'lifetime' | 'inactivity'; period: number; unit: (typeof VALIDITY_UNITS)[number] }

export const IP_RELAXATIONS = ['Enforce', 'Bypass', 'Bypass_2factor', 'Enforce_RelaxRefresh'] as const
export const PERMITTED_USERS = ['AllSelfAuthorized', 'AdminApprovedPreAuthorized'] as const
export const SESSION_LEVELS = ['LOW', 'STANDARD', 'HIGH_ASSURANCE'] as const
export const DISTRIBUTIONS = ['Local', 'Packaged'] as const

/**
 * An External Client App. A member that is absent is not written, and a deployment then sets the platform's default for it
 * (deployments are declarative). `checkAppOptions` makes these: no empty lists, texts trimmed, scopes and callbacks once each.
 */
export type AppOptions = {
  /** External Client App Name. */
  label: string
  apiName: string
  contactEmail: string
  contactPhone?: string
  infoUrl?: string
  logoUrl?: string
  iconUrl?: string
  description?: string
  distribution: (typeof DISTRIBUTIONS)[number]
  callbackUrls: string[]
  /** OAuth strings such as `api`; metadata tokens where no string is known. */
  scopes: string[]
  flows: Partial<Record<Flow, boolean>>
  pkce?: boolean
  secretForWebServerFlow?: boolean
  secretForRefreshFlow?: boolean
  /** Every refresh answers a new refresh token and ends the one before. */
  rotation?: boolean
  /** The 30-day idle limit of refresh tokens. */
  idleLimit?: boolean
  refreshTokens?: RefreshTokenPolicy
  sessionTimeoutMinutes?: number
  requiredSessionLevel?: (typeof SESSION_LEVELS)[number]
  ipRelaxation?: (typeof IP_RELAXATIONS)[number]
  permittedUsers?: (typeof PERMITTED_USERS)[number]
  permissionSets?: string[]
  profiles?: string[]
  /** The refresh token IP allowlist: other addresses can neither exchange a code nor refresh. */
  tokenIpRanges?: IpRange[]
  extras?: AppExtras
}

/** `confidence`: `V` is verified with Salesforce, or certain by the files' own format, and refuses; the rest only warns. */
export type OptionFinding = { field: string; reason: string; fix: string; confidence: Confidence }

export type CheckedAppOptions =
  | { ok: true; options: AppOptions; warnings: OptionFinding[] }
  | { ok: false; problems: OptionFinding[]; warnings: OptionFinding[] }

export type AppContext = { orgKind?: OrgKind | undefined }

/**
 * Checks options from anywhere (a form, a file, another app) and puts them in order. `apiName` is made from the name when it is absent,
 * `distribution` is then `Local`, `scopes` are `api` and `refresh_token`; nothing else is filled in. `flows` may also be the list of those that are on.
 */
export function checkAppOptions(input: unknown, context: AppContext = {}): CheckedAppOptions {
  const reader = new OptionReader(isRecord(input) ? input : {}, KNOWN_FIELDS)
  if (!isRecord(input))
    reader.refuse('', 'The options are not an object.', 'Give an object with at least label, contactEmail and callbackUrls.')
  const options = withoutAbsent(readOptions(reader)) as AppOptions
  for (const finding of findings(options, context)) reader.add(finding)
  const { problems, warnings } = reader
  return problems.length > 0 ? { ok: false, problems, warnings } : { ok: true, options, warnings }
}

const KNOWN_FIELDS: readonly string[] = (
  'label apiName contactEmail contactPhone infoUrl logoUrl iconUrl description distribution callbackUrls scopes flows pkce secretForWebServerFlow ' +
  'secretForRefreshFlow rotation idleLimit refreshTokens sessionTimeoutMinutes requiredSessionLevel ipRelaxation permittedUsers permissionSets ' +
  'profiles tokenIpRanges extras'
).split(' ')

function readOptions(reader: OptionReader) {
  const label = reader.neededText('label', 'Give the name people will see when they are asked to allow access.')
  return {
    label,
    apiName: reader.text('apiName') ?? apiNameFromLabel(label),
    contactEmail: reader.neededText('contactEmail', 'Give an address that Salesforce and the org’s admin can write to.'),
    contactPhone: reader.text('contactPhone'),
    infoUrl: reader.text('infoUrl'),
    logoUrl: reader.text('logoUrl'),
    iconUrl: reader.text('iconUrl'),
    description: reader.text('description', 'lines'),
    distribution: reader.oneOf('distribution', DISTRIBUTIONS) ?? 'Local',
    callbackUrls: reader.texts('callbackUrls') ?? [],
    scopes: readScopes(reader),
    flows: reader.flags('flows', FLOWS),
    pkce: reader.flag('pkce'),
    secretForWebServerFlow: reader.flag('secretForWebServerFlow'),
    secretForRefreshFlow: reader.flag('secretForRefreshFlow'),
    rotation: reader.flag('rotation'),
    idleLimit: reader.flag('idleLimit'),
    refreshTokens: readRefreshTokenPolicy(reader),
    sessionTimeoutMinutes: reader.integer('sessionTimeoutMinutes', 1, 525_600),
    requiredSessionLevel: reader.oneOf('requiredSessionLevel', SESSION_LEVELS),
    ipRelaxation: reader.oneOf('ipRelaxation', IP_RELAXATIONS),
    permittedUsers: reader.oneOf('permittedUsers', PERMITTED_USERS),
    permissionSets: reader.names('permissionSets'),
    profiles: reader.names('profiles'),
    tokenIpRanges: reader.ipRanges('tokenIpRanges'),
    extras: readExtras(reader.within('extras')),
  }
}

function readScopes(reader: OptionReader): string[] {
  const given = reader.texts('scopes') ?? ['api', 'refresh_token']
  const scopes = given.map((name) => {
    const known = scopeByName(name) ?? scopeByMetadataToken(name)
    if (known || scopesKnownByTokenOnly.includes(name)) return known?.scope ?? name
    const fix = 'Use an OAuth scope such as api, refresh_token, id or openid; a scope of your own goes into extras.customScopes.'
    reader.refuse('scopes', 'One of the scopes is not a scope of Salesforce.', fix)
    return name
  })
  if (given.length === 0) reader.refuse('scopes', 'There is no scope.', 'Give at least api and refresh_token.')
  return [...new Set(scopes)]
}

function readRefreshTokenPolicy(reader: OptionReader): RefreshTokenPolicy | undefined {
  const nested = reader.within('refreshTokens', ['policy', 'period', 'unit'])
  if (!nested) return undefined
  const policy = nested.oneOf('policy', ['infinite', 'zero', 'lifetime', 'inactivity'] as const)
  if (policy === 'infinite' || policy === 'zero') {
    if (nested.has('period') || nested.has('unit')) {
      nested.refuse('period', `The policy ${policy} has no period.`, 'Leave period and unit out, or take lifetime or inactivity.')
    }
    return { policy }
  }
  const period = nested.integer('period', 1, 9999)
  const unit = nested.oneOf('unit', VALIDITY_UNITS)
  if (policy !== undefined && period !== undefined && unit !== undefined) return { policy, period, unit }
  nested.refuse(
    '',
    'The refresh token policy is not complete.',
    'Give policy infinite or zero; or lifetime or inactivity with period and unit.',
  )
  return undefined
}

function findings(options: AppOptions, context: AppContext): OptionFinding[] {
  const fault = apiNameFault(options.apiName)
  const fix = `Take for instance ${apiNameFromLabel(options.apiName)}.`
  const names: OptionFinding[] = fault === undefined ? [] : [{ field: 'apiName', reason: fault, fix, confidence: 'V' }]
  return [
    ...names,
    ...webFindings(options),
    ...callbackUrlFindings(options.callbackUrls),
    ...tokenIpRangeFindings(options.tokenIpRanges ?? []),
    ...settingFindings(options, context),
  ]
}

function withoutAbsent(options: ReturnType<typeof readOptions>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
