/** A connect session: half an hour in which one end user may connect an account. */
import type { z } from 'zod'
import type { getConnectSession } from '@hawser/api/connect-sessions.ts'
import type { EndUser } from '#connections/connection.ts'

export type SessionResult = NonNullable<z.input<typeof getConnectSession.reply.body>['data']['result']>

/** What the backend set for one integration. Sealed in the database: it may hold the secret of a customer's own app. */
export interface IntegrationDefaults {
  user_scopes?: string | undefined
  authorization_params?: Record<string, string> | undefined
  connection_config?: Record<string, unknown> | undefined
  /** The customer's own app, pasted on the hosted page (`own-app.ts`); never the backend's. */
  own_app?: { client_id: string; client_secret?: string } | undefined
}

export interface StoredSession {
  id: string
  environmentId: string
  environmentName: string
  endUser: EndUser | null
  tags: Record<string, string>
  /** undefined: all of the environment. */
  allowedIntegrations: string[] | undefined
  dataKey: Buffer
  sealedDefaults: Buffer
  overrides: Record<string, unknown>
  /** null: not set by this session. */
  webhookUrlOverride: string | null
  /** The connection that this session renews. */
  reconnects: string | null
  result: SessionResult | null
  expiresAt: Date
}

export const SESSION_LABEL = 'connect-session'
export const SESSION_MINUTES = 30
