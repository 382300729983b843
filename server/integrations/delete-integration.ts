import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesIntegration } from '#http/principal.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { retireClientsOfConnections } from './oauth-client-store.ts'
import { holdByKey, lockByKey, remove } from './store.ts'

export function deleteIntegration(deps: IntegrationDeps): Handler {
  return handler(routes.deleteIntegration, async ({ params, principal }) => {
    await deps.vault.ready(principal.environmentId)
    await deps.db.transaction().execute(async (transaction) => {
      const found = await holdByKey(transaction, principal.environmentId, params.uniqueKey)
      if (!found || !seesIntegration(principal, params.uniqueKey)) throw fail('not_found')
      // The tokens outlive us at the provider unless they are handed to the revoking jobs before their rows go.
      await deps.releaseGrants(transaction, found)
      // Only now against those who store new grants, since they may hold what the line above waits for; then for what they have stored meanwhile.
      await lockByKey(transaction, principal.environmentId, params.uniqueKey)
      await deps.releaseGrants(transaction, found)
      await retireClientsOfConnections(transaction, found.id)
      await remove(transaction, found.id)
    })
    await deps.audit.changed({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'integration.deleted',
      subject: { integration: params.uniqueKey },
    })
    return { success: true }
  })
}
