import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorBody, fail } from '@hawser/api/errors.ts'

/** Clients send ten, with a load balancer and tracing thirty. */
const MOST_HEADERS = 200

/**
 * Whether the request was refused for the number of its headers. Their bytes are bounded by the parser; their number would cost every table that is
 * made of them, and of more than 2,000 Node drops the rest in silence, so that we and the next server would see different requests.
 */
export function refusedForManyHeaders(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.rawHeaders.length <= 2 * MOST_HEADERS) return false
  const failure = fail('invalid_request', { message: `Send ${MOST_HEADERS} headers at most.` })
  const body = JSON.stringify(errorBody(failure))
  response.writeHead(431, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  })
  response.end(body)
  return true
}
