import type { IncomingMessage } from 'node:http'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import qs from 'qs'
import { fail } from '@hawser/api/errors.ts'
import { newId } from '#lib/ids.ts'
import { replyWithError } from './reply-with-error.ts'
import { rememberOrigins } from './request-origin.ts'

export interface ServerOptions {
  log: FastifyBaseLogger
  trustedProxies: string[]
  /** Bytes of a JSON body; proxied bodies are streamed and have no limit here. */
  bodyLimit: number
  /** How long a caller may take to receive an answer, in ms; a minute unless given. Proxied answers have limits of their own. */
  answerDeadlineMs?: number
}

const HEADERS_TIMEOUT_MS = 20_000
const IDLE_CONNECTION_MS = 72_000
const ANSWER_DEADLINE_MS = 60_000

/** The HTTP server with what holds for every endpoint: error answers, limits, query parsing. Routes are added by `mount`. */
export function createServer(options: ServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustedProxies.length > 0 ? options.trustedProxies : false,
    bodyLimit: options.bodyLimit,
    genReqId: () => newId(),
    keepAliveTimeout: IDLE_CONNECTION_MS,
    requestTimeout: 0,
    routerOptions: {
      maxParamLength: 1024,
      querystringParser: parseQuery,
    },
    frameworkErrors: replyWithError,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: 32_768, insecureHTTPParser: false },
    clientErrorHandler: answerUnreadable,
  } as Parameters<typeof Fastify>[0]) as unknown as FastifyInstance
  app.setErrorHandler(replyWithError)
  // Clients name the content type of a DELETE without a body, too.
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parseJson(request, body as string, done),
  )
  app.setNotFoundHandler(answerNotFound)
  // Before its body is read: whoever calls a path that does not exist has not said who he is.
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) return
    answerNotFound(request, reply)
    return reply
  })
  app.addHook('onSend', async (_request, reply) => {
    cutSlowReader(reply, options.answerDeadlineMs ?? ANSWER_DEADLINE_MS)
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    void reply.header('x-content-type-options', 'nosniff')
  })
  rememberOrigins(app)
  return app
}

/** An answer lies in memory until it is read; the server's own timeouts end with the request. */
function cutSlowReader({ raw }: FastifyReply, ms: number): void {
  const timer = setTimeout(() => raw.destroy(), ms)
  timer.unref()
  raw.once('close', () => clearTimeout(timer))
}

function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  replyWithError(fail('not_found', { message: `Nothing answers ${request.method} on this path.` }), request, reply)
}

/** Nested as in `params[hostname]=…`. The name __proto__ is kept, where qs would drop it in silence, so that the check of values can refuse it. */
function parseQuery(text: string): Record<string, unknown> {
  const query = qs.parse(text, { arrayLimit: 100, depth: 5, parameterLimit: 200, plainObjects: true }) as Record<string, unknown>
  return /(?:_|%5f){2}proto(?:_|%5f){2}/i.test(text) ? JSON.parse('{"__proto__":""}') : query
}

/** Bytes that are not HTTP get a short answer and a closed connection, whatever else they hold (request smuggling). */
function answerUnreadable(error: Error & { code?: string }, socket: IncomingMessage['socket']): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  const body = JSON.stringify({
    error: { code: 'invalid_request', message: 'The request could not be read as HTTP; check its headers and its path.' },
  })
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
