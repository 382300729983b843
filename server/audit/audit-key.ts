import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import type { KeyProvider } from '#vault/key-provider.ts'

const KEY_BYTES = 32
const AAD = 'audit key'

/**
 * The key of the audit's chains. It is one of its own, wrapped by the vault key and made on first use, so that chains can still be verified after
 * the vault key was replaced. Throws what `provider.unwrap` throws when the vault key is another one.
 */
export async function openAuditKey(kysely: Kysely<unknown>, provider: KeyProvider): Promise<KeyObject> {
  const wrapped = (await wrappedKey(kysely)) ?? (await insertKey(kysely, await provider.wrap(randomBytes(KEY_BYTES), AAD)))
  return createSecretKey(await provider.unwrap(wrapped, AAD))
}

/** For the replacement of the vault key; run it in that transaction. Nothing happens where no key was made yet. */
export async function rewrapAuditKey(kysely: Kysely<unknown>, from: KeyProvider, to: KeyProvider): Promise<void> {
  const wrapped = await wrappedKey(kysely)
  if (!wrapped) return
  const again = await to.wrap(await from.unwrap(wrapped, AAD), AAD)
  await sql`update audit_key set wrapped = ${again}`.execute(kysely)
}

async function wrappedKey(kysely: Kysely<unknown>): Promise<Buffer | undefined> {
  const { rows } = await sql<{ wrapped: Buffer }>`select wrapped from audit_key`.execute(kysely)
  return rows[0]?.wrapped
}

/** Of several nodes that start together the first one's key stays. */
async function insertKey(kysely: Kysely<unknown>, wrapped: Buffer): Promise<Buffer> {
  await sql`insert into audit_key (wrapped) values (${wrapped}) on conflict do nothing`.execute(kysely)
  return (await wrappedKey(kysely))!
}
