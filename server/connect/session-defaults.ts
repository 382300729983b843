import type { Provider } from '#providers/schema.ts'
import { splitConfig } from '#providers/secret-config.ts'
import type { Vault } from '#vault/vault.ts'
import { SESSION_LABEL, type IntegrationDefaults, type StoredSession } from './session.ts'

/** Opens what the backend set, by integration key. */
export async function openDefaults(vault: Vault, session: StoredSession): Promise<Record<string, IntegrationDefaults>> {
  await vault.ready(session.environmentId)
  const opened = vault.openSealed(session.environmentId, session.dataKey, session.sealedDefaults, SESSION_LABEL, session.id)
  return JSON.parse(opened.toString('utf8')) as Record<string, IntegrationDefaults>
}

/**
 * What the end user's browser may see of it: which fields are filled in already, never the secrets of an app, nor fields that the entry of the
 * integration's provider (`providerOf` its key) declares as secret.
 */
export function shownDefaults(
  defaults: Record<string, IntegrationDefaults>,
  providerOf: (integrationKey: string) => Provider | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(defaults).map(([key, { authorization_params, connection_config }]) => [
      key,
      {
        ...(authorization_params ? { authorization_params } : {}),
        ...(connection_config ? { connection_config: withoutSecrets(splitConfig(providerOf(key), connection_config).open) } : {}),
      },
    ]),
  )
}

function withoutSecrets(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([name]) => !/secret|token|pass|credential|(api|private)[-_]?key|override$/i.test(name) || name === 'oauth_scopes_override',
    ),
  )
}
