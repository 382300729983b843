import assert from 'node:assert'
import { fail } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import { newId } from '#lib/ids.ts'
import { secret } from '#lib/secret.ts'
import type { Vault } from '#vault/vault.ts'
import { addClient, keepMintingClient, sealSecret } from '#integrations/oauth-client.ts'
import { clientOfConnection, removeUnusedOfConnection, setSecret } from '#integrations/oauth-client-store.ts'
import type { StoredConnection, StoredCredentials, StoredGrant } from './connection.ts'
import type { SaveConnection } from './connections.ts'
import { forgetFormer, newerToken } from './former-token-store.ts'
import { insertGrant, lockByFingerprint, renewGrant } from './grant-store.ts'
import { GRANT_LABEL } from './open-credentials.ts'

/**
 * The app that minted the grant, as a row's uuid: the integration's (the active one, unless the sign-in had left with another), or the connection's own, whose row is made or given its new secret.
 * The vault must be ready for the environment.
 */
export async function saveClient(
  db: Kysely<unknown>,
  vault: Vault,
  connection: StoredConnection,
  client: SaveConnection['client'],
): Promise<string | undefined> {
  if (client.kind === 'integration') return keepMintingClient(db, vault, connection, client.minted)
  const { environmentId, integrationId, id: connectionId } = connection
  const clientSecret = client.clientSecret === undefined ? undefined : secret(client.clientSecret)
  const known = await clientOfConnection(db, connectionId, client.clientId)
  if (!known) return addClient(db, vault, { environmentId, integrationId, connectionId, clientId: client.clientId, clientSecret })
  const sealed = sealSecret(vault, environmentId, known.id, clientSecret)
  await setSecret(db, known.id, sealed.dataKey, sealed.secret)
  return known.id
}

/** After the connection has its new grant: apps of its own that minted only old ones go. */
export async function removeFormerClients(db: Kysely<unknown>, connectionId: string, oauthClientId: string | undefined): Promise<void> {
  await removeUnusedOfConnection(db, connectionId, oauthClientId)
}

/**
 * Stores new credentials and returns their grant's uuid; undefined for credentials that hold nothing. A refresh token that is known already joins its
 * grant, with the newer tokens: two rows would refresh behind each other's back, and rotation would kill both. The id comes first, then the
 * ciphertext that is bound to it. The vault must be ready for the environment.
 */
export async function saveGrant(
  db: Kysely<unknown>,
  vault: Vault,
  saved: {
    connection: StoredConnection
    authMode: string
    credentials: StoredCredentials
    oauthClientId: string | undefined
    /** Undefined: the token comes from the provider itself just now. */
    refuseFormer: SaveConnection['refuseFormer']
  },
): Promise<string | undefined> {
  const { credentials, oauthClientId } = saved
  if (credentials.type === 'NONE') return undefined
  const { environmentId, integrationId } = saved.connection
  const fingerprint = credentials.refresh_token === undefined ? undefined : vault.fingerprint(environmentId, credentials.refresh_token)
  const expiresAt = credentials.expires_at === undefined ? undefined : new Date(credentials.expires_at)
  const plain = JSON.stringify(credentials)

  const join = async (known: StoredGrant): Promise<string> => {
    const sealed = vault.sealWith(environmentId, known.dataKey, GRANT_LABEL, known.id, plain)
    await renewGrant(db, known.id, { oauthClientId, sealed, expiresAt })
    return known.id
  }
  const id = newId()
  const { data_key: dataKey, ciphertext: sealed } = vault.sealNew(environmentId, GRANT_LABEL, id, plain)
  const grant = { id, environmentId, integrationId, oauthClientId, authMode: saved.authMode, dataKey, sealed, fingerprint, expiresAt }
  const inserted = await insertGrant(db, grant)
  // Only now: a refresh that replaces this very token is either seen by this look, or has waited for the row that was just made.
  if (fingerprint) await judgeFormer(db, saved, fingerprint)
  if (inserted) return id
  assert(fingerprint, 'only a fingerprint can be taken')
  const winner = await lockByFingerprint(db, environmentId, integrationId, fingerprint)
  // A refresh, or a deletion, was faster between the two statements.
  if (!winner) throw fail('conflict', { message: 'The refresh token of this connection has just changed. Send it again.' })
  return join(winner)
}

/** A former refresh token that somebody brings in must not take the place of the one that it was replaced by. */
async function judgeFormer(
  db: Kysely<unknown>,
  saved: { connection: StoredConnection; refuseFormer: SaveConnection['refuseFormer'] },
  fingerprint: Buffer,
): Promise<void> {
  const { environmentId, integrationId, connectionId } = saved.connection
  if (!saved.refuseFormer) return forgetFormer(db, environmentId, fingerprint)
  const newer = await newerToken(db, { environmentId, fingerprint, into: { integrationId, connectionId } })
  if (newer) throw saved.refuseFormer(newer)
}
