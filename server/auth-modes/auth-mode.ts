/** One way to authorise. Each mode is one file; `all.ts` lists them by the name that catalogue entries use. */
import type { Secret } from '#lib/secret.ts'
import type { TokenOutcome } from '#oauth/token-response.ts'
import type { Egress } from '#egress/dispatcher.ts'
import type { Provider } from '#providers/provider.ts'

/** The app that asks: an External Client App's key and secret. */
export interface OAuthClient {
  clientId: string
  clientSecret: Secret<string> | undefined
}

export interface RefreshInput {
  egress: Egress
  provider: Provider
  client: OAuthClient
  /** What the grant's sealed bytes held. */
  credentials: Record<string, unknown>
  connectionConfig: Record<string, unknown>
  timeoutMs: number
  /** Dates the new token's expiry; the system's clock unless given. */
  nowMs: number
}

export interface ApplyInput {
  provider: Provider
  credentials: Record<string, unknown>
  connectionConfig: Record<string, unknown>
}

export interface AuthMode {
  name: string
  /** Whether credentials of this mode can be renewed without the customer. */
  canRefresh(credentials: Record<string, unknown>): boolean
  refresh(input: RefreshInput): Promise<TokenOutcome>
  /** The request headers that carry the credentials, names in lower case. */
  apply(input: ApplyInput): Record<string, string>
}
