import type { Transaction } from 'kysely'
import * as routes from '@hawser/api/integrations.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, type OwnSide } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { secret } from '#lib/secret.ts'
import type { Provider } from '#providers/provider.ts'
import type { IntegrationWithSettings, StoredIntegration } from './integration.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { integrationAnswer, type IntegrationAnswer } from './integration-answer.ts'
import { invalidField } from './invalid-field.ts'
import { addClient } from './oauth-client.ts'
import { requireOwnName } from './require-own-name.ts'
import { insert, type NewIntegration } from './store.ts'
import { keepWebhookSecret } from './webhook-secret.ts'

export function createIntegration(deps: IntegrationDeps): Handler {
  return handler(routes.createIntegration, async ({ body, principal }) => {
    const provider = providerNamed(deps, body.provider)
    const { credentials } = body
    if (provider.auth_mode === 'OAUTH2' && !credentials) throw invalidField(['credentials'], 'Missing credentials')
    if (credentials && credentials.type !== provider.auth_mode)
      throw invalidField(['credentials', 'type'], `The provider authorises by ${provider.auth_mode}`)
    await deps.vault.ready(principal.environmentId)
    const fields = { ...body, scopes: credentials?.scopes, hosts: body.base_url_override_hosts }
    const data = await insertIntegration(deps, principal, provider, fields, async (transaction, made) => {
      if (!credentials) return
      await addClient(transaction, deps.vault, {
        environmentId: made.environmentId,
        integrationId: made.id,
        connectionId: null,
        clientId: credentials.client_id,
        clientSecret: credentials.client_secret === undefined ? undefined : secret(credentials.client_secret),
      })
      if (credentials.webhook_secret !== undefined) await keepWebhookSecret(transaction, deps.vault, made, credentials.webhook_secret)
    })
    return { data }
  })
}

export function createQuickstartIntegration(deps: IntegrationDeps): Handler {
  return handler(routes.createQuickstartIntegration, async ({ body, principal }) => {
    return { data: await insertIntegration(deps, principal, providerNamed(deps, body.provider), body) }
  })
}

function providerNamed(deps: IntegrationDeps, name: string): Provider {
  const provider = deps.catalogue.get(name)
  if (!provider) throw invalidField(['provider'], 'The catalogue has no provider of that name')
  return provider
}

interface Fields {
  unique_key: string
  display_name?: string | undefined
  forward_webhooks?: boolean | undefined
  scopes?: string | undefined
  hosts?: readonly string[] | undefined
  install_url?: string | null | undefined
  wrong_org_kind?: IntegrationWithSettings['wrongOrgKind'] | undefined
}

async function insertIntegration(
  deps: IntegrationDeps,
  principal: OwnSide,
  provider: Provider,
  fields: Fields,
  alongside: (transaction: Transaction<unknown>, made: StoredIntegration) => Promise<void> = async () => {},
): Promise<IntegrationAnswer> {
  requireOwnName(principal, fields.unique_key)
  const wanted: NewIntegration = {
    id: newId(),
    environmentId: principal.environmentId,
    uniqueKey: fields.unique_key,
    provider: provider.name,
    displayName: fields.display_name ?? provider.display_name,
    scopes: fields.scopes || null,
    forwardWebhooks: fields.forward_webhooks ?? true,
    baseUrlOverrideHosts: fields.hosts ?? [],
    installUrl: fields.install_url ?? null,
    wrongOrgKind: fields.wrong_org_kind ?? 'refuse',
  }
  const made = await deps.db.transaction().execute(async (transaction) => {
    const stored = await insert(transaction, wanted)
    if (!stored) throw invalidField(['unique_key'], 'An integration with that key exists already')
    await alongside(transaction, stored)
    return stored
  })
  await deps.audit.changed({
    environmentId: made.environmentId,
    actor: actorOf(principal),
    action: 'integration.created',
    subject: { integration: made.uniqueKey, provider: made.provider },
  })
  return integrationAnswer(made, deps.publicUrl)
}
