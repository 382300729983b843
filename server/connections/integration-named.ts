import { fail } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import { findByKey } from '#integrations/store.ts'
import type { StoredIntegration } from '#integrations/integration.ts'

/** Throws `unknown_provider_config`, also for an integration of another environment. */
export async function integrationNamed(deps: { db: Kysely<unknown> }, environmentId: string, key: string): Promise<StoredIntegration> {
  const integration = await findByKey(deps.db, environmentId, key)
  if (!integration) throw fail('unknown_provider_config')
  return integration
}
