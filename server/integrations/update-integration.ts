import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesIntegration } from '#http/principal.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { integrationAnswer } from './integration-answer.ts'
import { invalidField } from './invalid-field.ts'
import { replaceClient } from './replace-client.ts'
import { holdByKey, update } from './store.ts'
import { requireOwnName } from './require-own-name.ts'
import { keepWebhookSecret } from './webhook-secret.ts'

/** Connections refer to the integration by its uuid, so its key may change while it has some; its provider never changes. */
export function updateIntegration(deps: IntegrationDeps): Handler {
  return handler(routes.updateIntegration, async ({ params, body, principal }) => {
    const { credentials } = body
    if (body.unique_key !== undefined) requireOwnName(principal, body.unique_key)
    await deps.vault.ready(principal.environmentId)
    const changed = await deps.db
      .transaction()
      .execute(async (transaction) => {
        const found = await holdByKey(transaction, principal.environmentId, params.uniqueKey)
        if (!found || !seesIntegration(principal, params.uniqueKey)) throw fail('not_found')
        if (credentials) {
          const mode = deps.catalogue.get(found.provider)?.auth_mode
          if (mode !== credentials.type)
            throw invalidField(['credentials', 'type'], `The provider authorises by ${mode ?? 'no known mode'}`)
          if (credentials.client_id !== undefined || credentials.client_secret !== undefined)
            await replaceClient(transaction, deps.vault, found, {
              clientId: credentials.client_id,
              clientSecret: credentials.client_secret,
            })
          if (credentials.webhook_secret !== undefined) await keepWebhookSecret(transaction, deps.vault, found, credentials.webhook_secret)
        }
        const stored = await update(transaction, found.id, {
          uniqueKey: body.unique_key,
          displayName: body.display_name,
          forwardWebhooks: body.forward_webhooks,
          baseUrlOverrideHosts: body.base_url_override_hosts,
          installUrl: body.install_url,
          wrongOrgKind: body.wrong_org_kind,
          scopes: credentials?.scopes,
        })
        return stored ?? found
      })
      .catch((error: unknown) => {
        throw isDuplicate(error) ? invalidField(['unique_key'], 'An integration with that key exists already') : error
      })
    await deps.audit.changed({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'integration.updated',
      subject: { integration: changed.uniqueKey, fields: Object.keys(body), credentials: Object.keys(credentials ?? {}) },
    })
    return { data: integrationAnswer(changed, deps.publicUrl) }
  })
}

function isDuplicate(error: unknown): boolean {
  return (
    (error as { code?: unknown; constraint?: unknown }).code === '23505' &&
    (error as { constraint?: unknown }).constraint === 'integration_environment_id_unique_key_key'
  )
}
