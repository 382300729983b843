/** Opens and seals the apps that mint grants. */
import type { Kysely } from 'kysely'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import { newId } from '#lib/ids.ts'
import { reveal, secret, type Secret } from '#lib/secret.ts'
import type { Vault } from '#vault/vault.ts'
import * as store from './oauth-client-store.ts'

/** The logical place that a sealed secret is bound to, together with its row's id. */
export const CLIENT_SECRET_LABEL = 'oauth-client-secret'

export interface LoadedClient extends OAuthClient {
  /** The row's uuid. */
  id: string
  /** Whether it belongs to one connection in place of the integration. */
  own: boolean
}

/**
 * The client that minted a grant, whatever the integration uses today: a refresh token works only with the client it was given to.
 * Without `oauthClientId`, or when that row is gone, the integration's active one; undefined if there is none.
 */
export async function clientOf(
  deps: { db: Kysely<unknown>; vault: Vault },
  integrationId: string,
  oauthClientId?: string,
): Promise<LoadedClient | undefined> {
  const minted = oauthClientId === undefined ? undefined : await store.clientById(deps.db, oauthClientId)
  const found = minted ?? (await store.activeClientOf(deps.db, integrationId))
  if (!found) return undefined
  await deps.vault.ready(found.environmentId)
  return {
    id: found.id,
    own: found.connectionId !== null,
    clientId: found.clientId,
    clientSecret: openSecret(deps.vault, found),
  }
}

export function openSecret(vault: Vault, client: store.StoredOAuthClient): Secret | undefined {
  if (!client.secret || !client.dataKey) return undefined
  return secret(vault.openSealed(client.environmentId, client.dataKey, client.secret, CLIENT_SECRET_LABEL, client.id).toString('utf8'))
}

interface SealedSecret {
  dataKey: Buffer | null
  secret: Buffer | null
}

/** The vault must be ready for the environment. */
export function sealSecret(vault: Vault, environmentId: string, rowId: string, clientSecret: Secret | undefined): SealedSecret {
  if (clientSecret === undefined) return { dataKey: null, secret: null }
  const sealed = vault.sealNew(environmentId, CLIENT_SECRET_LABEL, rowId, reveal(clientSecret))
  return { dataKey: sealed.data_key, secret: sealed.ciphertext }
}

/** A new row for an app; returns its uuid. The vault must be ready for the environment. */
export async function addClient(
  db: Kysely<unknown>,
  vault: Vault,
  client: { environmentId: string; integrationId: string; connectionId: string | null; clientId: string; clientSecret: Secret | undefined },
): Promise<string> {
  const id = newId()
  const { clientSecret, ...rest } = client
  await store.insertClient(db, { id, ...rest, ...sealSecret(vault, client.environmentId, id, clientSecret), state: 'active' })
  return id
}
