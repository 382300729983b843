/** The public API with the session's cookie: `call('listConnections', { query: { limit: 50 } })`. */
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from '@hawser/api/route.ts'
import type { peopleRoutes, routes } from '@hawser/api/routes.ts'
import { ApiError, errorFrom } from './api-error.ts'
import { routeTable } from './routes.ts'

type Routes = { [R in (typeof routes)[number] | (typeof peopleRoutes)[number] as R['name']]: R }
export type RouteName = keyof Routes
export type Reply<N extends RouteName> = ReplyOf<Routes[N]>

type Given<K extends string, T> = [T] extends [undefined] ? { [k in K]?: undefined } : { [k in K]: T }
export type Input<N extends RouteName> = Given<'params', ParamsOf<Routes[N]>> &
  Partial<Given<'query', QueryOf<Routes[N]>>> &
  Given<'body', BodyOf<Routes[N]>>

const DEADLINE_MS = 60_000
/** Where the API stands: the page's base is `<api>/dashboard/`. */
export const apiBase = new URL('../', document.baseURI).href.replace(/\/$/, '')

let environment: string | undefined
let confirmIdentity: (() => Promise<void>) | undefined

/** Asked when a call needs a fresh proof of who is at the screen; when it resolves, the call is repeated once. */
export function onConfirmIdentity(confirm: () => Promise<void>): void {
  confirmIdentity = confirm
}

/** Every later call is about this environment; undefined: the first that the person may see. */
export function setEnvironment(name: string | undefined): void {
  environment = name
}

/**
 * Calls one endpoint. Rejects with `ApiError`: the server's code, message and diagnosis; `network_error` when no answer came, `timeout` after a
 * minute. `signal` gives up.
 */
export async function call<N extends RouteName>(
  name: N,
  input?: Partial<Input<N>>,
  signal?: AbortSignal,
  wishes?: Wishes,
): Promise<Reply<N>> {
  const [method, path] = routeTable[name]
  const { params, query, body } = (input ?? {}) as { params?: Record<string, string>; query?: object; body?: unknown }
  return (await send(method, fillPath(path, params) + queryString(query), body, signal, wishes)) as Reply<N>
}

export interface Wishes {
  /** Asks for secrets: only people whose role may see them, who have proved lately who they are (`confirm_identity`). */
  reveal?: boolean
}

/** For the few paths outside of the contract, such as the sign-in's. */
export async function send(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
  { reveal = false, hasConfirmed = false }: Wishes & { hasConfirmed?: boolean } = {},
): Promise<unknown> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    headers: {
      // Plain forms cannot send it: a call that carries it comes from this page.
      'Hawser-Environment': environment ?? '',
      ...(reveal ? { 'Hawser-Reveal': 'true' } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  const response = await fetch(apiBase + path, init).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiError(
      0,
      deadline.aborted ? 'timeout' : 'network_error',
      deadline.aborted ? 'The server did not answer within a minute.' : 'The server cannot be reached. Is it running?',
    )
  })
  if (!response.ok) {
    const error = await errorFrom(response)
    if (error.code !== 'confirm_identity' || !confirmIdentity || hasConfirmed) throw error
    await confirmIdentity()
    return send(method, path, body, signal, { reveal, hasConfirmed: true })
  }
  return response.status === 204 ? null : await response.json()
}

function fillPath(path: string, params: Record<string, string> = {}): string {
  return path.replaceAll(/:([A-Za-z]+)\*?/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

/** Nested objects as `tags[key]=value`, as the server reads them; undefined and empty texts are left out. */
function queryString(query: object = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    if (value === undefined || value === '') continue
    if (Array.isArray(value)) for (const item of value) search.append(name, String(item))
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) search.append(`${name}[${key}]`, String(inner))
    else search.append(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
