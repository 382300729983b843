import type { MovableClock } from './clock.ts'
import { createIdSource, type IdSource } from './ids.ts'
import { defaultKnobs, type Knobs } from './knobs.ts'
import type { Random } from './random.ts'
import type { RequestLog } from './request-log.ts'

export interface IpRange {
  start: string
  end: string
}

export type OrgKind = 'production' | 'sandbox' | 'developer' | 'scratch' | 'trailhead'

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
  /** Epoch ms until which a sandbox copy runs; the host answers 503. */
  copyingUntil: number
  sessionTimeoutMin: number
  limits: { max: number; used: number; windowStart: number }
  trustedIps: IpRange[]
  /** A false `instance_url` in token answers, to test that nobody follows it. */
  instanceUrlOverride: string | null
  createdAt: number
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
}

export interface Consumer {
  id: string
  key: string
  secret: string
  state: 'Active' | 'Staged' | 'Rotated' | 'Expired'
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
}

export interface AppPolicy {
  permittedUsers: 'AllSelfAuthorized' | 'AdminApprovedPreAuthorized'
  /** Usernames that a permission set admits. */
  preauthorized: string[]
  ipRelaxation: 'Enforce' | 'Bypass'
  rtPolicy: 'Infinite' | 'Zero' | 'SpecificLifetime' | 'SpecificInactivity'
  rtPeriod: number
  rtUnit: 'Hours' | 'Days' | 'Months'
  sessionTimeoutMin: number | null
  /** Username that client credentials run as. */
  runAs: string | null
}

export interface App {
  type: 'eca' | 'ca'
  /** Owner. */
  orgKey: string
  developerName: string
  label: string
  distribution: 'Local' | 'Packaged'
  /** Keys of the orgs where a package or connected app is installed; the owner always counts. */
  installedIn: string[]
  createdAt: number
  propagationUntil: number
  deleted: boolean
  blocked: boolean
  consumers: Consumer[]
  callbackUrls: string[]
  scopes: string[]
  /** PEM of the certificate or public key that checks JWT assertions. */
  certificatePem: string | null
  flags: AppFlags
  policy: AppPolicy
  tokenIpRanges: IpRange[]
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
  }
}

export function isSandboxFamily(org: Org): boolean {
  return org.kind === 'sandbox' || org.kind === 'scratch'
}
