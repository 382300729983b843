/** What is kept of an operation: no header, parameter or field that could be a secret. */
import { newId } from '#lib/ids.ts'
import { redactFields, redactText, redactUrl } from '#telemetry/redact.ts'
import { keptBody } from './failing-body.ts'
import { keptHeaders } from './kept-headers.ts'
import type { Operation, Step } from './operation.ts'

export interface Detail {
  request_headers?: Record<string, string> | undefined
  response_headers?: Record<string, string> | undefined
  response_body?: string | undefined
  error_message?: string | undefined
  diagnosis?: unknown
  steps?: Step[] | undefined
}

/** Names of the columns. */
export interface ActivityRow {
  id: string
  environment_id: string
  kind: string
  action: string
  failed: boolean
  status: number | undefined
  duration_ms: number | undefined
  integration_key: string | undefined
  connection_uuid: string | undefined
  connection_name: string | undefined
  end_user_id: string | undefined
  actor_kind: string
  actor_id: string | undefined
  method: string | undefined
  host: string | undefined
  path: string | undefined
  error_code: string | undefined
  error_title: string | undefined
  detail: Detail | undefined
}

const LONGEST_PATH = 1000
const LONGEST_TEXT = 500
const MOST_STEPS = 28
/** A path without any of these is left as it is by `redactUrl`, which costs five times as much; most paths hold none. The last: an encoded name. */
const MAY_HOLD_SECRET =
  /token|secret|pass|code|state|sid|cookie|auth|session|verifier|assertion|credential|signature|hmac|key|bearer|basic|5Aep|h(?:ws|ct)_|whsec|eyJ|postgres|%21|[#!;@]|[?&][^=&]*%/i

export function rowOf(operation: Operation, { bodies }: { bodies: boolean }): ActivityRow {
  const { connection, actor, error, failed } = operation
  return {
    id: operation.id ?? newId(operation.at),
    environment_id: operation.environmentId,
    kind: operation.kind,
    action: operation.action,
    failed,
    status: operation.status,
    duration_ms: operation.durationMs === undefined ? undefined : Math.min(Math.round(operation.durationMs), 2_000_000_000),
    integration_key: operation.integrationKey,
    connection_uuid: connection?.uuid,
    connection_name: connection?.connectionId,
    end_user_id: operation.endUserId === undefined ? undefined : storable(operation.endUserId),
    actor_kind: actor.kind,
    actor_id: actor.id,
    method: operation.method,
    host: operation.host,
    path: operation.path === undefined ? undefined : keptPath(operation.path),
    error_code: error?.code,
    error_title: error?.title === undefined ? undefined : storable(redactText(error.title.slice(0, LONGEST_TEXT))),
    detail: failed || operation.steps !== undefined ? detailOf(operation, bodies) : undefined,
  }
}

/** Exported for its test. */
export function keptPath(path: string): string {
  // Cut after: half a parameter is not recognised for what it is.
  const safe = MAY_HOLD_SECRET.test(path) ? redactUrl(path.length > 4 * LONGEST_PATH ? path.slice(0, 4 * LONGEST_PATH) : path) : path
  return storable(safe.length > LONGEST_PATH ? `${safe.slice(0, LONGEST_PATH - 1)}…` : safe)
}

function detailOf(operation: Operation, bodies: boolean): Detail {
  const { responseHeaders, responseBody, error, steps, failed, diagnosis } = operation
  const body = bodies && failed && responseBody && responseHeaders ? keptBody(responseBody, responseHeaders) : undefined
  return {
    request_headers: failed ? storableFields(keptHeaders(operation.requestHeaders)) : undefined,
    response_headers: failed ? storableFields(keptHeaders(responseHeaders)) : undefined,
    response_body: body === undefined ? undefined : storable(body),
    error_message: error?.message === undefined ? undefined : storable(redactText(error.message.slice(0, LONGEST_TEXT))),
    // Our own words and ids; what a provider's text put into its evidence is looked at all the same.
    diagnosis: diagnosis === undefined || diagnosis === null ? undefined : redacted(diagnosis),
    steps: steps?.slice(-MOST_STEPS).map(({ at, level, text }) => ({ at, level, text: storable(redactText(text.slice(0, LONGEST_TEXT))) })),
  }
}

function redacted(value: unknown): unknown {
  return JSON.parse(redactText(JSON.stringify(redactFields(value))), (_key, part: unknown) =>
    typeof part === 'string' ? storable(part) : part,
  )
}

function storableFields(headers: Record<string, string> | undefined): Record<string, string> | undefined {
  return headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, storable(value)]))
}

/** PostgreSQL takes neither NUL nor lone surrogates. */
function storable(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '')
}
