/** Rows of `connection`, `integration` and `grant` as the program uses them. Columns carry a prefix, so that one SELECT can join all three. */
import { sql } from 'kysely'
import type { GrantFailure, StoredConnection, StoredGrant } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'

export interface ConnectionColumns {
  c_id: string
  c_number: number
  c_environment_id: string
  c_integration_id: string
  c_connection_id: string
  c_grant_id: string | null
  c_metadata: Record<string, unknown> | null
  c_connection_config: Record<string, unknown>
  c_secret_config_data_key: Buffer | null
  c_secret_config: Buffer | null
  c_org: StoredConnection['org']
  c_tags: Record<string, string>
  c_end_user: StoredConnection['endUser']
  c_webhook_url_override: string | null
  c_created_at: Date
  c_updated_at: Date
  c_last_fetched_at: Date | null
}

/** For `from connection c`. */
export const connectionColumns = sql.raw(
  [
    'id',
    'number',
    'environment_id',
    'integration_id',
    'connection_id',
    'grant_id',
    'metadata',
    'connection_config',
    'secret_config_data_key',
    'secret_config',
    'org',
    'tags',
    'end_user',
    'webhook_url_override',
    'created_at',
    'updated_at',
    'last_fetched_at',
  ]
    .map((name) => `c.${name} as c_${name}`)
    .join(', '),
)

export function toConnection(row: ConnectionColumns): StoredConnection {
  return {
    id: row.c_id,
    number: row.c_number,
    environmentId: row.c_environment_id,
    integrationId: row.c_integration_id,
    connectionId: row.c_connection_id,
    grantId: row.c_grant_id ?? undefined,
    metadata: row.c_metadata,
    connectionConfig: row.c_connection_config,
    secretConfig:
      row.c_secret_config_data_key && row.c_secret_config
        ? { dataKey: row.c_secret_config_data_key, sealed: row.c_secret_config }
        : undefined,
    org: row.c_org,
    tags: row.c_tags,
    endUser: row.c_end_user,
    webhookUrlOverride: row.c_webhook_url_override,
    createdAt: row.c_created_at,
    updatedAt: row.c_updated_at,
    lastFetchedAt: row.c_last_fetched_at,
  }
}

export interface IntegrationColumns {
  i_id: string
  i_environment_id: string
  i_unique_key: string
  i_provider: string
  i_display_name: string
  i_scopes: string | null
  i_forward_webhooks: boolean
  i_base_url_override_hosts: string[]
  i_created_at: Date
  i_updated_at: Date
}

/** For `join integration i`. */
export const integrationColumns = sql.raw(
  [
    'id',
    'environment_id',
    'unique_key',
    'provider',
    'display_name',
    'scopes',
    'forward_webhooks',
    'base_url_override_hosts',
    'created_at',
    'updated_at',
  ]
    .map((name) => `i.${name} as i_${name}`)
    .join(', '),
)

export function toIntegration(row: IntegrationColumns): StoredIntegration {
  return {
    id: row.i_id,
    environmentId: row.i_environment_id,
    uniqueKey: row.i_unique_key,
    provider: row.i_provider,
    displayName: row.i_display_name,
    scopes: row.i_scopes,
    forwardWebhooks: row.i_forward_webhooks,
    baseUrlOverrideHosts: row.i_base_url_override_hosts,
    createdAt: row.i_created_at,
    updatedAt: row.i_updated_at,
  }
}

/** What the column `failure` holds. */
export interface RecordedFailure extends GrantFailure {
  /** The one further attempt after an unknown outcome has left; its outcome is not known either while this stands. */
  retried?: boolean
}

export interface GrantColumns {
  g_id: string
  g_environment_id: string
  g_integration_id: string
  g_oauth_client_id: string | null
  g_auth_mode: string
  g_data_key: Buffer
  g_credentials: Buffer
  g_version: number
  g_expires_at: Date | null
  g_refreshed_at: Date
  g_last_used_at: Date
  g_longest_idle_ms: number
  g_failures: number
  g_cooldown_until: Date | null
  g_broken_at: Date | null
  g_refresh_started_at: Date | null
  g_failure: RecordedFailure | null
}

/** For `from "grant" g`, and for what an `update "grant" g` returns. */
export const grantColumns = sql.raw(
  [
    'id',
    'environment_id',
    'integration_id',
    'oauth_client_id',
    'auth_mode',
    'data_key',
    'credentials',
    'version',
    'expires_at',
    'refreshed_at',
    'last_used_at',
    'longest_idle_ms',
    'failures',
    'cooldown_until',
    'broken_at',
    'refresh_started_at',
    'failure',
  ]
    .map((name) => `g.${name} as g_${name}`)
    .join(', '),
)

export function toGrant(row: GrantColumns): StoredGrant {
  return {
    id: row.g_id,
    environmentId: row.g_environment_id,
    integrationId: row.g_integration_id,
    oauthClientId: row.g_oauth_client_id ?? undefined,
    authMode: row.g_auth_mode,
    dataKey: row.g_data_key,
    sealed: row.g_credentials,
    version: row.g_version,
    expiresAt: row.g_expires_at?.getTime(),
    refreshedAt: row.g_refreshed_at.getTime(),
    lastUsedAt: row.g_last_used_at.getTime(),
    longestIdleMs: row.g_longest_idle_ms,
    failures: row.g_failures,
    cooldownUntil: row.g_cooldown_until?.getTime(),
    brokenAt: row.g_broken_at?.getTime(),
    refreshStartedAt: row.g_refresh_started_at?.getTime(),
    failure: row.g_failure ?? undefined,
  }
}
