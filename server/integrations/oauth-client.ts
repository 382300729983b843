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
  return found && loaded(deps.vault, found)
}

export async function loaded(vault: Vault, stored: store.StoredOAuthClient): Promise<LoadedClient> {
  await vault.ready(stored.environmentId)
  return {
    id: stored.id,
    own: stored.connectionId !== null,
    clientId: stored.clientId,
    clientSecret: openSecret(vault, stored),
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

export interface NewClient {
  environmentId: string
  integrationId: string
  connectionId: string | null
  clientId: string
  clientSecret: Secret | undefined
  /** 'active' unless given. */
  state?: store.StoredOAuthClient['state']
  /** The row whose credentials of the same app this one follows. */
  succeeds?: string
}

/** A new row for an app; returns its uuid. The vault must be ready for the environment. */
export async function addClient(db: Kysely<unknown>, vault: Vault, client: NewClient): Promise<string> {
  const id = newId()
  const { clientSecret, state = 'active', succeeds = null, ...rest } = client
  await store.insertClient(db, { id, ...rest, ...sealSecret(vault, client.environmentId, id, clientSecret), state, succeeds })
  return id
}

/**
 * The row of the app that has just minted a grant, kept until the transaction ends, as a uuid. `minted` undefined: the active one. If the row was
 * deleted while the provider answered, it comes back as a retired one: without its app the new refresh token would be worth nothing.
 * The vault must be ready for the environment.
 */
export async function keepMintingClient(
  db: Kysely<unknown>,
  vault: Vault,
  of: { environmentId: string; integrationId: string },
  minted: Pick<LoadedClient, 'id' | 'clientId' | 'clientSecret'> | undefined,
): Promise<string | undefined> {
  const id = minted?.id ?? (await store.activeClientOf(db, of.integrationId))?.id
  if (id !== undefined && (await store.keepRow(db, id))) return id
  if (!minted) return (await store.activeClientOf(db, of.integrationId))?.id
  const { environmentId, integrationId } = of
  const { clientId, clientSecret } = minted
  return addClient(db, vault, { environmentId, integrationId, connectionId: null, clientId, clientSecret, state: 'retired' })
}
