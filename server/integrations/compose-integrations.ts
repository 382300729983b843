import type { Kysely, Transaction } from 'kysely'
import type { Audit } from '#audit/record-disclosure.ts'
import type { Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import type { StoredIntegration } from './integration.ts'
import type { Catalogue } from '#providers/catalogue.ts'
import type { Vault } from '#vault/vault.ts'
import { createIntegration, createQuickstartIntegration } from './create-integration.ts'
import { deleteIntegration } from './delete-integration.ts'
import { getIntegration } from './get-integration.ts'
import { listIntegrations } from './list-integrations.ts'
import { clientOf, type LoadedClient } from './oauth-client.ts'
import { findByKey } from './store.ts'
import { updateIntegration } from './update-integration.ts'

export interface IntegrationHooks {
  audit: Pick<Audit, 'changed'>
  /** Before an integration goes: hands the tokens of its connections to the jobs that revoke them. From `createConnections`. */
  releaseGrants(transaction: Transaction<unknown>, integration: StoredIntegration): Promise<void>
}

export interface IntegrationDeps extends IntegrationHooks {
  db: Kysely<unknown>
  vault: Vault
  catalogue: Catalogue
  publicUrl: string
}

export interface Integrations {
  handlers: Handler[]
  find(environmentId: string, key: string): Promise<StoredIntegration | undefined>
  /** See `oauth-client.ts`. */
  clientOf(integrationId: string, oauthClientId?: string): Promise<LoadedClient | undefined>
}

export function createIntegrations(kit: Pick<Kit, 'db' | 'vault' | 'catalogue' | 'config'>, hooks: IntegrationHooks): Integrations {
  const db = kit.db.kysely
  const deps: IntegrationDeps = { ...hooks, db, vault: kit.vault, catalogue: kit.catalogue, publicUrl: kit.config.publicUrl }
  return {
    handlers: [
      listIntegrations(deps),
      createIntegration(deps),
      createQuickstartIntegration(deps),
      getIntegration(deps),
      updateIntegration(deps),
      deleteIntegration(deps),
    ],
    find: (environmentId, key) => findByKey(db, environmentId, key),
    clientOf: (integrationId, oauthClientId) => clientOf(deps, integrationId, oauthClientId),
  }
}
