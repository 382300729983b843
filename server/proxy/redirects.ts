/** `/proxy` follows redirects of GET and HEAD, as the contract's clients expect; the gateway passes them on. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Target } from './target-url.ts'

export const MAX_REDIRECTS = 5
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export interface Redirect {
  target: Target
  /** Another host, port or scheme than the one that answered: it must never see the credentials. */
  leavesOrigin: boolean
}

/** Undefined: the answer is passed on as it is. The address of the new target is checked by the egress guard when it is connected to. */
export function redirectOf(method: string, status: number, headers: IncomingHttpHeaders, from: Target): Redirect | undefined {
  const { location } = headers
  if (!FOLLOWED.has(status) || typeof location !== 'string' || (method !== 'GET' && method !== 'HEAD')) return undefined
  const url = URL.canParse(location, from.origin + from.path) ? new URL(location, from.origin + from.path) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '')
    return undefined
  return { target: { origin: url.origin, path: url.pathname + url.search }, leavesOrigin: url.origin !== from.origin }
}
