/** An integration as the program sees it: a provider with the app that asks, in one environment. Without its secrets. */
export interface StoredIntegration {
  id: string
  environmentId: string
  uniqueKey: string
  provider: string
  displayName: string
  scopes: string | null
  forwardWebhooks: boolean
  baseUrlOverrideHosts: string[]
  createdAt: Date
  updatedAt: Date
}

/** Notes of the move from a connected app to an External Client App. */
export interface AppMigration {
  state: 'announced' | 'done'
  /** ISO 8601. */
  announced_at: string
  /** The connection that is refreshed first, right after the move; null if none was named. */
  canary_connection_id: string | null
  done_at: string | null
  /** Whether the refresh tokens outlived the move. */
  outcome: 'survived' | 'reconnect' | null
}

/** With what only its own slice and the sign-in look at. */
export interface IntegrationWithSettings extends StoredIntegration {
  installUrl: string | null
  wrongOrgKind: 'refuse' | 'warn'
  appMigration: AppMigration | null
}
