/** The gateway: the provider's API at the root of a port or host of its own, for clients that know nothing of us. */
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Failure } from '@hawser/api/errors.ts'
import { fail } from '@hawser/api/errors.ts'
import { failureBody } from './answer-failure.ts'
import { owesContinue } from './expect-continue.ts'
import type { ProxyDeps } from './proxy-deps.ts'

export interface Gateway {
  /** For `http.createServer(options, handle)`. */
  options: ServerOptions
  handle: (request: IncomingMessage, response: ServerResponse) => void
  /** Adds the listeners for `Expect: 100-continue`, CONNECT and requests that are not valid HTTP. */
  attach: (server: Server) => void
}

// `upgrade` has no listener on purpose: Node then serves the request as if it had not offered another protocol, which RFC 9110 §7.8 allows
// and Java's client relies on. WebSocket, which insists, is refused by the handler.
export function createGateway(handle: Gateway['handle']): Gateway {
  return {
    // SOQL in a query string may have 16,384 characters (Salesforce's limit), Node's usual limit for all headers. An upload may take
    // longer than Node's five minutes; what bounds it is silence, see `request-body.ts`.
    options: { maxHeaderSize: 64 * 1024, requestTimeout: 0, headersTimeout: 30_000, insecureHTTPParser: false },
    handle,
    attach: (server) => {
      server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
        owesContinue(request)
        handle(request, response)
      })
      server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
        refuse(socket, fail('method_not_allowed', { message: 'CONNECT is not proxied.' })),
      )
      server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
        if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
        else refuse(socket, fail('invalid_request'), statusOf(error))
      })
    },
  }
}

function statusOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'HPE_HEADER_OVERFLOW') return 431
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
}

/** For sockets without a response object. The connection ends: what follows on it cannot be told apart from what was wrong. */
function refuse(socket: Duplex, failure: Failure, status = failure.status): void {
  const body = JSON.stringify(failureBody('gateway', failure))
  socket.on('error', () => {})
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Never from the Host header, which a caller's page could choose. */
export function gatewayOriginOf({ gatewayUrl, publicUrl }: ProxyDeps, request: IncomingMessage): string {
  if (gatewayUrl !== undefined) return gatewayUrl
  const url = new URL(publicUrl)
  return `${url.protocol}//${url.hostname}:${request.socket.localPort ?? ''}`
}
