/** When a provider no longer takes the token: tell an expired session from every other refusal, renew once, and send the request again once. */
import type { IncomingHttpHeaders } from 'node:http'
import { fail } from '@hawser/api/errors.ts'
import type { Connections, FreshCredentials } from '#connections/connections.ts'
import type { LiveConnection } from '#connections/connection.ts'
import type { Provider } from '#providers/provider.ts'
import { decodeBody } from './decode-body.ts'
import type { RequestBody } from './request-body.ts'

export type IsRefreshable = (provider: Provider, status: number, contentType: string | undefined, bodyText: string) => boolean

/** Whether the body of such an answer is worth a look. SOAP tells of an expired session by a fault with 500. */
export function mayMeanExpired(status: number, headers: IncomingHttpHeaders): boolean {
  return status === 401 || status === 403 || status === 420 || (status === 500 && headers['content-type']?.includes('xml') === true)
}

const MOVED_REST_MS = 60_000

/**
 * 420: Salesforce's edge has no route to the host. The org has moved, and a refresh brings its new address; or a sandbox is being copied, and it lasts:
 * hence one refresh a minute for it.
 */
export function mayHaveMoved({ provider, grant }: LiveConnection, status: number, now: number): boolean {
  return status === 420 && provider.family === 'salesforce' && grant !== undefined && now - grant.refreshedAt >= MOVED_REST_MS
}

/** `body` as it came, still compressed. An answer without a body (to HEAD) is judged by its status. */
export function meansExpired(
  isRefreshable: IsRefreshable,
  provider: Provider,
  status: number,
  headers: IncomingHttpHeaders,
  body: Buffer,
): boolean {
  const decoded = decodeBody(body, headers['content-encoding'])
  return decoded !== undefined && isRefreshable(provider, status, headers['content-type'], decoded.toString('utf8'))
}

/**
 * Newer credentials than the refused ones, to send the same request with. For a body that is used up they only serve the next request,
 * and the caller is told to send it.
 * @throws Failure send_again, and those of `Connections.fresh`
 */
export async function renewForReplay(
  connections: Pick<Connections, 'fresh'>,
  refused: FreshCredentials,
  body: RequestBody,
): Promise<FreshCredentials> {
  const renewed = await connections.fresh(refused.live, { notVersion: refused.version })
  if (body.kind === 'stream') throw fail('send_again', { retryAfter: 1 })
  return renewed
}

/** Whether a grant has been idle for so long that its session has probably ended: then a body that can be sent only once should not be wasted on it. */
export function probablyExpired(live: LiveConnection, lastUse: number | undefined, now: number, idleGrantMs: number): boolean {
  const { grant } = live
  if (grant === undefined) return false
  return now - Math.max(grant.lastUsedAt, grant.refreshedAt, lastUse ?? 0) > idleGrantMs
}
