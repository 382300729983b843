import type { Confidence } from '../errors/error-row.ts'
import { elementTable, listElementTable } from './element-table.ts'
import { metadataTypeOf } from './metadata-types.ts'

export type SetupLabel = {
  /** The option, as a path into `AppOptions`. */
  field: string
  label: string
  /** Where it stands, from External Client App Manager and the app on. */
  where:
    | 'Basic Information'
    | 'Settings, OAuth Settings'
    | 'Policies, OAuth Policies'
    | 'Policies, App Policies'
    | 'Settings, Refresh Token IP Allowlist'
  /** Of the label: `V` in Salesforce's help or the setup guide, `M` from memory, `?` a guess. */
  confidence: Confidence
  /** For a switch: what it is in Setup when the option is true. */
  whenTrue?: 'ticked'
}

const BASIC = 'Basic Information'
const OAUTH = 'Settings, OAuth Settings'
const POLICIES = 'Policies, OAuth Policies'

/** Every option that the guide has, in the order of Setup. */
export const setupLabels: readonly SetupLabel[] = [
  { field: 'label', label: 'External Client App Name', where: BASIC, confidence: 'V' },
  { field: 'apiName', label: 'API Name', where: BASIC, confidence: 'V' },
  { field: 'contactEmail', label: 'Contact Email', where: BASIC, confidence: 'V' },
  { field: 'distribution', label: 'Distribution State', where: BASIC, confidence: 'V' },
  { field: 'contactPhone', label: 'Contact Phone', where: BASIC, confidence: 'V' },
  { field: 'infoUrl', label: 'Info URL', where: BASIC, confidence: 'V' },
  { field: 'logoUrl', label: 'Logo Image URL', where: BASIC, confidence: 'M' },
  { field: 'iconUrl', label: 'Icon URL', where: BASIC, confidence: 'M' },
  { field: 'description', label: 'Description', where: BASIC, confidence: 'V' },
  { field: 'callbackUrls', label: 'Callback URL', where: OAUTH, confidence: 'V' },
  { field: 'scopes', label: 'OAuth Scopes', where: OAUTH, confidence: 'M' },
  { field: 'flows.clientCredentials', label: 'Enable Client Credentials Flow', where: OAUTH, confidence: 'M', whenTrue: 'ticked' },
  {
    field: 'flows.codeAndCredentials',
    label: 'Enable Authorization Code and Credentials Flow',
    where: OAUTH,
    confidence: 'V',
    whenTrue: 'ticked',
  },
  { field: 'flows.device', label: 'Enable Device Flow', where: OAUTH, confidence: 'M', whenTrue: 'ticked' },
  { field: 'flows.tokenExchange', label: 'Enable Token Exchange Flow', where: OAUTH, confidence: 'M', whenTrue: 'ticked' },
  { field: 'secretForWebServerFlow', label: 'Require secret for Web Server Flow', where: OAUTH, confidence: 'V', whenTrue: 'ticked' },
  { field: 'secretForRefreshFlow', label: 'Require secret for Refresh Token Flow', where: OAUTH, confidence: 'V', whenTrue: 'ticked' },
  {
    field: 'pkce',
    label: 'Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows',
    where: OAUTH,
    confidence: 'V',
    whenTrue: 'ticked',
  },
  { field: 'rotation', label: 'Enable Refresh Token Rotation', where: OAUTH, confidence: 'M', whenTrue: 'ticked' },
  { field: 'idleLimit', label: 'Limit idle time of refresh tokens to 30 days', where: OAUTH, confidence: '?', whenTrue: 'ticked' },
  { field: 'tokenIpRanges', label: 'Enforce Refresh Token IP Allowlist', where: 'Settings, Refresh Token IP Allowlist', confidence: 'V' },
  { field: 'permittedUsers', label: 'Permitted Users', where: POLICIES, confidence: 'V' },
  { field: 'permissionSets', label: 'Select Permission Sets', where: 'Policies, App Policies', confidence: 'M' },
  { field: 'profiles', label: 'Select Profiles', where: 'Policies, App Policies', confidence: 'M' },
  { field: 'refreshTokens', label: 'Refresh Token Policy', where: POLICIES, confidence: 'V' },
  { field: 'ipRelaxation', label: 'IP Relaxation', where: POLICIES, confidence: 'V' },
  { field: 'sessionTimeoutMinutes', label: 'Session Timeout in Minutes', where: POLICIES, confidence: 'M' },
  { field: 'requiredSessionLevel', label: 'Required Session Level', where: POLICIES, confidence: '?' },
]

/** What Setup calls the values that can be chosen; `field` and value as in `AppOptions`. V where oauth.md §6 or HELP quotes them. */
export const setupValueLabels: readonly { field: string; value: string; label: string; confidence: Confidence }[] = [
  { field: 'permittedUsers', value: 'AllSelfAuthorized', label: 'All users may self-authorize', confidence: 'V' },
  { field: 'permittedUsers', value: 'AdminApprovedPreAuthorized', label: 'Admin approved users are pre-authorized', confidence: 'V' },
  { field: 'refreshTokens', value: 'infinite', label: 'Refresh token is valid until revoked', confidence: 'V' },
  { field: 'refreshTokens', value: 'zero', label: 'Immediately expire refresh token', confidence: 'V' },
  { field: 'refreshTokens', value: 'lifetime', label: 'Expire refresh token after', confidence: 'V' },
  { field: 'refreshTokens', value: 'inactivity', label: 'Expire refresh token if not used for', confidence: 'V' },
  { field: 'ipRelaxation', value: 'Enforce', label: 'Enforce IP restrictions', confidence: 'M' },
  { field: 'ipRelaxation', value: 'Enforce_RelaxRefresh', label: 'Enforce IP restrictions, but relax for refresh tokens', confidence: 'M' },
  { field: 'ipRelaxation', value: 'Bypass_2factor', label: 'Relax IP restrictions for activated devices', confidence: 'M' },
  { field: 'ipRelaxation', value: 'Bypass', label: 'Relax IP restrictions', confidence: 'M' },
]

export function setupLabelOf(field: string): SetupLabel | undefined {
  return setupLabels.find((row) => row.field === field)
}

/** The metadata type and element that hold an option, such as `ExtlClntAppGlobalOauthSettings.isPkceRequired`; the API name is the name of the files. */
export function metadataElementOf(field: string): string | undefined {
  if (field === 'apiName') return 'ExternalClientApplication.fullName'
  if (field === 'refreshTokens') return 'ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType'
  const row = [...elementTable, ...listElementTable].find((candidate) => candidate.field === field)
  return row && `${metadataTypeOf(row.file).type}.${row.element}`
}
