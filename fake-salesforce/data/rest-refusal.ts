import type { RestError } from '../error-table.ts'
import { json, Stopped, type Reply } from '../reply.ts'

/** An error as the data API answers it: always in an array. */
export function restErrorReply({ status, errorCode, message, fields }: RestError): Reply {
  return json(status, [{ message, errorCode, ...(fields === undefined ? {} : { fields }) }])
}

/** Ends a data call with an entry of the error table. */
export function refuseRest(entry: RestError): Stopped {
  return new Stopped(restErrorReply(entry))
}
