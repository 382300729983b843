/** `Expect: 100-continue` (RFC 9110 §10.1.1): the caller waits with its body until it is told to go on, which happens after authentication. */
import type { IncomingMessage, ServerResponse } from 'node:http'

const owed = new WeakSet<IncomingMessage>()

/** Call from a `checkContinue` listener before handing the request on. Without it Node has already answered `100 Continue` by itself. */
export function owesContinue(request: IncomingMessage): void {
  owed.add(request)
}

export function continueNow(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.expect !== undefined && owed.delete(request)) response.writeContinue()
}
