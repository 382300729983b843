import type { IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, unzipSync } from 'node:zlib'
import type { Dispatcher } from 'undici'
import type { Egress } from './dispatcher.ts'
import type { NetworkErrorKind } from './network-error.ts'
import { describeNetworkError } from './network-error.ts'

export type SmallRequest = {
  url: string | URL
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  headers?: Record<string, string>
  body?: string | Buffer
  /** For everything together: name, connection, request, the last byte of the answer. */
  timeoutMs: number
  /** Of the answer's body, also after decompression; 1 MiB if left out. */
  maxBytes?: number
  /** Redirects are never followed: a token endpoint that redirects would carry the client's secret elsewhere. `answer` gives the 3xx back. */
  redirects?: 'error' | 'answer'
  /** `new`: not one that has been used before and may be closing; for what must not be sent twice. */
  connection?: 'pooled' | 'new'
}

/** `headers` in lower case; `body` as text, decompressed. Any status is an answer, save 3xx with `redirects: 'error'`. */
export type SmallAnswer = { status: number; headers: IncomingHttpHeaders; bodyText: string }

export type RequestFailureKind = NetworkErrorKind | 'redirect' | 'too_large'

/**
 * No usable answer. Holds no URL, header or body, and not the underlying error: undici's parse errors quote the answer.
 * `sent` as in `describeNetworkError`, and exact here: false also when the deadline passed while waiting for a connection.
 */
export class RequestFailed extends Error {
  readonly code = 'ERR_REQUEST_FAILED'
  override readonly name = 'RequestFailed'
  readonly kind: RequestFailureKind
  readonly sent: boolean
  /** The status, where an answer had begun. */
  readonly status: number | null
  constructor(kind: RequestFailureKind, sent: boolean, text: string, status: number | null = null) {
    super(text)
    this.kind = kind
    this.sent = sent
    this.status = status
  }
}

const DEFAULT_MAX_BYTES = 1024 * 1024

/** Asked for plain text, some servers compress all the same. */
const decode = (body: Buffer, encoding: string | undefined, maxOutputLength: number): Buffer => {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body
  if (encoding === 'br') return brotliDecompressSync(body, { maxOutputLength })
  if (['gzip', 'x-gzip', 'deflate'].includes(encoding)) return unzipSync(body, { maxOutputLength })
  throw new TypeError('unknown content-encoding')
}

type Outcome = { resolve: (answer: SmallAnswer) => void; reject: (error: Error) => void }

/** The handler of one call, and `stop`, which ends it with a failure at any time, also before there is a connection. */
const receive = (outcome: Outcome, maxBytes: number, redirects: 'error' | 'answer') => {
  let controller: Dispatcher.DispatchController | undefined
  let failure: RequestFailed | undefined
  let sent = false
  let status: number | null = null
  let headers: IncomingHttpHeaders = {}
  let received = 0
  const chunks: Buffer[] = []

  const stop = (kind: RequestFailureKind, text: string): void => {
    failure ??= new RequestFailed(kind, sent, text, status)
    outcome.reject(failure)
    controller?.abort(failure)
  }
  const stopTooLarge = (): void => stop('too_large', `the answer is larger than ${maxBytes} bytes`)

  const handler: Dispatcher.DispatchHandler = {
    // undici calls this right before it writes the request to an open connection; aborted here, nothing is written.
    onRequestStart: (started) => {
      controller = started
      if (failure) return started.abort(failure)
      sent = true
    },
    onResponseStart: (_controller, statusCode, answered) => {
      status = statusCode
      headers = answered
      const isRedirect = statusCode >= 300 && statusCode < 400 && statusCode !== 304
      if (redirects === 'error' && isRedirect) stop('redirect', `the answer is a redirect (${statusCode}), which is not followed`)
      else if (Number(answered['content-length'] ?? 0) > maxBytes) stopTooLarge()
    },
    onResponseData: (_controller, chunk) => {
      received += chunk.length
      if (received > maxBytes) return stopTooLarge()
      chunks.push(chunk)
    },
    onResponseEnd: () => {
      try {
        const body = decode(Buffer.concat(chunks), headers['content-encoding']?.toLowerCase(), maxBytes)
        outcome.resolve({ status: status ?? 0, headers, bodyText: body.toString('utf8') })
      } catch (error) {
        if (error instanceof RangeError) stopTooLarge()
        else stop('other', 'the compressed answer is damaged, or compressed in a way that is not known here')
      }
    },
    onResponseError: (_controller, error) => {
      const { kind, text } = describeNetworkError(error)
      outcome.reject(failure ?? new RequestFailed(kind, sent, text, status))
    },
  }
  return { handler, stop }
}

/**
 * One call with a small answer, for token endpoints, revocation, userinfo. Counts the bytes as they come, so an endless answer costs `maxBytes`.
 * @throws RequestFailed, EgressRefused (from `checkUrl`)
 */
export const requestSmall = async (egress: Egress, request: SmallRequest): Promise<SmallAnswer> => {
  const { method, body, timeoutMs, maxBytes = DEFAULT_MAX_BYTES, redirects = 'error', connection = 'pooled' } = request
  const url = egress.checkUrl(request.url)
  const { promise, resolve, reject } = Promise.withResolvers<SmallAnswer>()
  const { handler, stop } = receive({ resolve, reject }, maxBytes, redirects)
  const late = (): void => stop('timeout', `no complete answer within ${timeoutMs} ms`)
  // A process that was paused wakes to its timers first: an answer that has come meanwhile is read before the deadline counts. A rotated refresh
  // token may be in it.
  let reading: NodeJS.Immediate | undefined
  const timer = setTimeout(() => (reading = setImmediate(late)), timeoutMs)
  try {
    // The total deadline above is exact; undici's own would only end the call earlier, with a less telling error.
    const timeouts = { headersTimeout: 0, bodyTimeout: 0 }
    const headers = { 'accept-encoding': 'identity', ...request.headers }
    const call = { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null, ...timeouts }
    if (connection === 'new') egress.dispatchAlone(call, handler)
    else egress.dispatcher.dispatch(call, handler)
    return await promise
  } finally {
    clearTimeout(timer)
    clearImmediate(reading)
  }
}
