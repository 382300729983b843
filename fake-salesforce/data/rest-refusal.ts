import type { RestError } from '../error-table.ts'
import { json, Stopped } from '../reply.ts'

/** Ends a data call with an entry of the error table. */
export function refuseRest(entry: RestError): Stopped {
  return restRefusal(entry.status, entry.errorCode, entry.message)
}

/** Ends a data call with an error whose message names the caller's own mistake; the body is an array, as everywhere in the data API. */
export function restRefusal(status: number, errorCode: string, message: string, fields?: string[]): Stopped {
  return new Stopped(json(status, [{ message, errorCode, ...(fields === undefined ? {} : { fields }) }]))
}
