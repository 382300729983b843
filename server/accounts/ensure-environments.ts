import { randomBytes } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { reveal, type Secret } from '#lib/secret.ts'
import { newId } from '#lib/ids.ts'
import type { Vault } from '#vault/vault.ts'
import { EVERYTHING } from './create-api-key.ts'
import { WEBHOOK_KEY_LABEL } from './environment-settings.ts'
import { hashOfSecretKey, hintOfSecretKey } from './secret-key.ts'
import { findEnvironmentByName, findKeyByHash, insertEnvironment, insertKey, type StoredEnvironment } from './store.ts'

export const ENVIRONMENTS = ['dev', 'prod']

/** Wrapped keys of environments that are being made: the vault makes a key before there is a row to keep it. */
export type NewEnvironmentKeys = Map<string, Buffer>

/** The key that wraps all others must be the one of the first start. Throws WrongVaultKey before anything is written with another. */
export async function rememberedKeyId(db: Kysely<unknown>, keyId: string): Promise<string> {
  await sql`insert into vault (epoch, key_id) values (${newId()}, ${keyId}) on conflict do nothing`.execute(db)
  const { rows } = await sql<{ key_id: string }>`select key_id from vault`.execute(db)
  return rows[0]!.key_id
}

/** Makes the environments that every installation has, and those that a preset key names. */
export async function ensureEnvironments(
  db: Kysely<unknown>,
  vault: Vault,
  newKeys: NewEnvironmentKeys,
  presetKeys: ReadonlyMap<string, Secret>,
): Promise<void> {
  for (const name of new Set([...ENVIRONMENTS, ...presetKeys.keys()])) {
    const environment = (await findEnvironmentByName(db, name)) ?? (await makeEnvironment(db, vault, newKeys, name))
    const preset = presetKeys.get(name)
    if (preset) await ensureKey(db, environment, reveal(preset), 'from HAWSER_SECRET_KEY')
  }
}

/** False: there is one of that name. */
export async function addEnvironment(db: Kysely<unknown>, vault: Vault, newKeys: NewEnvironmentKeys, name: string): Promise<boolean> {
  if (await findEnvironmentByName(db, name)) return false
  await makeEnvironment(db, vault, newKeys, name)
  return true
}

async function makeEnvironment(db: Kysely<unknown>, vault: Vault, newKeys: NewEnvironmentKeys, name: string): Promise<StoredEnvironment> {
  const id = newId()
  await vault.ready(id)
  const { data_key, ciphertext } = vault.sealNew(id, WEBHOOK_KEY_LABEL, id, `whsec_${randomBytes(32).toString('base64')}`)
  await insertEnvironment(db, { id, name, wrappedKey: newKeys.get(id)!, webhookDataKey: data_key, webhookKey: ciphertext })
  newKeys.delete(id)
  return (await findEnvironmentByName(db, name))!
}

/** Makes the key exist, with every scope. Throws if it belongs to another environment. */
export async function ensureKey(db: Kysely<unknown>, environment: StoredEnvironment, secret: string, displayName: string): Promise<void> {
  const found = await findKeyByHash(db, hashOfSecretKey(secret))
  if (found?.environmentId === environment.id) return
  if (found)
    throw new Error(`the API key preset for "${environment.name}" belongs to the environment "${found.environmentName}": give each its own`)
  const key = {
    id: newId(),
    environmentId: environment.id,
    hint: hintOfSecretKey(secret),
    secretHash: hashOfSecretKey(secret),
    scopes: EVERYTHING,
  }
  // The name may be taken by an older preset; the hint tells them apart.
  const inserted = await insertKey(db, { ...key, displayName })
  if (!inserted) await insertKey(db, { ...key, displayName: `${displayName} ${key.hint}` })
}
