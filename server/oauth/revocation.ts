/** Ends a grant at the provider (RFC 7009). */
import type { Egress } from '#egress/dispatcher.ts'
import { requestSmall } from '#egress/small-request.ts'
import { reveal } from '#lib/secret.ts'
import type { Provider } from '#providers/schema.ts'
import { resolveUrl } from '#providers/templates.ts'
import type { TokenClient } from './token-request.ts'
import { readTokenResponse } from './token-response.ts'

/** Where tokens of a connection are revoked; undefined if the provider has no such address or the configuration leads to a foreign host. */
export function revocationUrl(provider: Provider, connectionConfig: Record<string, unknown>): string | undefined {
  if (provider.revocation_url === undefined) return undefined
  const resolved = resolveUrl(provider, provider.revocation_url, { connectionConfig })
  return resolved.ok ? resolved.url.href : undefined
}

export interface RevokeInput {
  egress: Egress
  /** From `revocationUrl`. */
  url: string
  /** The refresh token, which ends its access tokens too; else the access token. */
  token: string
  /** Sent along where the provider wants the client to prove itself (RFC 7009 §2.1); Salesforce takes the token alone. */
  client?: TokenClient | undefined
  timeoutMs: number
}

/**
 * Resolves once the token is dead: `invalid_token` means that it was dead already, `unsupported_token_type` that asking again changes nothing.
 * Throws, to be tried again later, on everything else.
 */
export async function revokeToken({ egress, url, token, client, timeoutMs }: RevokeInput): Promise<void> {
  const answer = await requestSmall(egress, {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ token, ...clientFields(client) }).toString(),
    timeoutMs,
  })
  if (answer.status >= 200 && answer.status < 300) return
  const outcome = readTokenResponse({ status: answer.status, bodyText: answer.bodyText }, { nowMs: 0 })
  const error = outcome.ok ? undefined : outcome.failure.error
  if (error === 'invalid_token' || error === 'unsupported_token_type') return
  throw new Error(`revocation was answered with status ${answer.status}`)
}

function clientFields(client: TokenClient | undefined): Record<string, string> {
  if (!client) return {}
  return { client_id: client.clientId, ...(client.clientSecret ? { client_secret: reveal(client.clientSecret) } : {}) }
}
