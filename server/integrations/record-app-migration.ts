import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import type { BodyOf } from '@hawser/api/route.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesIntegration } from '#http/principal.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import type { AppMigration } from './integration.ts'
import { integrationAnswer } from './integration-answer.ts'
import { hasConnection, holdByKey, update } from './store.ts'

/**
 * Salesforce's "Migrate to External Client App" keeps client id and secret; whether refresh tokens outlive it is not documented (`?`). So one
 * connection is named beforehand, refreshed right after, and the outcome is kept for the others.
 */
export function recordAppMigration(deps: IntegrationDeps): Handler {
  return handler(routes.recordAppMigration, async ({ params, body, principal }) => {
    const { environmentId } = principal
    const changed = await deps.db.transaction().execute(async (transaction) => {
      const found = await holdByKey(transaction, environmentId, params.uniqueKey)
      if (!found || !seesIntegration(principal, params.uniqueKey)) throw fail('not_found')
      const canary = body.state === 'announced' ? body.canary_connection_id : undefined
      if (canary !== undefined && !(await hasConnection(transaction, found.id, canary))) throw fail('unknown_connection')
      const appMigration = next(found.appMigration, body, new Date(deps.clock.now()).toISOString())
      return (await update(transaction, found.id, { appMigration })) ?? found
    })
    await deps.audit.changed({
      environmentId,
      actor: actorOf(principal),
      action: 'integration.app_migration',
      subject: { integration: changed.uniqueKey, ...body },
    })
    return { data: integrationAnswer(changed, deps.publicUrl) }
  })
}

function next(before: AppMigration | null, body: BodyOf<typeof routes.recordAppMigration>, now: string): AppMigration {
  if (body.state === 'announced')
    return { state: 'announced', announced_at: now, canary_connection_id: body.canary_connection_id ?? null, done_at: null, outcome: null }
  if (!before) throw fail('conflict', { message: 'No move of the app was announced.' })
  return { ...before, state: 'done', done_at: now, outcome: body.outcome }
}
