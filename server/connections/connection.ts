/** A connection as the program sees it: one customer's account at one provider, with the grant that keeps it alive. */
import type { z } from 'zod'
import type { endUser } from '@hawser/api/values.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { OrgFacts } from '#orgs/org-facts.ts'
import type { Provider } from '#providers/provider.ts'

export type EndUser = z.output<typeof endUser>

export interface StoredConnection {
  id: string
  number: number
  environmentId: string
  integrationId: string
  connectionId: string
  grantId: string | undefined
  metadata: Record<string, unknown> | null
  connectionConfig: Record<string, unknown>
  /** Its secret fields, still encrypted; see `secret-config.ts`. */
  secretConfig: { dataKey: Buffer; sealed: Buffer } | undefined
  org: OrgFacts | null
  tags: Record<string, string>
  endUser: EndUser | null
  webhookUrlOverride: string | null
  createdAt: Date
  updatedAt: Date
  lastFetchedAt: Date | null
}

/** Tokens as they are stored: still encrypted. Opened for one use by `openCredentials`. */
export interface StoredGrant {
  id: string
  environmentId: string
  integrationId: string
  oauthClientId: string | undefined
  authMode: string
  dataKey: Buffer
  sealed: Buffer
  version: number
  expiresAt: number | undefined
  refreshedAt: number
  lastUsedAt: number
  longestIdleMs: number
  failures: number
  cooldownUntil: number | undefined
  brokenAt: number | undefined
  refreshStartedAt: number | undefined
  failure: GrantFailure | undefined
}

/** Why the last refresh failed, in the words that callers see. */
export interface GrantFailure {
  code: 'invalid_credentials' | 'refresh_token_external_error' | 'interrupted_refresh'
  message: string
  diagnosis: unknown
}

/** What the sealed bytes of a grant hold. */
export interface OAuth2Credentials {
  type: 'OAUTH2'
  access_token: string
  refresh_token?: string
  expires_at?: string
  raw: Record<string, unknown>
}
export type StoredCredentials = OAuth2Credentials | { type: 'NONE' }

/** Everything that a proxied call needs to know, as one cached entry. Ciphertext only. */
export interface LiveConnection {
  connection: StoredConnection
  integration: StoredIntegration
  provider: Provider
  grant: StoredGrant | undefined
}
