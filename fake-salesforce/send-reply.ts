import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import type { Reply } from './reply.ts'
import type { State } from './state.ts'

const COMPRESSIBLE = /^(application\/json|text\/csv)/
const SMALLEST_COMPRESSED = 512

/** Writes the reply, or cuts the connection when it says so. */
export async function sendReply(state: State, request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.cut === true) {
    request.socket.destroy()
    return
  }
  const headers: Record<string, string> = { ...reply.headers }
  if (typeof reply.body !== 'string' && !Buffer.isBuffer(reply.body)) {
    response.writeHead(reply.status, headers)
    if (request.method === 'HEAD') response.end()
    // A client that leaves in the middle is none of our concern.
    else await pipeline(Readable.from(reply.body, { objectMode: false }), response).catch(() => undefined)
    return
  }
  let body = Buffer.from(reply.body)
  const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  if (state.knobs.compress && accepts && body.length >= SMALLEST_COMPRESSED && COMPRESSIBLE.test(headers['content-type'] ?? '')) {
    body = gzipSync(body)
    headers['content-encoding'] = 'gzip'
    headers['vary'] = 'Accept-Encoding'
  }
  if (reply.status !== 204 && reply.status !== 304) headers['content-length'] = String(body.length)
  response.writeHead(reply.status, headers)
  response.end(request.method === 'HEAD' ? undefined : body)
}
