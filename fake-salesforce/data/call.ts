import { restErrors } from '../error-table.ts'
import type { Incoming } from '../incoming.ts'
import type { Reply } from '../reply.ts'
import type { Org, State, User } from '../state.ts'
import { refuseRest } from './rest-refusal.ts'

/** One authenticated call under `/services/data/vXX.0/`; also each part of a composite request. */
export interface Call {
  state: State
  org: Org
  user: User
  method: string
  /** `/services/data/vXX.0` */
  base: string
  /** Decoded path segments after the base. */
  segments: string[]
  query: URLSearchParams
  headers: Incoming['headers']
  body: Buffer
}

/** An endpoint; undefined when the path is not its own. */
export type Endpoint = (call: Call) => Reply | undefined

/** The JSON object of a body. Stops with JSON_PARSER_ERROR. */
export function jsonObject(body: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw refuseRest(restErrors.badJson)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuseRest(restErrors.badJson)
  return value as Record<string, unknown>
}

/** Stops with 405 unless the call has one of the methods. */
export function assertMethod(call: Call, ...methods: string[]): void {
  if (!methods.includes(call.method)) throw refuseRest(restErrors.methodNotAllowed)
}

/** The decoded segments of a path below its version. Stops with 404 for broken percent-encoding. */
export function segmentsOf(path: string): string[] {
  try {
    return path.split('/').map((segment) => decodeURIComponent(segment))
  } catch {
    throw refuseRest(restErrors.notFound)
  }
}
