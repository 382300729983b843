import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { integrationAnswer } from './integration-answer.ts'
import { listOf } from './store.ts'

/** A connect session sees the integrations it may use, and no more. */
export function listIntegrations(deps: IntegrationDeps): Handler {
  return handler(routes.listIntegrations, async ({ principal }) => {
    const allowed = principal.kind === 'session' ? principal.allowedIntegrations : principal.limits?.integrations
    const found = await listOf(deps.db, principal.environmentId, allowed)
    // A session lies in the browser of an end user, whom the owner's internal hosts and other customers' connections do not concern.
    const shown =
      principal.kind === 'session' ? found.map((stored) => ({ ...stored, baseUrlOverrideHosts: [], appMigration: null })) : found
    return { data: shown.map((stored) => integrationAnswer(stored, deps.publicUrl)) }
  })
}
