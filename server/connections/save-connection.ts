import assert from 'node:assert'
import { randomUUID } from 'node:crypto'
import { fail } from '@hawser/api/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Audit } from '#audit/record-disclosure.ts'
import type { AuthEvent } from '#events/record-event.ts'
import { newId } from '#lib/ids.ts'
import type { Catalogue } from '#providers/catalogue.ts'
import type { IssueEvents } from '#issues/open-issue.ts'
import type { ConnectionCache } from './connection-cache.ts'
import type { StoredConnection } from './connection.ts'
import type { SaveConnection, SavedConnection } from './connections.ts'
import { splitConfig } from '#providers/secret-config.ts'
import { supersedeTokens } from './former-token-store.ts'
import { lockGrant } from './grant-store.ts'
import { releaseGrant } from './release-grant.ts'
import type { RevocationDeps } from './revoke-grant.ts'
import { removeFormerClients, saveClient, saveGrant } from './save-grant.ts'
import { sealSecretConfig } from './secret-config.ts'
import { stopOthersAtHost, tellReconnected } from './reconnected.ts'
import { subjectOf } from './subject-of.ts'
import { insertBare, lockById, lockByName, update } from './store.ts'

const FOREIGN_KEY_VIOLATION = '23503'

export interface SaveDeps extends RevocationDeps, IssueEvents {
  db: Kysely<unknown>
  catalogue: Catalogue
  log: Logger
  /** Names of the catalogue's entries for Salesforce. */
  salesforceProviders(): readonly string[]
  cache: ConnectionCache
  audit: Pick<Audit, 'changed'>
  recordEvent(transaction: Transaction<unknown>, event: AuthEvent): Promise<unknown>
}

/**
 * Makes or renews a connection, in one transaction with everything that must go with it. Throws `invalid_connection`, and `unknown_provider_config`
 * if the integration was deleted meanwhile.
 */
export async function saveConnection(deps: SaveDeps, input: SaveConnection): Promise<SavedConnection> {
  await deps.vault.ready(input.environmentId)
  const saved = await deps.db
    .transaction()
    .execute((transaction) => saveIn(deps, transaction, input))
    .catch((error: unknown) => {
      throw (error as { code?: unknown }).code === FOREIGN_KEY_VIOLATION ? fail('unknown_provider_config') : error
    })
  input.stored?.()
  deps.cache.drop(saved.connection.id)
  if (saved.connection.grantId) deps.cache.drop(saved.connection.grantId)
  await stopOthersAtHost(deps, saved.connection, input.integration.provider)
  await deps.audit.changed({
    environmentId: input.environmentId,
    actor: input.actor,
    action: saved.operation === 'creation' ? 'connection.created' : 'connection.renewed',
    subject: { connection: saved.connection.id, integration: input.integration.uniqueKey },
    endUserId: saved.connection.endUser?.id,
    connectionName: saved.connection.connectionId,
  })
  return saved
}

async function saveIn(deps: SaveDeps, transaction: Transaction<unknown>, input: SaveConnection): Promise<SavedConnection> {
  const { connection: before, operation } = await rowOf(transaction, input)
  if (before.grantId) await lockGrant(transaction, before.grantId)
  const oauthClientId = input.credentials.type === 'NONE' ? undefined : await saveClient(transaction, deps.vault, before, input.client)
  const grantId = await saveGrant(transaction, deps.vault, {
    connection: before,
    authMode: input.authMode,
    credentials: input.credentials,
    oauthClientId,
    refuseFormer: input.refuseFormer,
  })
  const { open, secret } = splitConfig(deps.catalogue.get(input.integration.provider), input.connectionConfig)
  const connection = await update(transaction, before.id, {
    grantId: grantId ?? null,
    mergeConfig: open,
    secretConfig: sealSecretConfig(deps.vault, before, secret),
    org: input.org,
    metadata: input.metadata,
    tags: input.tags,
    endUser: input.endUser,
    webhookUrlOverride: input.webhookUrlOverride,
  })
  assert(connection)
  if (before.grantId && before.grantId !== grantId) {
    const provider = deps.catalogue.get(input.integration.provider)
    const { grantId: old, connectionConfig } = before
    const subject = subjectOf(before, input.integration)
    if (grantId) await supersedeTokens(transaction, old, grantId)
    await releaseGrant(deps, transaction, { grantId: old, provider, connectionConfig, replaced: true, subject })
  }
  await removeFormerClients(transaction, connection.id, oauthClientId)
  await tellReconnected(deps, transaction, before, connection, input.integration)
  await deps.recordEvent(transaction, {
    environmentId: input.environmentId,
    connection,
    integrationKey: input.integration.uniqueKey,
    provider: input.integration.provider,
    authMode: input.authMode,
    operation,
  })
  await input.alongside?.(transaction, connection)
  return { connection, operation }
}

/** The row that takes the credentials, locked until the transaction ends. */
async function rowOf(
  db: Kysely<unknown>,
  input: SaveConnection,
): Promise<{ connection: StoredConnection; operation: SavedConnection['operation'] }> {
  const { environmentId, integration } = input
  if (input.reconnects !== undefined) {
    const found = await lockById(db, environmentId, input.reconnects)
    if (!found || found.integrationId !== integration.id) throw fail('invalid_connection')
    return { connection: found, operation: 'override' }
  }
  const connectionId = input.connectionId ?? randomUUID()
  const made = await insertBare(db, { id: newId(), environmentId, integrationId: integration.id, connectionId })
  if (made) return { connection: made, operation: 'creation' }
  const found = await lockByName(db, integration.id, connectionId)
  // Deleted between the two statements: whoever sends again makes it anew.
  if (!found) throw fail('conflict')
  if (input.mayRenew?.(found) === false) throw fail('unknown_connection')
  return { connection: found, operation: 'override' }
}
