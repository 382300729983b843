/** The API as somebody else's program calls it: plain `fetch`, one key. */
import type { z } from 'zod'
import type { connection, listedConnection } from '@hawser/api/connections.ts'
import type { FieldError } from '@hawser/api/errors.ts'
import type { diagnosis } from '@hawser/api/values.ts'

export type ConnectionBody = z.output<typeof connection>
export type ListedConnection = z.output<typeof listedConnection>

export interface Answer<T> {
  status: number
  headers: Headers
  body: T
}

export interface ErrorAnswer {
  error: { code: string; message: string; errors?: FieldError[]; diagnosis?: z.output<typeof diagnosis> }
}

export interface Call {
  body?: unknown
  headers?: Record<string, string>
}

export interface ApiClient {
  call<T>(method: string, path: string, call?: Call): Promise<Answer<T>>
  get<T>(path: string, headers?: Record<string, string>): Promise<Answer<T>>
  post<T>(path: string, body: unknown): Promise<Answer<T>>
}

const DEADLINE_MS = 20_000

/** `bearer` is an API key or a session token. Answers without JSON have `undefined` as body. */
export function createApiClient(url: string, bearer: string, deadlineMs = DEADLINE_MS): ApiClient {
  async function call<T>(method: string, path: string, { body, headers = {} }: Call = {}): Promise<Answer<T>> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parsed(text) as T }
  }
  return {
    call,
    get: (path, headers = {}) => call('GET', path, { headers }),
    post: (path, body) => call('POST', path, { body }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
