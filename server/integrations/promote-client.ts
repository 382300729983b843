import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { changeClients } from './change-clients.ts'
import { answerOfRow } from './client-answer.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import * as store from './oauth-client-store.ts'

/** When the provider has switched over. The former credentials stay, for as long as the provider takes them, in case the new ones were mistyped. */
export function promoteClient(deps: IntegrationDeps): Handler {
  return handler(routes.promoteIntegrationClient, async ({ params, principal }) => {
    const change = { principal, uniqueKey: params.uniqueKey, action: 'integration.client_promoted' }
    const data = await changeClients(deps, change, async (transaction, { id: integrationId }) => {
      const [active, staged] = [
        await store.activeClientOf(transaction, integrationId),
        await store.stagedClientOf(transaction, integrationId),
      ]
      // Sent again by somebody who did not hear the first answer.
      if (!staged && active?.succeeds) return { result: await answerOfRow(transaction, integrationId, active.id) }
      if (!staged) throw fail('not_found', { message: 'No credentials are staged.' })
      if (active) await store.setState(transaction, active.id, 'retired')
      await store.setState(transaction, staged.id, 'active')
      const audited = { client: staged.id, client_id: staged.clientId, former: active?.id ?? null }
      return { result: await answerOfRow(transaction, integrationId, staged.id), audited }
    })
    return { data }
  })
}
