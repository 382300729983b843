/** The address at which the customer signs in (RFC 6749 §4.1.1). */
import type { Provider } from '#providers/schema.ts'
import { resolveText, resolveUrl } from '#providers/templates.ts'

export interface AuthorizationRequest {
  provider: Provider
  clientId: string
  redirectUri: string
  scopes: readonly string[]
  state: string
  /** Absent only where the provider refuses PKCE. */
  challenge?: string
  connectionConfig: Record<string, unknown>
  /** From the session or the browser; the value `undefined` (as text) takes a parameter of the provider's entry out. */
  extraParams: Record<string, string>
}

/** What decides who gets the code, and what protects it. RFC 9101 puts all parameters into `request`, so that is closed as well. */
const FIXED: readonly string[] = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
]

/** Names among `params` that a session or a browser may not set. */
export function fixedParamsIn(params: Record<string, string>): string[] {
  return Object.keys(params).filter((name) => FIXED.includes(name.toLowerCase()))
}

export function authorizationUrl(request: AuthorizationRequest): { ok: true; url: URL } | { ok: false; reason: string } {
  const { provider, connectionConfig } = request
  const resolved = resolveUrl(provider, provider.authorization_url ?? '', { connectionConfig })
  if (!resolved.ok) return resolved
  const { url } = resolved
  for (const [name, template] of Object.entries(provider.authorization_params ?? {})) {
    const value = resolveText(template, { connectionConfig })
    if (value !== undefined) url.searchParams.set(name, value)
  }
  for (const [name, value] of Object.entries(request.extraParams)) {
    if (value === 'undefined') url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  // Last, so that nothing before can have another say.
  for (const name of [...url.searchParams.keys()]) if (FIXED.includes(name.toLowerCase())) url.searchParams.delete(name)
  url.searchParams.set('client_id', request.clientId)
  url.searchParams.set('redirect_uri', request.redirectUri)
  url.searchParams.set('response_type', 'code')
  if (request.scopes.length > 0 && !url.searchParams.has('scope')) {
    url.searchParams.set('scope', request.scopes.join(provider.scope_separator ?? ' '))
  }
  url.searchParams.set('state', request.state)
  if (request.challenge !== undefined) {
    url.searchParams.set('code_challenge', request.challenge)
    url.searchParams.set('code_challenge_method', 'S256')
  }
  return { ok: true, url }
}
