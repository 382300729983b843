import type { Tls } from './listener.ts'
import type { Clock } from './clock.ts'
import type { AppSpec } from './orgs/add-app.ts'
import type { OrgSpec } from './orgs/add-org.ts'
import type { UserSpec } from './orgs/add-user.ts'
import type { FormerHost, Outage } from './orgs/org-life.ts'
import type { SandboxRefresh } from './orgs/sandbox-refresh.ts'
import type { BreakKind } from './practice/break-practice.ts'
import type { PracticeOptions } from './practice/practice-org.ts'
import type { RequestLog } from './request-log.ts'
import type { App, Browser, Consumer, NextAnswers, Org, Row, State, User } from './state.ts'

export type PortRole = 'login' | 'test' | 'setup' | 'lightning' | 'control' | `org:${string}`

export interface FakeSalesforceOptions {
  /** `scenario` (default): the orgs of the tests. `practice`: one sandbox for newcomers. `empty`: nothing. */
  seed?: 'scenario' | 'practice' | 'empty'
  clock?: Clock
  /** Same seed, same tokens, keys and secrets. */
  randomSeed?: string
  /** One port per role; roles that are not named get a free one. Without `ports` and `firstPort` one listener routes on Host. */
  ports?: Partial<Record<PortRole, number>>
  /** One port per role, counted up from here: control, login, test, setup, lightning, then the orgs. */
  firstPort?: number
  /** The port of the one listener, or of the practice org; 0 (default) takes a free one. */
  port?: number
  /** The port of the control API; the practice org has it on its own port. */
  controlPort?: number
  /** Makes the listeners https, the control API apart. */
  tls?: Tls
  /** Address to listen on; default 127.0.0.1. */
  host?: string
  /** `page` shows a consent page, `automatic` (default, but for the practice org) redirects at once. */
  approval?: 'page' | 'automatic'
  /** Callback URLs of the seeded apps. */
  callbackUrls?: string[]
  /** The practice app's key and secret, so that they can be registered before the start. */
  practice?: Omit<PracticeOptions, 'callbackUrls'> & {
    /**
     * Where the practice org is kept between runs: records, approvals, sessions and what is broken; one process at a time. The file is
     * written soon after each change and at `close`. One that cannot be used is renamed to `<stateFile>.set-aside`. Absent: in memory only.
     */
    stateFile?: string
    /** Gets one line when the file cannot be used or written; default a process warning. */
    onWarning?: (line: string) => void
  }
  /** Opens the control API, as the last segment of its URL or as a bearer; random when absent. */
  controlToken?: string
}

export interface Consent {
  decision: Browser['decision']
  /** Username of who logs in from now on. */
  user?: string
  /** Key of the org with a live browser session from now on. */
  org?: string
}

export interface FakeSalesforce {
  state: State
  /** The redacted requests and their counts by endpoint. */
  log: RequestLog
  /** The port of the one listener, or of the practice org; undefined with one port per role. */
  port: number | undefined
  /** Base URL of a role as token answers and clients see it: `https://<host>` when routing on Host, else `http://localhost:<port>`. */
  url(role: Exclude<PortRole, 'control'>): string
  /** The base URL of every role that this fake has. */
  urls(): Record<string, string>
  /** Base of the control API, without a trailing slash; its last segment is the control token. */
  controlUrl: string
  controlToken: string
  /** What the practice app was registered with; undefined with other seeds. */
  practice: Required<PracticeOptions> | undefined
  advance(ms: number): void
  addOrg(spec: OrgSpec): Promise<Org>
  addUser(spec: UserSpec): User
  addApp(spec: AppSpec): App
  addRecords(orgKey: string, typeName: string, records: Record<string, unknown>[]): Row[]
  /** See control/set-value.ts for the paths. */
  set(path: string, value: unknown): void
  /** Returns how many sessions ended. */
  expireSessions(orgKey?: string): number
  /** Returns how many approvals were revoked. */
  revokeUser(username: string): number
  rotateSecret(developerName: string): string
  stageConsumer(developerName: string): Consumer
  promoteConsumer(developerName: string): void
  sandboxRefresh(orgKey: string, options?: SandboxRefresh): { oldOrgId: string; newOrgId: string }
  /** Gives the org another My Domain name and returns its new host; the former one answers 420, or redirects. */
  renameMyDomain(orgKey: string, name: string, formerHost?: FormerHost): string
  /** Same org and host, another instance name. */
  migrateOrg(orgKey: string, instanceName: string): void
  deleteOrg(orgKey: string, host?: 'answers' | 'gone'): void
  /** 503 for a number of requests, or for a time. */
  outage(outage: Outage): void
  removeApp(developerName: string): void
  deactivateUser(username: string): void
  /** Ends sessions; refresh tokens survive unless `revokeTokens`. */
  changePassword(username: string, revokeTokens?: boolean): void
  /** Returns how many approvals the user had given to the app. */
  revokeApproval(username: string, developerName: string): number
  /** The org's own app with this API name; two orgs may have apps of one name. */
  appOf(orgKey: string, apiName: string): App | undefined
  consent(answer: Consent): void
  /** The next request at that place gets this error, whatever it asks. Several wait in line. */
  answerNext<Where extends keyof NextAnswers>(where: Where, error: NextAnswers[Where][number]): void
  /** Throws unless the seed is `practice`. */
  breakPractice(kind: BreakKind): void
  close(): Promise<void>
}
