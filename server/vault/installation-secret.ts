/**
 * The secret that keys of other purposes are derived from: the spool's. It lies in the database, wrapped by the vault key, so that it is the same on every
 * node, survives a new vault key, and exists where the vault key never leaves a key service. Nothing is lost by that: the spool only ever
 * serves a database that has the secret, and a restored one has it from the same time or later.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Kysely } from 'kysely'
import { KEY_BYTES, newDataKey } from './envelope.ts'
import type { KeyProvider } from './key-provider.ts'
import { keepSecret, vaultRow } from './store.ts'

export const SECRET_AAD = 'installation-secret'

/** A key of its own for a purpose, 32 bytes, the same on every node and for as long as the database lives. */
export type Derive = (purpose: string) => KeyObject

/** The `vault` row must exist. @throws CannotOpen, WrongVaultKey, KmsUnusable */
export async function openInstallationSecret(db: Kysely<unknown>, provider: KeyProvider): Promise<Derive> {
  const stored = (await vaultRow(db))?.secret ?? (await keepSecret(db, await provider.wrap(newDataKey(), SECRET_AAD)))
  const secret = createSecretKey(await provider.unwrap(stored, SECRET_AAD))
  return (purpose) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `hawser ${purpose} v1`, KEY_BYTES)))
}
