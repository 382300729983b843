/** What the slices above may do with connections; made by `createConnections` in `compose-connections.ts`. */
import type { Failure } from '@hawser/api/errors.ts'
import type { Transaction } from 'kysely'
import type { EndUser, LiveConnection, StoredConnection, StoredCredentials } from './connection.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { LoadedClient } from '#integrations/oauth-client.ts'
import type { NewerToken } from './former-token-store.ts'
import type { OrgFacts } from '#orgs/org-facts.ts'

export interface FreshCredentials {
  credentials: StoredCredentials
  /** Of the grant; passed back as `notVersion` when the provider refused these credentials. */
  version: number
  live: LiveConnection
}

export interface FreshOptions {
  /** Refresh even if nothing speaks against the stored token (`force_refresh`). */
  force?: boolean
  /** The provider refused the token of this version: return a newer one, refreshing only if there is none yet. */
  notVersion?: number
}

export interface SaveConnection {
  environmentId: string
  environmentName: string
  integration: StoredIntegration
  /** A uuid is made when absent. */
  connectionId?: string
  /** Renew exactly this row (a reconnect session). Throws `invalid_connection` if it is gone. */
  reconnects?: string
  authMode: string
  credentials: StoredCredentials
  /**
   * The client that minted the grant: the integration's (its active one, unless a sign-in says which), or the customer's, which becomes a row of
   * this connection.
   */
  client:
    | { kind: 'integration'; minted?: Pick<LoadedClient, 'id' | 'clientId' | 'clientSecret'> }
    | { kind: 'own'; clientId: string; clientSecret: string | undefined }
  /** Merged over what a reconnected row holds already. */
  connectionConfig: Record<string, unknown>
  /** Which org it leads to, just read; undefined keeps what is known. */
  org?: OrgFacts
  /** undefined keeps what a reconnected row holds. */
  metadata?: Record<string, unknown>
  tags?: Record<string, string>
  endUser?: EndUser | null
  webhookUrlOverride?: string | null
  /** Runs in the same transaction, e.g. to write the session's result. */
  alongside?: (transaction: Transaction<unknown>, saved: StoredConnection) => Promise<void>
  /** Asked before a row of that name is renewed; false: to the caller it does not exist, and `unknown_connection` is thrown. */
  mayRenew?: (stored: StoredConnection) => boolean
  /** For credentials that somebody brings: what is thrown where their refresh token was replaced by a newer one here. */
  refuseFormer?: (newer: NewerToken) => Failure
  /** Called once the tokens are committed: whatever fails from then on, they are a living connection's and must not be revoked. */
  stored?: () => void
  actor: Record<string, unknown>
}

export interface SavedConnection {
  connection: StoredConnection
  operation: 'creation' | 'override'
}

export interface Connections {
  /** From the cache when warm (then not a promise: no database, no tick). Throws `unknown_provider_config`, `unknown_connection`. */
  find(environmentId: string, integrationKey: string, connectionId: string): LiveConnection | Promise<LiveConnection>
  /** By the row's uuid (gateway, reconnect). Throws `unknown_connection`. */
  findById(environmentId: string, uuid: string): LiveConnection | Promise<LiveConnection>
  /**
   * Credentials that work as far as one can know without asking. Not a promise when nothing has to be refreshed.
   * Throws `invalid_credentials`, `connection_refresh_backoff`, `connection_refresh_exhausted`, `refresh_token_external_error`,
   * `interrupted_refresh`, `refresh_timeout`, `credentials_unavailable`, `vault_frozen`, `frozen`.
   */
  fresh(live: LiveConnection, options?: FreshOptions): FreshCredentials | Promise<FreshCredentials>
  /** Remembers a successful call for `last_used_at` and the learned idle time; in memory, flushed in batches. */
  noteUse(live: LiveConnection): void
  save(input: SaveConnection): Promise<SavedConnection>
  close(): Promise<void>
}
