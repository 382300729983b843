import { Failure } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { JobHandler } from '#queue/queue.ts'
import type { LiveConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import { grantsToRefreshAhead } from './grant-store.ts'

const DAY_MS = 86_400_000
/** Salesforce drops a refresh token that was not used for 30 days; five days are left for outages on either side. */
const UNRENEWED_FOR_MS = 25 * DAY_MS
const EXPIRING_WITHIN_MS = 4 * 60_000
/** One run a minute: after a mass import the heartbeats of a day spread over many runs by themselves. */
const MOST_A_RUN = 50
const AT_ONCE = 5

/** The scanning job: renews what nobody waits for yet. A grant that fails has its own cool-down and its own issue, and stops no other. */
export function refreshAheadJob(deps: {
  db: Kysely<unknown>
  log: Logger
  connections: Pick<Connections, 'findById'>
  renewAhead(live: LiveConnection): Promise<void>
  frozen(): boolean
}): JobHandler<'refresh-ahead'> {
  const renew = async (due: { environmentId: string; connectionId: string }) => {
    try {
      await deps.renewAhead(await deps.connections.findById(due.environmentId, due.connectionId))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      deps.log.info({ connection: due.connectionId, code: error.code }, 'a connection could not be renewed ahead of time')
    }
  }
  return async () => {
    if (deps.frozen()) return
    const due = await grantsToRefreshAhead(deps.db, {
      expiringWithinMs: EXPIRING_WITHIN_MS,
      unrenewedForMs: UNRENEWED_FOR_MS,
      limit: MOST_A_RUN,
    })
    for (let start = 0; start < due.length; start += AT_ONCE) await Promise.all(due.slice(start, start + AT_ONCE).map(renew))
  }
}
