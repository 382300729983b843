import { fail } from '@hawser/api/errors.ts'
import type { Transaction } from 'kysely'
import { actorOf, seesIntegration, type OwnSide } from '#http/principal.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import type { IntegrationWithSettings } from './integration.ts'
import { holdByKey } from './store.ts'

/**
 * One change of an integration's client credentials: in a transaction that holds the integration's row, and with an entry in the audit trail of
 * what `change` returns as `audited` (none: nothing changed). Throws `not_found` for an integration of no or another environment.
 */
export async function changeClients<T>(
  deps: IntegrationDeps,
  { principal, uniqueKey, action }: { principal: OwnSide; uniqueKey: string; action: string },
  change: (
    transaction: Transaction<unknown>,
    integration: IntegrationWithSettings,
  ) => Promise<{ result: T; audited?: Record<string, unknown> }>,
): Promise<T> {
  const { environmentId } = principal
  await deps.vault.ready(environmentId)
  const { result, audited } = await deps.db.transaction().execute(async (transaction) => {
    const integration = await holdByKey(transaction, environmentId, uniqueKey)
    if (!integration || !seesIntegration(principal, uniqueKey)) throw fail('not_found')
    return change(transaction, integration)
  })
  if (audited)
    await deps.audit.changed({ environmentId, actor: actorOf(principal), action, subject: { integration: uniqueKey, ...audited } })
  return result
}
