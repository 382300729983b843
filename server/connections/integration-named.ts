import { fail } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import { seesIntegration, type Principal } from '#http/principal.ts'
import { findByKey } from '#integrations/store.ts'
import type { StoredIntegration } from '#integrations/integration.ts'

/** Throws `unknown_provider_config`, also for an integration of another environment, or one that the caller's limits hide. */
export async function integrationNamed(deps: { db: Kysely<unknown> }, principal: Principal, key: string): Promise<StoredIntegration> {
  const integration = await findByKey(deps.db, principal.environmentId, key)
  if (!integration || !seesIntegration(principal, key)) throw fail('unknown_provider_config')
  return integration
}
