import type { Kysely } from 'kysely'
import { fail } from '@hawser/api/errors.ts'
import { secret } from '#lib/secret.ts'
import type { Vault } from '#vault/vault.ts'
import type { StoredIntegration } from './integration.ts'
import { invalidField } from './invalid-field.ts'
import { addClient, sealSecret } from './oauth-client.ts'
import * as store from './oauth-client-store.ts'

/**
 * Gives an integration another app, or its app another secret. An app that is replaced stays as 'retired' while grants refer to it: they
 * keep refreshing with the client that minted them. Call it in a transaction that holds the integration's row; the vault must be ready.
 * Throws `invalid_body` if there is no app yet and no client id is given, `conflict` while the next credentials of the present app are staged.
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
  const staged = await store.stagedClientOf(db, integration.id)
  if (staged) throw fail('conflict', { message: 'Credentials are staged: promote or delete them before the integration gets another app.' })
  if (active) await store.setState(db, active.id, 'retired')
  await activate(db, vault, integration, clientId, given.clientSecret)
  if (active) await store.removeUnused(db, active.id)
}

async function activate(
  db: Kysely<unknown>,
  vault: Vault,
  integration: StoredIntegration,
  clientId: string,
  clientSecret: string | undefined,
): Promise<void> {
  const former = await store.retiredClient(db, integration.id, clientId)
  if (former) {
    await store.setState(db, former.id, 'active')
    return changeSecret(db, vault, former, clientSecret)
  }
  await addClient(db, vault, {
    environmentId: integration.environmentId,
    integrationId: integration.id,
    connectionId: null,
    clientId,
    clientSecret: clientSecret === undefined ? undefined : secret(clientSecret),
  })
}

/** A secret that is given anew lets the app's grants try again that broke because of it. */
export async function changeSecret(
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
