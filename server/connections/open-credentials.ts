import type { Vault } from '#vault/vault.ts'
import type { StoredCredentials, StoredGrant } from './connection.ts'

/** The logical place that tokens are bound to, together with their grant's id. */
export const GRANT_LABEL = 'grant'

/** Synchronous; the vault must be ready for the environment. Throws `CannotOpen` for bytes of another row. */
export function openCredentials(vault: Vault, grant: StoredGrant): StoredCredentials {
  const plain = vault.openSealed(grant.environmentId, grant.dataKey, grant.sealed, GRANT_LABEL, grant.id)
  return JSON.parse(plain.toString('utf8')) as StoredCredentials
}
