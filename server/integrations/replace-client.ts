import type { Kysely } from 'kysely'
import { secret } from '#lib/secret.ts'
import type { Vault } from '#vault/vault.ts'
import type { StoredIntegration } from './integration.ts'
import { invalidField } from './invalid-field.ts'
import { addClient, sealSecret } from './oauth-client.ts'
import * as store from './oauth-client-store.ts'

/**
 * Gives an integration another app, or its app another secret. An app that is replaced stays as 'retired' while grants refer to it: they
 * keep refreshing with the client that minted them. Call it in a transaction that holds the integration's row; the vault must be ready.
 * Throws `invalid_body` if there is no app yet and no client id is given.
 */
export async function replaceClient(
  db: Kysely<unknown>,
  vault: Vault,
  integration: StoredIntegration,
  given: { clientId: string | undefined; clientSecret: string | undefined },
): Promise<void> {
  const active = await store.activeClientOf(db, integration.id)
  const clientId = given.clientId ?? active?.clientId
  if (clientId === undefined) throw invalidField(['credentials', 'client_id'], 'The integration has no client id yet')
  if (active?.clientId === clientId) return changeSecret(db, vault, active, given.clientSecret)
  if (active && !(await store.removeUnused(db, active.id))) await store.setState(db, active.id, 'retired')
  const former = await store.retiredClient(db, integration.id, clientId)
  if (former) {
    await store.setState(db, former.id, 'active')
    return changeSecret(db, vault, former, given.clientSecret)
  }
  const clientSecret = given.clientSecret === undefined ? undefined : secret(given.clientSecret)
  await addClient(db, vault, {
    environmentId: integration.environmentId,
    integrationId: integration.id,
    connectionId: null,
    clientId,
    clientSecret,
  })
}

async function changeSecret(
  db: Kysely<unknown>,
  vault: Vault,
  client: store.StoredOAuthClient,
  clientSecret: string | undefined,
): Promise<void> {
  if (clientSecret === undefined) return
  const sealed = sealSecret(vault, client.environmentId, client.id, secret(clientSecret))
  await store.setSecret(db, client.id, sealed.dataKey, sealed.secret)
  await store.reviveGrantsOf(db, client.id)
}
