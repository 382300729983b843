import type { MovableClock } from './clock.ts'
import { createIdSource, type IdSource } from './ids.ts'
import { defaultKnobs, type Knobs } from './knobs.ts'
import type { Deploy } from './metadata/deploy.ts'
import type { Random } from './random.ts'
import type { RequestLog } from './request-log.ts'

export interface IpRange {
  start: string
  end: string
}

export const ORG_KINDS = ['production', 'sandbox', 'developer', 'scratch', 'trailhead', 'trial'] as const
export type OrgKind = (typeof ORG_KINDS)[number]

/** One copy of the source org into a sandbox: its creation, or a refresh. */
export interface SandboxCopy {
  /** The org id that the sandbox has since this copy. */
  orgId: string
  startedAt: number
  endedAt: number
}

export interface Org {
  key: string
  name: string
  orgId: string
  kind: OrgKind
  myDomainHost: string
  instanceName: string
  sandboxName: string | null
  /** Key of the org that a sandbox is copied from. */
  sourceOrgKey: string | null
  organizationType: string
  trialExpirationDate: string | null
  namespacePrefix: string | null
  preventGenericLogin: boolean
  apiEnabled: boolean
  locked: boolean
  deleted: boolean
  /** Hosts that the org had before its My Domain was renamed; they answer 420, or redirect while `formerHostsRedirect`. */
  formerHosts: string[]
  formerHostsRedirect: boolean
  /** Newest last; empty unless the org is a sandbox. */
  copies: SandboxCopy[]
  /** Epoch ms until which a sandbox copy runs; the host answers 503. */
  copyingUntil: number
  sessionTimeoutMin: number
  limits: { max: number; used: number; windowStart: number }
  trustedIps: IpRange[]
  /** A false `instance_url` in token answers, to test that nobody follows it. */
  instanceUrlOverride: string | null
  /** Whether `/.well-known/auth-configuration` answers. */
  authConfiguration: boolean
  /** "Allow access to External Client App consumer secrets via REST API" */
  ecaSecretRest: boolean
  /** Connected apps cannot be created any more (Spring '26). */
  caCreationBlocked: boolean
  /** A deploy of the authorization code and credentials flow fails. Whether real orgs do that is unknown. */
  refusesCodeCred: boolean
  /** PKCE is silently on again after a deploy that switches it off. */
  pkceAlwaysOn: boolean
  createdAt: number
}

/** What a profile and permission sets allow, as far as the fake asks for it. */
export interface UserPermissions {
  externalClientAppDeveloper: boolean
  externalClientAppAdmin: boolean
  externalClientAppViewer: boolean
  viewClientSecret: boolean
  modifyMetadata: boolean
  customizeApplication: boolean
  manageUsers: boolean
  viewSetup: boolean
}

export interface User {
  id: string
  orgKey: string
  username: string
  email: string
  firstName: string
  lastName: string
  active: boolean
  profile: string
  apiEnabled: boolean
  loginIpRanges: IpRange[]
  approveUninstalled: boolean
  permissions: UserPermissions
  /** API names of permission sets; an app may admit those that have one. */
  permissionSets: string[]
}

export interface Consumer {
  id: string
  key: string
  secret: string
  state: 'Active' | 'Staged' | 'Rotated' | 'Expired'
  createdAt: number
  /** Epoch ms after which a staged or rotated key is refused; null for the active one. */
  validUntil: number | null
}

export interface AppFlags {
  pkceRequired: boolean
  secretRequiredWeb: boolean
  secretRequiredRefresh: boolean
  rotation: boolean
  /** An old refresh token kills the approval and its sessions; only read while `rotation` is on. */
  reuseKillsFamily: boolean
  enforceTtl30d: boolean
  clientCredentials: boolean
  introspectAll: boolean
  jwtAccessTokens: boolean
  codeCred: boolean
  codeCredPostOnly: boolean
  device: boolean
  tokenExchange: boolean
  secretRequiredTokenExchange: boolean
}

export interface AppPolicy {
  permittedUsers: 'AllSelfAuthorized' | 'AdminApprovedPreAuthorized'
  /** Usernames that a permission set admits. */
  preauthorized: string[]
  /** Names of permission sets and profiles that admit their users. */
  permissionSets: string[]
  profiles: string[]
  ipRelaxation: 'Enforce' | 'Bypass' | 'Bypass_2factor' | 'Enforce_RelaxRefresh'
  rtPolicy: 'Infinite' | 'Zero' | 'SpecificLifetime' | 'SpecificInactivity'
  rtPeriod: number
  rtUnit: 'Hours' | 'Days' | 'Months'
  sessionTimeoutMin: number | null
  requiredSessionLevel: 'LOW' | 'STANDARD' | 'HIGH_ASSURANCE'
  /** The flow needs both this and the app's flag. */
  clientCredentials: boolean
  /** Username that client credentials run as. */
  runAs: string | null
}

/** A deployed metadata component of an app, as it came but for the secret. */
export interface AppMetadata {
  fullName: string
  fields: Record<string, unknown>
}

