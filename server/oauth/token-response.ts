/** What became of a token request, and the reader of a token endpoint's answer. It never throws, whatever the bytes. */
import type { NetworkFailure } from '#diagnosis/plain-failures.ts'

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
  network?: NetworkFailure
  /** Whether the provider may have acted on the request. */
  sent: boolean
  bodyKind: 'json' | 'html' | 'empty' | 'garbage' | 'none'
  /** The beginning of a body that was not of the protocol: searched for known pages, never shown. */
  bodyText?: string
  /** Seconds from `Retry-After`. */
  retryAfter?: number
}

export type TokenOutcome = { ok: true; tokens: Tokens } | { ok: false; failure: TokenFailure }

export interface TokenAnswer {
  status: number
  bodyText: string
  retryAfter?: string | string[] | undefined
}

export interface ReadingRules {
  /** Dotted path at which the token lies (`alternate_access_token_response_path`): a text, or an object with its own tokens and expiry. */
  accessTokenPath?: string | undefined
  nowMs: number
}

const BODY_START = 500
const MAX_LIFETIME_S = 100 * 365 * 86_400

/**
 * Success is a 2xx with an access token, whatever the content type says; some answer 201, and some 200 with an `error` (GitHub). Lenient in
 * form (JSON or form-encoded, `expires_in` as text, nulls as absent), strict in substance: a token is a non-empty text.
 */
export function readTokenResponse(answer: TokenAnswer, rules: ReadingRules): TokenOutcome {
  const parsed = readBody(answer.bodyText)
  const good = answer.status >= 200 && answer.status < 300
  if (parsed.fields && good) {
    const tokens = tokensIn(parsed.fields, rules)
    if (tokens) return { ok: true, tokens }
  }
  const retryAfter = readRetryAfter(answer.retryAfter, rules.nowMs)
  return {
    ok: false,
    failure: {
      status: answer.status,
      sent: true,
      bodyKind: parsed.kind,
      ...(parsed.fields ? errorIn(parsed.fields) : { bodyText: answer.bodyText.slice(0, BODY_START) }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  }
}

type Fields = Record<string, unknown>
type Body = { kind: 'json'; fields: Fields } | { kind: 'html' | 'empty' | 'garbage'; fields?: undefined }

/** Form-encoded answers count as `json`: fields of the protocol. */
function readBody(text: string): Body {
  const body = text.trim()
  if (body === '') return { kind: 'empty' }
  if (body.startsWith('<')) return { kind: 'html' }
  try {
    const value: unknown = JSON.parse(body)
    return isFields(value) ? { kind: 'json', fields: value } : { kind: 'garbage' }
  } catch {
    if (!/^[\w.-]+=[^\s<>{}]*(&|$)/.test(body)) return { kind: 'garbage' }
    return { kind: 'json', fields: Object.fromEntries(new URLSearchParams(body)) }
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function tokensIn(raw: Fields, { accessTokenPath, nowMs }: ReadingRules): Tokens | undefined {
  const at = accessTokenPath === undefined ? undefined : valueAt(raw, accessTokenPath)
  // An object at the path has tokens and expiry of its own (Slack's authed_user); a text there only replaces the access token.
  const fields = isFields(at) ? at : raw
  const accessToken = typeof at === 'string' && at !== '' ? at : nonEmpty(fields['access_token'])
  if (accessToken === undefined) return undefined
  const refreshToken = nonEmpty(fields['refresh_token'])
  const expiresAt = expiryIn(fields, nowMs)
  return {
    access_token: accessToken,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    raw,
  }
}

function valueAt(fields: Fields, path: string): unknown {
  let at: unknown = fields
  for (const name of path.split('.')) {
    if (!isFields(at) || !Object.hasOwn(at, name)) return undefined
    at = at[name]
  }
  return at
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** `expires_at` (ISO, or seconds or milliseconds since 1970), else `expires_in` seconds. Zero, negative and absurd values say nothing. */
function expiryIn(fields: Fields, nowMs: number): string | undefined {
  const at = fields['expires_at']
  const instant = numberIn(at)
  // Seconds pass 10^11 in the year 5138; milliseconds passed it in 1973.
  const ms =
    instant === undefined
      ? typeof at === 'string' && /^\d{4}-/.test(at)
        ? Date.parse(at)
        : Number.NaN
      : instant > 1e11
        ? instant
        : instant * 1000
  if (Number.isFinite(ms) && ms > 0 && ms < nowMs + MAX_LIFETIME_S * 1000) return new Date(ms).toISOString()
  const seconds = numberIn(fields['expires_in'])
  if (seconds === undefined || seconds <= 0 || seconds > MAX_LIFETIME_S) return undefined
  return new Date(nowMs + seconds * 1000).toISOString()
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'string' && /^\d{1,16}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined
}

/** RFC 6749 §5.2; some providers put an object into `error`, or only a `message`. */
function errorIn(fields: Fields): { error?: string; error_description?: string } {
  const nested = isFields(fields['error']) ? fields['error'] : undefined
  const error = nested ? (plain(nested['code'], 255) ?? plain(nested['type'], 255)) : plain(fields['error'], 255)
  const description = plain(fields['error_description'], 1000) ?? plain(nested?.['message'], 1000) ?? plain(fields['message'], 1000)
  return { ...(error === undefined ? {} : { error }), ...(description === undefined ? {} : { error_description: description }) }
}

// oxlint-disable-next-line no-control-regex -- line breaks in a foreign text would forge log lines
const CONTROL = /[\u0000-\u001f\u007f]+/g

function plain(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).replaceAll(CONTROL, ' ').slice(0, max)
  return text === '' ? undefined : text
}

/** Seconds, from seconds or a date (RFC 9110 §10.2.3); at most a day. */
export function readRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (text === undefined || text === '') return undefined
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - nowMs) / 1000
  return Number.isFinite(seconds) ? Math.min(86_400, Math.max(0, Math.ceil(seconds))) : undefined
}
