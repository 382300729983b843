/** Secret fields of a connection's configuration: sealed in a column of their own, opened only where a template of the catalogue needs them. */
import type { Vault } from '#vault/vault.ts'
import type { StoredConnection } from './connection.ts'
import { damaged } from './open-credentials.ts'

/** The logical place that the fields are bound to, together with their connection's id. */
export const SECRET_CONFIG_LABEL = 'connection-secret-config'

type Sealed = NonNullable<StoredConnection['secretConfig']>
type Row = Pick<StoredConnection, 'id' | 'environmentId' | 'secretConfig'>

/**
 * The configuration with its secret fields, for filling templates: never answered, logged or stored. The vault must be ready for the environment,
 * as it is where credentials were opened. Throws `vault_cannot_open` for bytes that were changed, or are another row's.
 */
export function fullConfig(
  vault: Pick<Vault, 'openSealed'>,
  connection: Row & Pick<StoredConnection, 'connectionConfig'>,
): Record<string, unknown> {
  return connection.secretConfig ? { ...connection.connectionConfig, ...openSecretConfig(vault, connection) } : connection.connectionConfig
}

/** `given` over the fields that the row holds already, sealed under the row's own data key. Undefined: nothing given. */
export function sealSecretConfig(vault: Vault, connection: Row, given: Record<string, unknown>): Sealed | undefined {
  if (Object.keys(given).length === 0) return undefined
  const { id, environmentId, secretConfig: known } = connection
  const plain = JSON.stringify({ ...openSecretConfig(vault, connection), ...given })
  if (known) return { dataKey: known.dataKey, sealed: vault.sealWith(environmentId, known.dataKey, SECRET_CONFIG_LABEL, id, plain) }
  const { data_key: dataKey, ciphertext: sealed } = vault.sealNew(environmentId, SECRET_CONFIG_LABEL, id, plain)
  return { dataKey, sealed }
}

function openSecretConfig(vault: Pick<Vault, 'openSealed'>, { id, environmentId, secretConfig }: Row): Record<string, unknown> {
  if (!secretConfig) return {}
  try {
    const plain = vault.openSealed(environmentId, secretConfig.dataKey, secretConfig.sealed, SECRET_CONFIG_LABEL, id)
    return JSON.parse(plain.toString('utf8')) as Record<string, unknown>
  } catch (error) {
    throw damaged(error)
  }
}
