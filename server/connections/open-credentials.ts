import { fail, type Failure } from '@hawser/api/errors.ts'
import { CannotOpen, UnknownKey } from '#vault/envelope.ts'
import type { Vault } from '#vault/vault.ts'
import type { StoredCredentials, StoredGrant } from './connection.ts'

/** The logical place that tokens are bound to, together with their grant's id. */
export const GRANT_LABEL = 'grant'

/** Synchronous; the vault must be ready for the environment. Throws `vault_cannot_open` for bytes that were changed, or are another row's. */
export function openCredentials(vault: Vault, grant: StoredGrant): StoredCredentials {
  try {
    const plain = vault.openSealed(grant.environmentId, grant.dataKey, grant.sealed, GRANT_LABEL, grant.id)
    return JSON.parse(plain.toString('utf8')) as StoredCredentials
  } catch (error) {
    throw damaged(error)
  }
}

export function damaged(error: unknown): Failure | unknown {
  if (error instanceof UnknownKey) return fail('credentials_unavailable', { cause: error })
  if (!(error instanceof CannotOpen)) return error
  const message =
    'The stored credentials of this connection do not open: they were altered, are those of another row, or were encrypted with another key. Calling again does not help; reconnect, or restore the row.'
  return fail('vault_cannot_open', { message, cause: error })
}