export interface App {
  type: 'eca' | 'ca'
  /** Owner. */
  orgKey: string
  /** Unique in the fake; the API name, with `.<org key>` behind it where another org's app has that name (`apiNameOf`). */
  developerName: string
  label: string
  distribution: 'Local' | 'Packaged'
  /** Keys of the orgs where a package or connected app is installed; the owner always counts. */
  installedIn: string[]
  createdAt: number
  propagationUntil: number
  deleted: boolean
  blocked: boolean
  /** Off in the app's policies: it is refused as a blocked one is. */
  enabled: boolean
  oauthEnabled: boolean
  consumers: Consumer[]
  callbackUrls: string[]
  scopes: string[]
  /** PEM of the certificate or public key that checks JWT assertions. */
  certificatePem: string | null
  flags: AppFlags
  policy: AppPolicy
  tokenIpRanges: IpRange[]
  /** By metadata type; empty for apps that were not deployed. */
  metadata: Record<string, AppMetadata>
}

export interface Code {
  value: string
  app: App
  consumer: Consumer
  username: string
  orgKey: string
  redirectUri: string
  scope: string[]
  challenge: string | null
  nonce: string | null
  expiresAt: number
  used: boolean
}

/** An approval: what one authorization gave to an app. */
export interface Grant {
  id: string
  app: App
  username: string
  orgKey: string
  scope: string[]
  createdAt: number
  lastUsedAt: number
  useCount: number
  refreshToken: string | null
  previous: Set<string>
}

export interface AccessToken {
  value: string
  grantId: string
  app: App
  consumerKey: string
  username: string
  orgKey: string
  scope: string[]
  issuedAt: number
  lastUsedAt: number
  expiresAt: number
  /** Length of the session; 0 for a JWT, whose end is fixed. */
  slidesByMs: number
}

/** An authorization that waits for the person's decision on the consent page. */
export interface PendingConsent {
  ticket: string
  app: App
  consumer: Consumer
  candidates: string[]
  redirectUri: string
  scope: string[]
  state: string | null
  challenge: string | null
  nonce: string | null
  expiresAt: number
}

export type Row = Record<string, unknown> & { Id: string }

export interface Cursor {
  id: string
  orgKey: string
  records: Record<string, unknown>[]
  pageSize: number
  createdAt: number
}

export interface BulkJob {
  id: string
  orgKey: string
  kind: 'query' | 'ingest'
  operation: string
  object: string
  state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed'
  polls: number
  createdAt: number
  username: string
  externalIdFieldName: string | null
  /** The lines of CSV that the result pages are cut from; the first is the header. */
  header: string[]
  lines: string[][]
  upload: string
  successful: string[][]
  failed: string[][]
  uploadHeader: string[]
}

/** Error texts that a test puts into the mouth of the next requests. */
export interface NextAnswers {
  token: { error: string; description: string }[]
  authorize: { error: string; description: string }[]
  rest: { status: number; errorCode: string; message: string }[]
}

/** Who sits at the fake browser, and what they answer. */
export interface Browser {
  /** The org with a live browser session: wins on every host unless `prompt=login`. */
  orgKey: string | null
  /** The user who types their password. */
  username: string | null
  decision: 'allow' | 'deny' | 'ask'
}

/** Base URLs by role; filled when the listeners are up. */
export interface Origins {
  login: string
  test: string
  org(key: string): string
}

export interface State {
  clock: MovableClock
  ids: IdSource
  random: Random
  knobs: Knobs
  browser: Browser
  /** Whether this is the practice org beside `npm start`. */
  isPractice: boolean
  /** One sentence on every page, which says that this is not Salesforce. */
  banner: string
  origins: Origins
  orgs: Map<string, Org>
  users: Map<string, User>
  apps: Map<string, App>
  codes: Map<string, Code>
  pending: Map<string, PendingConsent>
  grants: Map<string, Grant>
  accessTokens: Map<string, AccessToken>
  rows: Map<string, Map<string, Row[]>>
  blobs: Map<string, Buffer>
  cursors: Map<string, Cursor>
  jobs: Map<string, BulkJob>
  deploys: Map<string, Deploy>
  nextAnswers: NextAnswers
  log: RequestLog
}

export function createState(
  parts: Pick<State, 'clock' | 'random' | 'isPractice' | 'banner' | 'origins' | 'log'> & { decision: Browser['decision'] },
): State {
  const { decision, ...given } = parts
  return {
    ...given,
    ids: createIdSource(),
    knobs: defaultKnobs(),
    browser: { orgKey: null, username: null, decision },
    orgs: new Map(),
    users: new Map(),
    apps: new Map(),
    codes: new Map(),
    pending: new Map(),
    grants: new Map(),
    accessTokens: new Map(),
    rows: new Map(),
    blobs: new Map(),
    cursors: new Map(),
    jobs: new Map(),
    deploys: new Map(),
    nextAnswers: { token: [], authorize: [], rest: [] },
  }
}

export function isSandboxFamily(org: Org): boolean {
  return org.kind === 'sandbox' || org.kind === 'scratch'
}
