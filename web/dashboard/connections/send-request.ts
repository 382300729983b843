import { apiBase, call } from '../api/call.ts'
import { connectionInput, type ConnectionAddress } from './connection-query.ts'
import { hasBody } from './request-as-code.ts'
import { headersFrom, type RequestDraft } from './request-examples.ts'

export interface RequestAnswer {
  status: number
  headers: [string, string][]
  /** ms, from the sending to the last byte. */
  took: number
  /** Pretty if it is JSON. */
  text: string
  isCut: boolean
}

const TOKEN_SECONDS = 60
/** As long as the proxy itself may take, and a moment more. */
const DEADLINE_MS = 65_000
const LONGEST_SHOWN = 200_000

/** With a token that may call this one connection for a minute; it is made for each request and never shown. Aborts by `signal`. */
export async function sendRequest(address: ConnectionAddress, draft: RequestDraft, signal: AbortSignal): Promise<RequestAnswer> {
  const { data } = await call('createConnectionToken', { ...connectionInput(address), body: { expires_in: TOKEN_SECONDS } }, signal)
  const headers = new Headers(headersFrom(draft.headers))
  headers.set('Authorization', `Bearer ${data.token}`)
  const started = performance.now()
  const response = await fetch(`${apiBase}/proxy${draft.path}`, {
    method: draft.method,
    headers,
    credentials: 'omit',
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    ...(hasBody(draft) ? { body: draft.body } : {}),
  })
  const text = await response.text()
  const shown = pretty(text)
  return {
    status: response.status,
    headers: [...response.headers],
    took: performance.now() - started,
    text: shown.slice(0, LONGEST_SHOWN),
    isCut: shown.length > LONGEST_SHOWN,
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
