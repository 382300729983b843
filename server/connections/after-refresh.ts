import { Failure } from '@hawser/api/errors.ts'
import type { Provider } from '#providers/provider.ts'
import { splitConfig } from '#providers/secret-config.ts'
import { closeIssues } from '#issues/close-issues.ts'
import { openIssue } from '#issues/open-issue.ts'
import type { RefreshDeps, TokenExtras } from './refresh-deps.ts'
import { refuteSuspicion } from './suspect-refresh.ts'
import { connectionsOfGrant, mergeConfigOfGrant } from './store.ts'

/**
 * After new tokens were stored: their response's address goes to all connections of the grant, and issues are closed. An address that tokens must
 * not go to is not taken over: the tokens, perhaps the only live ones, stay, the known address stays, and an issue says so.
 * Returns whether a connection's configuration changed. Never throws: the tokens are good whatever happens here.
 */
export async function afterRefresh(deps: RefreshDeps, grantId: string, provider: Provider, raw: Record<string, unknown>): Promise<boolean> {
  const over = { recordOwnEvent: deps.recordOwnEvent, reason: 'works_again' } as const
  try {
    const extras = await readExtras(deps, provider, raw)
    const changed = await deps.db.transaction().execute(async (transaction) => {
      // What the provider sends again of a secret field is not taken over: of several connections on the grant each has its own, sealed.
      const config = extras instanceof Failure ? {} : splitConfig(provider, extras.connectionConfig).open
      const ids = Object.keys(config).length === 0 ? [] : await mergeConfigOfGrant(transaction, grantId, config)
      const connections = (await connectionsOfGrant(transaction, grantId)).map((row) => row.connection)
      const connectionIds = connections.map((connection) => connection.id)
      await closeIssues(
        transaction,
        connectionIds,
        ['refresh_failed', 'interrupted_refresh', 'approval_evicted', 'sandbox_refreshed', 'vault_cannot_open'],
        over,
      )
      await refuteSuspicion(deps, transaction, connectionIds, over)
      if (!(extras instanceof Failure)) await closeIssues(transaction, connectionIds, ['instance_url_refused'], over)
      else
        for (const { id, environmentId } of connections)
          await openIssue(
            transaction,
            { environmentId, connectionId: id, kind: 'instance_url_refused', diagnosis: extras.details.diagnosis },
            deps,
          )
      return ids
    })
    for (const id of changed) deps.cache.drop(id)
    return changed.length > 0
  } catch (error) {
    deps.log.warn({ err: error, grantId }, 'a refresh went well, but what came with it could not be kept')
    return false
  }
}

async function readExtras(deps: RefreshDeps, provider: Provider, raw: Record<string, unknown>): Promise<TokenExtras | Failure> {
  try {
    return await deps.readTokenExtras(provider, raw)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}
