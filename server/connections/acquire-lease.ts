import { fail } from '@hawser/api/errors.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredGrant } from './connection.ts'
import { needsRefresh, type Need } from './freshness.ts'
import { grantById } from './grant-store.ts'
import { takeLease, type Lease } from './lease-store.ts'
import { GrantGone, type RefreshDeps } from './refresh-deps.ts'
import { within } from './timers.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000

export type Acquired = { kind: 'lease'; lease: Lease } | { kind: 'other-node'; grant: StoredGrant }

/**
 * Takes the lease; while another node has it, waits for that node's result, which comes by announcement, else by asking after pauses from
 * 50 ms to 1 s. Throws `refresh_timeout` at the waiter's deadline, GrantGone.
 */
export async function acquireLease(deps: RefreshDeps, grantId: string, need: Need, provider: Provider, holder: string): Promise<Acquired> {
  let late = false
  const stopDeadline = deps.timers.after(deps.times.waitMs, () => (late = true))
  let announced = Promise.withResolvers<void>()
  const stopListening = deps.bus.on('grant', (id) => {
    if (id === grantId) announced.resolve()
  })
  try {
    for (let pauseMs = FIRST_PAUSE_MS; !late; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      announced = Promise.withResolvers()
      const lease = await takeLease(deps.db, grantId, holder, deps.times.leaseMs)
      if (lease) return { kind: 'lease', lease }
      const grant = await grantById(deps.db, grantId)
      if (!grant) throw new GrantGone()
      // Who forces wants a token of a request that began after his call: another node's may have begun before.
      if (!needsRefresh(grant, need, provider, deps.uses.lastUsedAt(grant), deps.clock.now())) return { kind: 'other-node', grant }
      await within(deps.timers, pauseMs, announced.promise)
    }
    throw fail('refresh_timeout', { retryAfter: 1 })
  } finally {
    stopDeadline()
    stopListening()
  }
}
