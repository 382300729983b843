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
