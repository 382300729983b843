/** The few calls of the API that a browser makes: with the session's token and nothing else, no cookies. */
import { after, type Browser } from './browser.ts'
import { HawserError } from './hawser-error.ts'
import type { Connected, Diagnosis } from './types.ts'

const ANSWER_MS = 15_000
/** Of the 401s, those that a new session cures. */
const OVER = ['unknown_connect_session_token', 'session_expired']

export interface Place {
  browser: Browser
  /** Without a final slash. */
  host: string
}

/** How an attempt ended, as the session keeps it. */
export type SessionResult =
  | { outcome: 'success'; provider_config_key: string; connection_id: string }
  | { outcome: 'error'; provider_config_key: string; error_type: string; error_desc: string; diagnosis: Diagnosis | null }

export interface Session {
  allowed_integrations?: string[]
  return_url?: string
  websocketsPath?: string
  expires_at?: string
  result?: SessionResult | null
}

export interface Call {
  token?: string
  body?: unknown
  method?: 'POST'
  signal?: AbortSignal | undefined
}

/** The parsed answer. Throws a HawserError: the server's code, `session_expired`, `network_error` or `unexpected_answer`. */
export async function callServer({ browser, host }: Place, path: string, { token, body, method, signal }: Call): Promise<unknown> {
  if (signal?.aborted) throw signal.reason
  const controller = new browser.AbortController()
  const abort = () => controller.abort()
  const cancel = after(browser, ANSWER_MS, abort)
  signal?.addEventListener('abort', abort)
  try {
    const response = await browser.fetch(host + path, {
      ...(method ? { method } : {}),
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(method ? { 'content-type': 'application/json' } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: controller.signal,
    })
    const text = await response.text()
    if (response.ok) return parsed(text, response.status)
    throw refusal(parsed(text, response.status), response.status)
  } catch (error) {
    if (error instanceof HawserError) throw error
    throw new HawserError('network_error', `${host} could not be reached. Check \`host\`, and connect-src of the page’s policy.`, {
      cause: error,
    })
  } finally {
    cancel()
    signal?.removeEventListener('abort', abort)
  }
}

function parsed(text: string, status: number): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Said below.
  }
  throw new HawserError('unexpected_answer', `The answer (status ${status}) is not Hawser’s. Check \`host\`.`)
}

function refusal(body: unknown, status: number): HawserError {
  const { error } = body as { error?: { code?: unknown; message?: unknown; diagnosis?: Diagnosis } }
  const code = typeof error?.code === 'string' ? error.code : 'unexpected_answer'
  const isOver = status === 401 && OVER.includes(code)
  const message = typeof error?.message === 'string' ? error.message : `The server answered with status ${status}.`
  return new HawserError(isOver ? 'session_expired' : code, message, { diagnosis: error?.diagnosis })
}

export async function readSession(place: Place, token: string, signal?: AbortSignal): Promise<Session> {
  const { data } = (await callServer(place, '/connect/session', { token, signal })) as { data?: Session }
  if (typeof data !== 'object' || data === null) throw new HawserError('unexpected_answer', 'The answer is not Hawser’s. Check `host`.')
  return data
}

/** Returns the connection, or throws the error. */
export function outcomeOf(result: SessionResult): Connected {
  if (result.outcome === 'success')
    return { providerConfigKey: result.provider_config_key, connectionId: result.connection_id, isPending: false }
  throw new HawserError(result.error_type, result.error_desc, { diagnosis: result.diagnosis })
}
