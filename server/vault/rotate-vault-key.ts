/** A new vault key: every environment's keys, and what else the old one wraps, are wrapped again. Rows of connections are not touched. */
import type { Kysely, Transaction } from 'kysely'
import { SECRET_AAD } from './installation-secret.ts'
import { WrongVaultKey, type KeyProvider } from './key-provider.ts'
import { environmentKeys, lockVaultRow, replaceEnvironmentKey, replaceVaultKey, vaultRow, type EnvironmentKey } from './store.ts'
import { environmentKeyAad } from './environment-keys.ts'

const MOST_TRIES = 5

export interface NewVaultKey {
  from: KeyProvider
  to: KeyProvider
  /** What other slices have wrapped by the vault key; in the same transaction. */
  rewrapOthers(transaction: Transaction<unknown>, from: KeyProvider, to: KeyProvider): Promise<void>
}

/**
 * All or nothing, in one transaction: whatever crashes, one key opens everything, and the one that is named in `vault.key_id`. The key services are asked before it
 * begins. Returns the number of environments; 0 if the new key is in place already. @throws WrongVaultKey
 */
export async function rotateVaultKey(db: Kysely<unknown>, rotated: NewVaultKey): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { from, to } = rotated
    const row = await vaultRow(db)
    if (row?.keyId === to.id) return 0
    if (row?.keyId !== from.id) throw new WrongVaultKey(row?.keyId ?? 'unknown', from.id)
    const again: (EnvironmentKey & { again: Buffer })[] = []
    for (const key of await environmentKeys(db))
      again.push({ ...key, again: await rewrapped(rotated, key.wrapped, environmentKeyAad(key.id)) })
    const secret = row.secret && (await rewrapped(rotated, row.secret, SECRET_AAD))
    if (await store(db, rotated, again, row.secret, secret)) return again.length
  }
  throw new Error('the environments changed all the time while their keys were wrapped again; nothing has been changed. Try again.')
}

async function rewrapped({ from, to }: NewVaultKey, wrapped: Buffer, aad: string): Promise<Buffer> {
  const plain = await from.unwrap(wrapped, aad)
  try {
    return await to.wrap(plain, aad)
  } finally {
    plain.fill(0)
  }
}

class Changed extends Error {}

/** False if an environment, its key or the secret is another one by now. */
async function store(
  db: Kysely<unknown>,
  { from, to, rewrapOthers }: NewVaultKey,
  keys: readonly (EnvironmentKey & { again: Buffer })[],
  secretWas: Buffer | null,
  secret: Buffer | null,
): Promise<boolean> {
  try {
    await db.transaction().execute(async (transaction) => {
      const row = await lockVaultRow(transaction)
      if (row?.keyId !== from.id || !isSame(row.secret, secretWas)) throw new Changed()
      for (const { id, wrapped, again } of keys) if (!(await replaceEnvironmentKey(transaction, id, wrapped, again))) throw new Changed()
      if ((await environmentKeys(transaction)).length !== keys.length) throw new Changed()
      await rewrapOthers(transaction, from, to)
      await replaceVaultKey(transaction, to.id, secret)
    })
    return true
  } catch (error) {
    if (error instanceof Changed) return false
    throw error
  }
}

function isSame(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other)
}
