/** Ends a key, and what hangs on it: its connection tokens always, the keys that were made with it if asked. */
import type { Kysely } from 'kysely'
import { countTokensOfKey } from './connection-token-store.ts'
import { deleteSigningKeyOf, listSigningKeysMadeBy, type StoredSigningKey } from './signing-key-store.ts'
import { deleteKey, listKeysMadeBy, type StoredKey } from './store.ts'

/** A key that was made while its maker was being ended shows in the next round. */
const MOST_ROUNDS = 20

export interface Revocation {
  key: StoredKey
  connectionTokens: number
  /** Made with it, or with one of those: ended with `cascade`, else still there. */
  apiKeys: StoredKey[]
  signingKeys: StoredSigningKey[]
}

export interface RevocationAudit {
  /** Commits the row of the audit; before each key that ends with the one that was named. */
  alsoEnded(action: 'api_key.revoke' | 'signing_key.delete', id: string): Promise<void>
}

/** Undefined: no such key in the environment. */
export async function revokeApiKey(
  db: Kysely<unknown>,
  { environmentId, id, cascade }: { environmentId: string; id: string; cascade: boolean },
  audit: RevocationAudit,
): Promise<Revocation | undefined> {
  let connectionTokens = await countTokensOfKey(db, id)
  const key = await deleteKey(db, environmentId, id)
  if (!key) return undefined
  if (!cascade) {
    const [apiKeys, signingKeys] = [await listKeysMadeBy(db, environmentId, id), await listSigningKeysMadeBy(db, environmentId, id)]
    return { key, connectionTokens, apiKeys, signingKeys }
  }
  const ended: Pick<Revocation, 'apiKeys' | 'signingKeys'> = { apiKeys: [], signingKeys: [] }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [apiKeys, signingKeys] = [await listKeysMadeBy(db, environmentId, id), await listSigningKeysMadeBy(db, environmentId, id)]
    if (apiKeys.length + signingKeys.length === 0) return { key, connectionTokens, ...ended }
    for (const made of apiKeys) {
      await audit.alsoEnded('api_key.revoke', made.id)
      connectionTokens += await countTokensOfKey(db, made.id)
      if (await deleteKey(db, environmentId, made.id)) ended.apiKeys.push(made)
    }
    for (const made of signingKeys) {
      await audit.alsoEnded('signing_key.delete', made.id)
      if (await deleteSigningKeyOf(db, environmentId, made.id)) ended.signingKeys.push(made)
    }
  }
  throw new Error('keys were made faster than they could be revoked')
}
