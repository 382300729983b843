/** Calls to one org with a session of the person at the keyboard: deadlines, bounds, and failures that say what to do. */
import { reveal } from '#lib/secret.ts'
import { diagnoseRestError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { parseRestErrorBody } from '@hawser/salesforce/errors/rest-error-body.ts'
import type { ErrorRow } from '@hawser/salesforce/errors/error-row.ts'
import { CommandFailure } from '../output.ts'
import type { OrgAccess } from './org-access.ts'
import type { World } from './world.ts'

const DEADLINE_MS = 30_000
const LONGEST_ANSWER = 8 * 1024 * 1024

export interface OrgRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/services/data/vXX.X/`, without that part and without a leading slash. */
  path: string
  /** Sent as JSON. An absent body hangs at some endpoints (V-obs): those get `{}`. */
  json?: unknown
  body?: { type: string; bytes: Uint8Array }
  /** In the sentence of a failure: "deploying the app". */
  doing: string
  /** Instead of the org's newest. */
  version?: string
}

export interface LookRequest {
  path: string
  method?: 'GET' | 'HEAD' | 'POST'
  session: 'own' | 'none' | 'invalid'
  body?: { type: string; bytes: Uint8Array }
  doing: string
}

export interface Looked {
  status: number
  contentType: string | undefined
  body: string
}

export interface Org {
  host: string
  /** How the org is called in sentences. */
  name: string
  alias?: string
  /** The newest API version of the org, such as `67.0`; asked for once. */
  newestVersion(): Promise<string>
  /** The JSON of a successful answer, `undefined` for one without a body. Throws `OrgFailure`. */
  call<T>(request: OrgRequest): Promise<T>
  /** The answer as it came, also a refusal; `path` begins at the host. For looking at what Salesforce says, with a session or without. */
  look(request: LookRequest): Promise<Looked>
  /** All rows, at most 2000. */
  query<T>(soql: string, options: { tooling?: boolean; doing: string }): Promise<T[]>
}

/** Salesforce refused, or did not answer. `status` 0: no answer. */
export class OrgFailure extends CommandFailure {
  readonly status: number
  readonly errorCode: string | undefined
  readonly row: ErrorRow | undefined

  constructor(message: string, { status, errorCode, row }: { status: number; errorCode?: string | undefined; row?: ErrorRow | undefined }) {
    super(message, { status, ...(errorCode === undefined ? {} : { salesforce_code: errorCode }), ...(row ? { diagnosis: row.id } : {}) })
    this.status = status
    this.errorCode = errorCode
    this.row = row
  }
}

export function openOrg(world: World, access: OrgAccess): Org {
  const { host } = new URL(access.instanceUrl)
  let version: Promise<string> | undefined
  const send = (path: string, request: Omit<OrgRequest, 'path'>): Promise<unknown> => ask(world, access, path, request)
  const org: Org = {
    host,
    name: access.name,
    ...(access.alias === undefined ? {} : { alias: access.alias }),
    newestVersion: () => (version ??= send('/services/data', { doing: 'reading the API versions' }).then((list) => newestOf(list, host))),
    async call<T>({ path, version: wanted, ...request }: OrgRequest) {
      return (await send(`/services/data/v${wanted ?? (await org.newestVersion())}/${path}`, request)) as T
    },
    look: (request) => exchange(world, access, request),
    async query<T>(soql: string, { tooling, doing }: { tooling?: boolean; doing: string }) {
      const path = `${tooling ? 'tooling/' : ''}query?${new URLSearchParams({ q: soql })}`
      const { records } = await org.call<{ records?: T[] }>({ path, doing })
      if (!Array.isArray(records)) throw unreadable(host, doing)
      return records
    },
  }
  return org
}

function newestOf(list: unknown, host: string): string {
  const versions = Array.isArray(list) ? list.map((entry: { version?: unknown }) => Number(entry?.version)) : []
  const newest = Math.max(0, ...versions.filter((version) => Number.isInteger(version) && version < 1000))
  if (newest === 0) throw unreadable(host, 'reading the API versions')
  return `${newest}.0`
}

async function ask(world: World, access: OrgAccess, path: string, request: Omit<OrgRequest, 'path'>): Promise<unknown> {
  const { host } = new URL(access.instanceUrl)
  const { method = 'GET', json, body, doing } = request
  const sent = json === undefined ? body : { type: 'application/json', bytes: Buffer.from(JSON.stringify(json)) }
  const answer = await exchange(world, access, { path, method, doing, session: 'own', ...(sent === undefined ? {} : { body: sent }) })
  if (answer.status >= 300) throw refused(host, doing, answer)
  if (answer.body.trim() === '') return undefined
  try {
    return JSON.parse(answer.body)
  } catch {
    throw unreadable(host, doing)
  }
}

/** Of the form of a session, and of nobody. */
const NOBODYS_SESSION = '00D000000000000!AQEAQNobody.sSession'

async function exchange(
  world: World,
  access: OrgAccess,
  { path, method = 'GET', session, body, doing }: Omit<LookRequest, 'method'> & { method?: string },
): Promise<Looked> {
  const { host } = new URL(access.instanceUrl)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (session === 'own') headers['authorization'] = `Bearer ${reveal(access.accessToken)}`
  if (session === 'invalid') headers['authorization'] = `Bearer ${NOBODYS_SESSION}`
  if (body !== undefined) headers['content-type'] = body.type
  try {
    const response = await world.fetch(access.instanceUrl + path, {
      method,
      headers,
      // The token must not follow a redirect.
      redirect: 'manual',
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: body.bytes as Uint8Array<ArrayBuffer> }),
    })
    const text = await boundedText(response, host, doing)
    return { status: response.status, contentType: response.headers.get('content-type') ?? undefined, body: text }
  } catch (error) {
    throw error instanceof CommandFailure ? error : notReached(host, doing, error)
  }
}

async function boundedText(response: Response, host: string, doing: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength
    if (size > LONGEST_ANSWER) throw unreadable(host, doing)
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refused(host: string, doing: string, { status, contentType, body }: Looked): OrgFailure {
  if (status < 400)
    return new OrgFailure(
      [
        `${sentence(doing)} failed: ${host} answered with a redirect (${status}), which is not followed with a token.`,
        '  Do:  Use the org’s present My Domain; if it was renamed, log in again with the Salesforce CLI.',
      ].join('\n'),
      { status },
    )
  const row = diagnoseRestError({ status, contentType, body })
  const [first] = parseRestErrorBody(body)
  const said = [String(status), first?.errorCode, first?.message && `"${plain(first.message)}"`].filter(Boolean).join(' ')
  const lines = [`${sentence(doing)} failed: ${host} answered ${said}.`, ...(row ? wordsOf(row) : [])]
  return new OrgFailure(lines.join('\n'), { status, errorCode: first?.errorCode, row })
}

/** Why, and what to do: for a session that ended, what to do here is to log in again. */
export function wordsOf(row: ErrorRow): string[] {
  const fix = row.id === 'session-expired' ? ['Log in again: sf org login web --alias <alias>, or take a new access token.'] : row.fix
  return [`  Why: ${row.cause}`, ...fix.map((step) => `  Do:  ${step}`)]
}

function notReached(host: string, doing: string, error: unknown): OrgFailure {
  const { name, cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  const why = name === 'TimeoutError' ? `no answer within ${DEADLINE_MS / 1000} s` : (cause?.code ?? cause?.message ?? message)
  return new OrgFailure(
    `${sentence(doing)} failed: ${host} cannot be reached (${why}).\n  Do:  Check the network, a proxy or VPN, and the org's address.`,
    { status: 0 },
  )
}

function unreadable(host: string, doing: string): OrgFailure {
  return new OrgFailure(`${sentence(doing)} failed: the answer of ${host} could not be read.`, { status: 200 })
}

/** Text from elsewhere as it may go to a terminal: in one line, bounded, and without the characters that terminals obey. */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 500)
}

function sentence(doing: string): string {
  return doing.charAt(0).toUpperCase() + doing.slice(1)
}
