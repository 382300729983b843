import type { Kysely } from 'kysely'
import type { StoredIntegration } from './integration.ts'
import type { Vault } from '#vault/vault.ts'
import { setWebhookSecret } from './store.ts'

export const WEBHOOK_SECRET_LABEL = 'integration-webhook-secret'

/** Keeps the secret that proves the provider's webhooks; an empty text removes it. The vault must be ready for the environment. */
export async function keepWebhookSecret(db: Kysely<unknown>, vault: Vault, integration: StoredIntegration, given: string): Promise<void> {
  if (given === '') return setWebhookSecret(db, integration.id, null, null)
  const sealed = vault.sealNew(integration.environmentId, WEBHOOK_SECRET_LABEL, integration.id, given)
  await setWebhookSecret(db, integration.id, sealed.data_key, sealed.ciphertext)
}
