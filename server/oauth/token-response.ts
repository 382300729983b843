/** What became of a token request. The parser lives here too. */
import type { NetworkFailure } from '#egress/network-error.ts'

export interface Tokens {
  access_token: string
  refresh_token?: string
  /** ISO 8601; absent where the provider does not say (Salesforce). */
  expires_at?: string
  /** The answer as parsed, with the tokens. */
  raw: Record<string, unknown>
}

/** Everything that is known of a failed token request; classified by `#diagnosis/diagnose.ts`. Holds no secret. */
export interface TokenFailure {
  status?: number
  error?: string
  error_description?: string
  network?: NetworkFailure['kind']
  /** Whether the provider may have acted on the request. */
  sent: boolean
  bodyKind: 'json' | 'html' | 'empty' | 'garbage' | 'none'
  /** Seconds from `Retry-After`. */
  retryAfter?: number
}

export type TokenOutcome = { ok: true; tokens: Tokens } | { ok: false; failure: TokenFailure }
