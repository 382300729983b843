import type { Kysely, Transaction } from 'kysely'
import type { Audit } from '#audit/record-disclosure.ts'
import type { Handler } from '#http/handler.ts'
import type { Clock } from '#lib/clock.ts'
import type { Kit } from '../kit.ts'
import type { IntegrationWithSettings, StoredIntegration } from './integration.ts'
import type { Catalogue } from '#providers/catalogue.ts'
import type { Vault } from '#vault/vault.ts'
import { createIntegration, createQuickstartIntegration } from './create-integration.ts'
import { deleteClient, deleteStagedClient } from './delete-client.ts'
import { deleteIntegration } from './delete-integration.ts'
import { getIntegration } from './get-integration.ts'
import { listClients } from './list-clients.ts'
import { listIntegrations } from './list-integrations.ts'
import { clientOf, type LoadedClient } from './oauth-client.ts'
import { promoteClient } from './promote-client.ts'
import { recordAppMigration } from './record-app-migration.ts'
import { stageClient } from './stage-client.ts'
import { findByKey } from './store.ts'
import { updateIntegration } from './update-integration.ts'
import { writeAppFiles } from './write-app-files.ts'

export interface IntegrationHooks {
  audit: Pick<Audit, 'changed'>
  /** Before an integration goes: hands the tokens of its connections to the jobs that revoke them. From `createConnections`. */
  releaseGrants(transaction: Transaction<unknown>, integration: StoredIntegration): Promise<void>
  /** The redirect URI that the environment's apps are registered with. From `createAccounts`. */
  callbackUrlOf(environmentId: string): Promise<string>
}

export interface IntegrationDeps extends IntegrationHooks {
  db: Kysely<unknown>
  vault: Vault
  catalogue: Catalogue
  clock: Clock
  publicUrl: string
}

export interface Integrations {
  handlers: Handler[]
  find(environmentId: string, key: string): Promise<IntegrationWithSettings | undefined>
  /** See `oauth-client.ts`. */
  clientOf(integrationId: string, oauthClientId?: string): Promise<LoadedClient | undefined>
}

export function createIntegrations(
  kit: Pick<Kit, 'db' | 'vault' | 'catalogue' | 'config' | 'clock'>,
  hooks: IntegrationHooks,
): Integrations {
  const db = kit.db.kysely
  const deps: IntegrationDeps = {
    ...hooks,
    db,
    vault: kit.vault,
    catalogue: kit.catalogue,
    clock: kit.clock,
    publicUrl: kit.config.publicUrl,
  }
  return {
    handlers: [
      listIntegrations(deps),
      createIntegration(deps),
      createQuickstartIntegration(deps),
      getIntegration(deps),
      updateIntegration(deps),
      deleteIntegration(deps),
      recordAppMigration(deps),
      listClients(deps),
      stageClient(deps),
      promoteClient(deps),
      deleteStagedClient(deps),
      deleteClient(deps),
      writeAppFiles(deps),
    ],
    find: (environmentId, key) => findByKey(db, environmentId, key),
    clientOf: (integrationId, oauthClientId) => clientOf(deps, integrationId, oauthClientId),
  }
}
