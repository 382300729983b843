import { setTimeout as sleep } from 'node:timers/promises'
import { HawserError } from './hawser-error.ts'
import type { ListConnectionsQuery, ListedConnection } from './types.ts'

export interface WaitOptions {
  /** `end_user.id` of the connect session. */
  userId?: string
  /** Tags of the connect session. */
  tags?: Record<string, string>
  signal?: AbortSignal
  /** Default 10 minutes. */
  timeoutMs?: number
  /** Between two looks; default 2 s. */
  intervalMs?: number
}

const TRANSIENT = new Set<string>(['network_error', 'timeout', 'too_many_request', 'not_ready', 'credentials_unavailable', 'server_error'])

/** The newest connection that fits, as soon as there is one. Throws `timeout`; outages in between are waited out. */
export async function waitForConnection(
  list: (query: ListConnectionsQuery, signal: AbortSignal | undefined) => Promise<ListedConnection[]>,
  integration: string,
  { userId, tags, signal, timeoutMs = 600_000, intervalMs = 2_000 }: WaitOptions,
): Promise<ListedConnection> {
  if (userId === undefined && tags === undefined) throw new TypeError('say whose connection to wait for: userId or tags')
  const until = Date.now() + timeoutMs
  for (;;) {
    let pause = intervalMs
    try {
      const [newest] = await list({ integrationId: integration, endUserId: userId, tags, limit: 1 }, signal)
      if (newest) return newest
    } catch (error) {
      if (!(error instanceof HawserError) || !(TRANSIENT.has(error.code) || error.status >= 500)) throw error
      pause = Math.max(pause, (error.retryAfter ?? 0) * 1000)
    }
    const left = until - Date.now()
    if (left <= 0) throw new HawserError('timeout', `No connection to ${integration} was made within ${timeoutMs} ms.`, { status: 0 })
    await sleep(Math.min(pause, left), undefined, signal ? { signal } : {})
  }
}
