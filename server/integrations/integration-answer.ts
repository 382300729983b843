import type { z } from 'zod'
import type { integration } from '@hawser/api/integrations.ts'
import type { IntegrationWithSettings, StoredIntegration } from './integration.ts'

export type IntegrationAnswer = z.input<typeof integration>

/** What `include` adds. */
export interface IntegrationExtras {
  webhook?: boolean
  /** `null`: the provider's mode has no app. Absent: not asked for. */
  credentials?: { clientId: string | null } | null
}

export function integrationAnswer(stored: IntegrationWithSettings, publicUrl: string, extras: IntegrationExtras = {}): IntegrationAnswer {
  return {
    unique_key: stored.uniqueKey,
    provider: stored.provider,
    display_name: stored.displayName,
    logo: `${publicUrl}/images/template-logos/${stored.provider}.svg`,
    forward_webhooks: stored.forwardWebhooks,
    created_at: stored.createdAt.toISOString(),
    updated_at: stored.updatedAt.toISOString(),
    base_url_override_hosts: stored.baseUrlOverrideHosts,
    install_url: stored.installUrl,
    wrong_org_kind: stored.wrongOrgKind,
    app_migration: stored.appMigration,
    ...(extras.webhook ? { webhook_url: `${publicUrl}/webhook/${stored.environmentId}/${encodeURIComponent(stored.uniqueKey)}` } : {}),
    ...(extras.credentials === undefined ? {} : { credentials: credentialsAnswer(stored, extras.credentials) }),
  }
}

/** Secrets are write-only: whoever lost one makes a new one at the provider. */
function credentialsAnswer(stored: StoredIntegration, credentials: { clientId: string | null } | null): IntegrationAnswer['credentials'] {
  if (credentials === null) return null
  return { type: 'OAUTH2', client_id: credentials.clientId, client_secret: null, scopes: stored.scopes, webhook_secret: null }
}
