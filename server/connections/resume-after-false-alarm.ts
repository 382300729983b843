import { closeIssues } from '#issues/close-issues.ts'
import { resumeGrant } from './quarantine-store.ts'
import type { QuarantineDeps } from './quarantine.ts'
import { connectionsOfGrant, liveById, lockById } from './store.ts'

/**
 * The host tells the org that this connection knows. No id of a sandbox comes back after a refresh (V, Salesforce Help: a new one each time), so whoever
 * told another one was wrong, and the stored tokens are tried again. Not after a token answer for the other org: that one came from the provider
 * itself, and used the tokens up. Returns whether the connection was stopped and is no longer.
 */
export async function resumeAfterFalseAlarm(
  deps: Pick<QuarantineDeps, 'db' | 'log' | 'recordOwnEvent'> & { cache: { drop(id: string): void } },
  { environmentId, connectionId }: { environmentId: string; connectionId: string },
): Promise<boolean> {
  const grant = (await liveById(deps.db, environmentId, connectionId))?.grant
  if (!grant) return false
  const resumed = await deps.db.transaction().execute(async (transaction) => {
    await lockById(transaction, environmentId, connectionId)
    if (!(await resumeGrant(transaction, grant.id, grant.version))) return false
    const ids = (await connectionsOfGrant(transaction, grant.id)).map((row) => row.connection.id)
    await closeIssues(transaction, ids, ['sandbox_refreshed'], { recordOwnEvent: deps.recordOwnEvent, reason: 'works_again' })
    return true
  })
  if (resumed) {
    deps.cache.drop(grant.id)
    deps.log.warn({ environmentId, connectionId }, 'a sandbox was not refreshed after all; the connection goes on')
  }
  return resumed
}
