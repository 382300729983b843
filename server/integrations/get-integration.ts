import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { requireScope, seesIntegration } from '#http/principal.ts'
import type { StoredIntegration } from './integration.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { integrationAnswer } from './integration-answer.ts'
import { activeClientOf } from './oauth-client-store.ts'
import { findByKey } from './store.ts'

export function getIntegration(deps: IntegrationDeps): Handler {
  return handler(routes.getIntegration, async ({ params, query, principal }) => {
    const wanted = new Set(Array.isArray(query.include) ? query.include : query.include === undefined ? [] : [query.include])
    if (wanted.has('credentials')) requireScope(principal, 'environment:integrations:read_credentials')
    const found = await findByKey(deps.db, principal.environmentId, params.uniqueKey)
    if (!found || !seesIntegration(principal, params.uniqueKey)) throw fail('not_found')
    const credentials = wanted.has('credentials') ? { credentials: await clientIdOf(deps, found) } : {}
    return { data: integrationAnswer(found, deps.publicUrl, { webhook: wanted.has('webhook'), ...credentials }) }
  })
}

async function clientIdOf(deps: IntegrationDeps, stored: StoredIntegration): Promise<{ clientId: string | null } | null> {
  if (deps.catalogue.get(stored.provider)?.auth_mode !== 'OAUTH2') return null
  const client = await activeClientOf(deps.db, stored.id)
  return { clientId: client?.clientId ?? null }
}
