import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { seesIntegration } from '#http/principal.ts'
import { clientAnswer } from './client-answer.ts'
import { listedClients } from './client-family-store.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { findByKey } from './store.ts'

export function listClients(deps: IntegrationDeps): Handler {
  return handler(routes.listIntegrationClients, async ({ params, principal }) => {
    const found = await findByKey(deps.db, principal.environmentId, params.uniqueKey)
    if (!found || !seesIntegration(principal, params.uniqueKey)) throw fail('not_found')
    return { data: (await listedClients(deps.db, found.id)).map(clientAnswer) }
  })
}
