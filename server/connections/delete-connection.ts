import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesConnection } from '#http/principal.ts'
import { removeUnused, retireClientsOfConnection } from '#integrations/oauth-client-store.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { lockGrant } from './grant-store.ts'
import { integrationNamed } from './integration-named.ts'
import { releaseGrant } from './release-grant.ts'
import { lockByName, remove } from './store.ts'
import { subjectOf } from './subject-of.ts'

/** The tokens go from the grant's row into a job that revokes them at the provider; with the row goes the key that opened them. */
export function deleteConnection(deps: ConnectionDeps): Handler {
  return handler(routes.deleteConnection, async ({ params, query, principal }) => {
    const integration = await integrationNamed(deps, principal, query.provider_config_key)
    await deps.vault.ready(principal.environmentId)
    const gone = await deps.db.transaction().execute(async (transaction) => {
      const found = await lockByName(transaction, integration.id, params.connectionId)
      if (!found || !seesConnection(principal, { ...found, integrationKey: integration.uniqueKey })) throw fail('unknown_connection')
      if (found.grantId) await lockGrant(transaction, found.grantId)
      const ownClients = await retireClientsOfConnection(transaction, found.id)
      await remove(transaction, found.id)
      const subject = subjectOf(found, integration)
      await deps.recordOwnEvent(transaction, { type: 'connection.deleted', subject, data: {} })
      if (found.grantId) {
        const provider = deps.catalogue.get(integration.provider)
        const { grantId, connectionConfig } = found
        await releaseGrant(deps, transaction, { grantId, provider, connectionConfig, replaced: false, subject })
      }
      for (const client of ownClients) await removeUnused(transaction, client)
      return found
    })
    deps.cache.drop(gone.id)
    await deps.audit.changed({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'connection.deleted',
      subject: { connection: gone.id, integration: integration.uniqueKey },
      endUserId: gone.endUser?.id,
      connectionName: gone.connectionId,
    })
    return { success: true }
  })
}
