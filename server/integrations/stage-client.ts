import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { secret } from '#lib/secret.ts'
import { changeClients } from './change-clients.ts'
import { answerOfRow } from './client-answer.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { invalidField } from './invalid-field.ts'
import { addClient } from './oauth-client.ts'
import * as store from './oauth-client-store.ts'
import { changeSecret } from './replace-client.ts'

/** Before the provider switches over: from here on a refresh that the present credentials are refused for goes on with the next ones. */
export function stageClient(deps: IntegrationDeps): Handler {
  return handler(routes.stageIntegrationClient, async ({ params, body, principal }) => {
    const change = { principal, uniqueKey: params.uniqueKey, action: 'integration.client_staged' }
    const data = await changeClients(deps, change, async (transaction, { id: integrationId, environmentId }) => {
      const { client_id: clientId, client_secret: clientSecret } = body
      const active = await store.activeClientOf(transaction, integrationId)
      if (!active) throw fail('missing_client_id')
      if (active.clientId === clientId)
        throw invalidField(['client_id'], 'That is the active client id; a new secret of it is set by PATCH on the integration')
      const staged = await store.stagedClientOf(transaction, integrationId)
      if (staged && staged.clientId !== clientId)
        throw fail('conflict', { message: 'Other credentials are staged already: promote or delete them first.' })
      if (staged) await changeSecret(transaction, deps.vault, staged, clientSecret)
      else if (await store.retiredClient(transaction, integrationId, clientId))
        throw invalidField(['client_id'], 'Connections live on that client id from earlier; go back to it by PATCH on the integration')
      const id =
        staged?.id ??
        (await addClient(transaction, deps.vault, {
          ...{ environmentId, integrationId, connectionId: null, clientId, clientSecret: secret(clientSecret) },
          ...{ state: 'staged', succeeds: active.id },
        }))
      return { result: await answerOfRow(transaction, integrationId, id), audited: { client: id, client_id: clientId } }
    })
    return { data }
  })
}
