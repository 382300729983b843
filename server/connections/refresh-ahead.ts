import { Failure } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { JobHandler } from '#queue/queue.ts'
import type { LiveConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import { countRenewable, grantsEndingSoon, grantsLongUnrenewed, type DueGrant } from './grant-store.ts'

const DAY_MS = 86_400_000
/**
 * Salesforce drops a refresh token that was not used for 30 days. Each grant is renewed at an age of its own between these two; five days are left for
 * outages on either side.
 */
const UNRENEWED_FROM_MS = 18 * DAY_MS
const UNRENEWED_TO_MS = 25 * DAY_MS
/** From this age on nothing is spread any more. */
const URGENT_MS = 27 * DAY_MS
/** Whatever an outage, or a mass import, has piled up is renewed evenly over so long: four times as fast as grants come due. */
const CATCH_UP_MS = 5 * DAY_MS
const EXPIRING_WITHIN_MS = 4 * 60_000
const RUN_EVERY_MS = 60_000
const MOST_A_RUN = 50
const AT_ONCE = 5

/** The scanning job: renews what nobody waits for yet. A grant that fails has its own cool-down and its own issue, and stops no other. */
export function refreshAheadJob(deps: {
  db: Kysely<unknown>
  log: Logger
  connections: Pick<Connections, 'findById'>
  renewAhead(live: LiveConnection): Promise<void>
  frozen(): boolean
  /** How often it runs, on one node or another; a minute unless given. */
  everyMs?: number
}): JobHandler<'refresh-ahead'> {
  const { db, everyMs = RUN_EVERY_MS } = deps
  const renew = async (due: DueGrant) => {
    try {
      await deps.renewAhead(await deps.connections.findById(due.environmentId, due.connectionId))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      deps.log.info({ connection: due.connectionId, code: error.code }, 'a connection could not be renewed ahead of time')
    }
  }
  const renewAll = async (due: readonly DueGrant[]) => {
    for (let start = 0; start < due.length; start += AT_ONCE) await Promise.all(due.slice(start, start + AT_ONCE).map(renew))
  }
  /** What earlier runs were allowed and did not use up; less than one as a rule. */
  let carried = 1

  return async () => {
    if (deps.frozen()) return
    await renewAll(await grantsEndingSoon(db, { withinMs: EXPIRING_WITHIN_MS, limit: MOST_A_RUN }))
    await renewAll(await grantsLongUnrenewed(db, { fromMs: URGENT_MS, toMs: URGENT_MS, limit: MOST_A_RUN }))
    carried = Math.min(carried, 1) + ((await countRenewable(db)) * everyMs) / CATCH_UP_MS
    const due = await grantsLongUnrenewed(db, { fromMs: UNRENEWED_FROM_MS, toMs: UNRENEWED_TO_MS, limit: Math.floor(carried) })
    carried -= due.length
    await renewAll(due)
  }
}
