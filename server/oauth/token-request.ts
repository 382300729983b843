/** One POST to a token endpoint. Redirects are an error, the whole call has a deadline, and nothing of the request ever comes back in a failure. */
import type { Egress } from '#egress/dispatcher.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall, type SmallAnswer } from '#egress/small-request.ts'
import { reveal, type Secret } from '#lib/secret.ts'
import type { Provider } from '#providers/schema.ts'
import { splitConfig } from '#providers/secret-config.ts'
import { resolveText, resolveUrl } from '#providers/templates.ts'
import { readTokenResponse, type TokenFailure, type TokenOutcome } from './token-response.ts'

export interface TokenClient {
  clientId: string
  /** Absent where PKCE alone proves the client. */
  clientSecret: Secret<string> | undefined
}

export interface TokenRequestContext {
  egress: Egress
  provider: Provider
  client: TokenClient
  connectionConfig: Record<string, unknown>
  timeoutMs: number
  nowMs: number
}

/** RFC 6749 §4.1.3 with RFC 7636 §4.5. On the host at which the customer signed in. Never repeat it: a second use of a code ends the first grant. */
export function exchangeCode(
  context: TokenRequestContext,
  { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string | undefined },
): Promise<TokenOutcome> {
  const { provider, connectionConfig } = context
  const params = {
    ...textParams(provider.token_params, connectionConfig),
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    ...(verifier === undefined ? {} : { code_verifier: verifier }),
  }
  return requestTokens(context, tokenTemplate(provider), params)
}

/** RFC 6749 §6. At `refresh_url`, for Salesforce the org's own host. */
export function refreshTokens(context: TokenRequestContext, refreshToken: string): Promise<TokenOutcome> {
  const { provider, connectionConfig } = context
  const params = {
    ...textParams(provider.refresh_params ?? provider.token_params, connectionConfig),
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  }
  return requestTokens(context, provider.refresh_url ?? tokenTemplate(provider), params)
}

function tokenTemplate({ token_url }: Provider): string {
  return (typeof token_url === 'object' ? token_url.OAUTH2 : token_url) ?? ''
}

function textParams(templates: Record<string, string> | undefined, connectionConfig: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(templates ?? {}).map(([name, template]) => [name, resolveText(template, { connectionConfig })] as const)
  return Object.fromEntries(texts.filter((pair): pair is readonly [string, string] => pair[1] !== undefined))
}

async function requestTokens(context: TokenRequestContext, template: string, params: Record<string, string>): Promise<TokenOutcome> {
  const { provider, client, connectionConfig, egress, timeoutMs, nowMs } = context
  const resolved = resolveUrl(provider, template, { connectionConfig })
  // Not a host of this provider: the request is not made at all.
  if (!resolved.ok)
    return { ok: false, failure: { error: 'token_host_refused', error_description: resolved.reason, sent: false, bodyKind: 'none' } }
  const { headers, body } = encode(provider, client, params)
  try {
    const answer = await requestSmall(egress, { url: resolved.url, method: 'POST', headers, body, timeoutMs, connection: 'new' })
    const hidden = [...Object.values(secretsOf(params)), secretText(client), ...secretFieldsIn(provider, connectionConfig)]
    return withoutSecrets(readAnswer(answer, provider, nowMs), hidden)
  } catch (error) {
    return { ok: false, failure: failureOf(error) }
  }
}

function readAnswer(answer: SmallAnswer, provider: Provider, nowMs: number): TokenOutcome {
  return readTokenResponse(
    { status: answer.status, bodyText: answer.bodyText, retryAfter: answer.headers['retry-after'] },
    { accessTokenPath: provider.alternate_access_token_response_path, nowMs },
  )
}

/** Client id and secret in the body, or by HTTP Basic with both form-encoded (RFC 6749 §2.3.1); never both ways, which the RFC forbids. */
function encode(
  provider: Provider,
  client: TokenClient,
  params: Record<string, string>,
): { headers: Record<string, string>; body: string } {
  const basic = provider.authorization_method === 'header' || provider.token_request_auth_method === 'basic'
  const headers: Record<string, string> = { accept: 'application/json' }
  const all: Record<string, string> = { ...params }
  if (basic && client.clientSecret) {
    headers['authorization'] =
      `Basic ${Buffer.from(`${formEncode(client.clientId)}:${formEncode(reveal(client.clientSecret))}`).toString('base64')}`
  } else {
    all['client_id'] = client.clientId
    if (client.clientSecret) all['client_secret'] = reveal(client.clientSecret)
  }
  const asJson = provider.body_format === 'json'
  headers['content-type'] = asJson ? 'application/json' : 'application/x-www-form-urlencoded'
  return { headers, body: asJson ? JSON.stringify(all) : new URLSearchParams(all).toString() }
}

function formEncode(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2)
}

function secretText({ clientSecret }: TokenClient): string | undefined {
  return clientSecret && reveal(clientSecret)
}

function secretsOf({ code, code_verifier, refresh_token }: Record<string, string>): Record<string, string | undefined> {
  return { code, code_verifier, refresh_token }
}

function secretFieldsIn(provider: Provider, connectionConfig: Record<string, unknown>): string[] {
  return Object.values(splitConfig(provider, connectionConfig).secret).filter((value) => typeof value === 'string')
}

/** Some endpoints quote what they were sent; a failure is logged and shown. */
function withoutSecrets(outcome: TokenOutcome, secrets: readonly (string | undefined)[]): TokenOutcome {
  if (outcome.ok) return outcome
  const clean = (text: string | undefined) =>
    secrets.reduce<string | undefined>(
      (at, hidden) => (hidden ? at?.replaceAll(hidden, '[secret]').replaceAll(encodeURIComponent(hidden), '[secret]') : at),
      text,
    )
  const { error, error_description, bodyText, ...rest } = outcome.failure
  const texts = { error: clean(error), error_description: clean(error_description), bodyText: clean(bodyText) }
  const known = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined))
  return { ok: false, failure: { ...rest, ...known } }
}

function failureOf(error: unknown): TokenFailure {
  if (error instanceof EgressRefused) return { network: 'refused', sent: false, bodyKind: 'none' }
  if (!(error instanceof RequestFailed)) throw error
  const { kind, sent, status } = error
  // An answer that was a redirect or too long is an answer: its status counts, its body says nothing.
  if ((kind === 'redirect' || kind === 'too_large' || kind === 'other') && status !== null)
    return { status, sent: true, bodyKind: 'garbage' }
  if (!sent) return { network: kind === 'dns' || kind === 'tls' ? kind : 'refused', sent: false, bodyKind: 'none' }
  return { network: kind === 'timeout' ? 'timeout' : 'reset', sent: true, bodyKind: 'none' }
}
