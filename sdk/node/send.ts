/** One HTTP call to the server, with its deadline, and what its failures mean. */
import { HawserError } from './hawser-error.ts'
import type { Diagnosis, ErrorCode, FieldError } from './types.ts'

export interface Connector {
  /** Without a final slash. */
  host: string
  fetch: typeof globalThis.fetch
  timeoutMs: number
}

export interface Sending {
  method: string
  /** With its query string; begins with a slash. */
  path: string
  token: string
  headers?: Headers
  body?: NonNullable<RequestInit['body']> | undefined
  signal?: AbortSignal | undefined
  timeoutMs?: number
}

/**
 * Resolves with the answer's head; `read` runs within the same deadline. With `read` left out, only the head has to come in time.
 * Throws `network_error`, `timeout`, or the caller's own abort reason.
 */
export async function send<T>(connector: Connector, sending: Sending, read: (response: Response) => Promise<T>): Promise<T> {
  const timeoutMs = sending.timeoutMs ?? connector.timeoutMs
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  const headers = sending.headers ?? new Headers()
  headers.set('authorization', `Bearer ${sending.token}`)
  const init: RequestInit & { duplex?: 'half' } = {
    method: sending.method,
    headers,
    // The key must not follow a redirect, and a provider's redirect is the caller's to judge.
    redirect: 'manual',
    signal: sending.signal ? AbortSignal.any([deadline.signal, sending.signal]) : deadline.signal,
  }
  if (sending.body !== undefined) {
    init.body = sending.body
    if (sending.body instanceof ReadableStream) init.duplex = 'half'
  }
  try {
    return await read(await connector.fetch(connector.host + sending.path, init))
  } catch (error) {
    if (error instanceof HawserError) throw error
    if (sending.signal?.aborted) throw sending.signal.reason
    if (deadline.signal.aborted) throw new HawserError('timeout', `No answer from ${connector.host} within ${timeoutMs} ms.`, { status: 0 })
    throw new HawserError('network_error', `${connector.host} cannot be reached: ${reasonOf(error)}`, { status: 0, cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** The body of an API answer. Throws `HawserError` for anything but success. */
export async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text()
  if (response.status === 204) return null
  const body = parseJson(text)
  if (response.ok && body !== undefined) return body
  throw failureOf(response, body) ?? unexpected(response)
}

interface ErrorBody {
  code: ErrorCode
  message: string
  errors?: FieldError[]
  payload?: unknown
  diagnosis?: Diagnosis
}

/** The failure that a body of the form `{"error":{"code","message"}}` stands for; undefined for any other body. */
export function failureOf(response: Response, body: unknown): HawserError | undefined {
  const error = (body as { error?: Partial<ErrorBody> } | null | undefined)?.error
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') return undefined
  const { code, message, errors, payload, diagnosis } = error as ErrorBody
  return new HawserError(code, message, {
    status: response.status,
    errors,
    payload,
    diagnosis,
    retryAfter: retryAfterOf(response),
    headers: response.headers,
  })
}

function unexpected(response: Response): HawserError {
  const message = `The answer (status ${response.status}) is not one of Hawser's. Check the host, and what stands between.`
  return new HawserError('unexpected_answer', message, {
    status: response.status,
    retryAfter: retryAfterOf(response),
    headers: response.headers,
  })
}

/** RFC 9110 §10.2.3: seconds or a date. */
export function retryAfterOf(response: Response): number | undefined {
  const header = response.headers.get('retry-after')?.trim()
  if (!header) return undefined
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000)
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.message
  return error instanceof Error ? error.message : String(error)
}
