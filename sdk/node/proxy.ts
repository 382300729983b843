/** Calls to a provider's API through the server. */
import { Readable } from 'node:stream'
import { HawserError } from './hawser-error.ts'
import { queryString } from './query-string.ts'
import { failureOf, parseJson, retryAfterOf, send, type Connector } from './send.ts'

export type ProxyMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

export interface ProxyRequest {
  integration: string
  connection: string
  /** At the provider: `/services/data/v67.0/sobjects`. A query string may be part of it. */
  path: string
  params?: Record<string, string | number | boolean | undefined | readonly (string | number | boolean)[]>
  /** For the provider. `Authorization` is the server's to set. */
  headers?: Record<string, string>
  /**
   * Objects, arrays, numbers and booleans are sent as JSON. Strings, bytes, forms and streams are sent as they are: name their `content-type`
   * in `headers`.
   */
  body?: unknown
  /** How often the server tries again, 0 to 10: idempotent methods on 429 and 5xx, all methods where nothing was sent. */
  retries?: number
  /** Statuses to try again on, whatever the method. */
  retryOn?: number[]
  /** For the whole call with its retries; the server's own default is 60 s. */
  deadlineMs?: number
  signal?: AbortSignal
  /** Sends the call to another host, if the integration allows that. */
  baseUrlOverride?: string
}

export interface ProxyResponse<T> {
  /** The provider's. */
  status: number
  headers: Headers
  /** JSON parsed, text as a string, anything else as bytes; with `stream: true` the body as it arrives, null if there is none. */
  data: T
  response: Response
}

/** The server needs a moment more than the provider. */
const GRACE_MS = 5_000
const SERVER_DEADLINE_MS = 60_000
/** These reach the provider under their own name; a `content-type` of our own beside `nango-proxy-content-type` would be ambiguous. */
const PLAIN = new Set(['content-type', 'content-encoding', 'accept'])

/** Throws `provider_error` for a status from 400 on, the server's own codes where the call did not get that far. */
export async function proxy(
  connector: Connector,
  token: string,
  method: ProxyMethod,
  request: ProxyRequest & { stream?: boolean },
): Promise<ProxyResponse<unknown>> {
  const { body, contentType } = encodeBody(request.body)
  const timeoutMs = Math.max(connector.timeoutMs, (request.deadlineMs ?? SERVER_DEADLINE_MS) + GRACE_MS)
  const sending = {
    method,
    path: pathOf(connector.host, request),
    token,
    headers: headersOf(request, contentType),
    body,
    signal: request.signal,
    timeoutMs,
  }
  return send(connector, sending, async (response) => {
    if (response.status >= 400) throw await errorOf(response)
    const data = request.stream ? response.body : await readBody(response)
    return { status: response.status, headers: response.headers, data, response }
  })
}

/** A path that leaves `/proxy/` (`/../environment`, `/%2e%2e/…`) would call this server's own API with the key. */
function pathOf(host: string, { path, params }: ProxyRequest): string {
  const place = `/proxy${path.startsWith('/') ? '' : '/'}${path}`
  const base = new URL(host).pathname.replace(/\/$/, '')
  if (!new URL(host + place).pathname.startsWith(`${base}/proxy/`)) throw new TypeError('path: must not lead out of the provider’s API')
  const query = queryString(params)
  return place + (place.includes('?') ? query.replace('?', '&') : query)
}

function headersOf(request: ProxyRequest, contentType: string | undefined): Headers {
  const headers = new Headers({ 'provider-config-key': request.integration, 'connection-id': request.connection })
  if (request.retries !== undefined) headers.set('retries', String(request.retries))
  if (request.retryOn && request.retryOn.length > 0) headers.set('retry-on', request.retryOn.join(','))
  if (request.deadlineMs !== undefined) headers.set('retry-deadline', String(Math.max(1, Math.ceil(request.deadlineMs / 1000))))
  if (request.baseUrlOverride) headers.set('base-url-override', request.baseUrlOverride)
  if (contentType) headers.set('content-type', contentType)
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    const lower = name.toLowerCase()
    headers.set(PLAIN.has(lower) ? lower : `nango-proxy-${lower}`, value)
  }
  return headers
}

function encodeBody(body: unknown): { body: NonNullable<RequestInit['body']> | undefined; contentType?: string } {
  if (body === undefined) return { body: undefined }
  if (body instanceof Readable) return { body: Readable.toWeb(body) as unknown as ReadableStream }
  if (typeof body === 'string' || isBinary(body)) return { body }
  return { body: JSON.stringify(body), contentType: 'application/json' }
}

function isBinary(body: unknown): body is NonNullable<RequestInit['body']> {
  return (
    body instanceof ReadableStream ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  )
}

async function readBody(response: Response): Promise<unknown> {
  if (response.body === null) return null
  const type = response.headers.get('content-type') ?? ''
  if (/[/+]json\b/i.test(type)) {
    const text = await response.text()
    return text === '' ? null : (parseJson(text) ?? text)
  }
  if (/^text\/|[/+]xml\b|x-www-form-urlencoded/i.test(type)) return response.text()
  return new Uint8Array(await response.arrayBuffer())
}

/** Providers use `{"error":{"code"}}` too. Their answers, and only theirs, leave the server with this header, whatever they came with. */
function isProviders(response: Response): boolean {
  const policies = response.headers.get('content-security-policy')?.split(',') ?? []
  return policies.some((policy) => policy.trim() === 'sandbox')
}

async function errorOf(response: Response): Promise<HawserError> {
  const data = await readBody(response)
  const own = isProviders(response) ? undefined : failureOf(response, data)
  if (own) return own
  const { status, headers } = response
  return new HawserError('provider_error', `The provider answered ${status}.`, {
    status,
    headers,
    data,
    retryAfter: retryAfterOf(response),
  })
}
