/** Keeps credentials out of logs: by the name of a field, by the name of a URL's parameter, and by the form of a known token in any text. */

export const REDACTED = '[redacted]'

const SECRET_NAME =
  /^(code|state|sid|pass|cookie|set-cookie|authorization|proxy-authorization|x-sfdc-session)$|token|secret|password|passwd|verifier|assertion|credential|signature|hmac|api[-_]?key|private[-_]?key|session[-_]?id/i
/** Named like secrets, but about them. */
const HARMLESS_NAME =
  /^(provider_config_key|token_url|token_endpoint|token_type|credentials_unavailable|retry_code|status_?code|error_?code)$|(_ms|_at|count|version|expires|expiry)$/i

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS_NAME.test(name)
}

/** The URL, absolute or not, with the values of sensitive parameters, the fragment and any user info replaced. Never throws. */
export function redactUrl(url: string): string {
  const [beforeFragment, fragment] = cut(url, '#')
  const [place, query] = cut(beforeFragment, '?')
  const safePlace = place.replace(
    /^([a-z][a-z0-9+.-]*:)?([/\\]{2})[^/\\]*@/i,
    (_all, scheme: string | undefined, slashes: string) => `${scheme ?? ''}${slashes}${REDACTED}@`,
  )
  const safeQuery = query === undefined ? '' : `?${redactQuery(query)}`
  return redactText(safePlace) + safeQuery + (fragment === undefined ? '' : `#${REDACTED}`)
}

function cut(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function redactQuery(query: string): string {
  // `;` separates too, for some servers.
  return query.replace(/[^&;]+/g, (pair) => {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    if (equals < 0) return redactText(pair)
    return isSecretParameter(name) ? `${name}=${REDACTED}` : `${name}=${redactText(pair.slice(equals + 1))}`
  })
}

/** Each part of `credentials[oauth_client_secret_override]` by itself, and encoded twice as well as once. */
function isSecretParameter(name: string): boolean {
  const decoded = decode(decode(name.replaceAll('+', ' ')))
  return decoded.split(/[[\]. ]+/).some((part) => isSecretName(part))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// The form of each kind of secret. None of the classes holds `"` or `\`, so that a replaced part leaves JSON valid.
const SECRET_FORMS: [RegExp, string][] = [
  [/\b(Bearer|Basic) +[A-Za-z0-9!._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // "OAuth settings" is prose; a token after it holds a digit, `!` or `=`.
  [/\b(OAuth) +(?=\S*[0-9!=])[A-Za-z0-9!._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // Salesforce: the organisation's id, then the session.
  [/\b00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?(?:!|%21)[A-Za-z0-9._%-]+/g, REDACTED],
  [/\b5Aep[A-Za-z0-9._%-]{20,}/g, REDACTED],
  [/\bhws_[a-z0-9_]{1,255}_[A-Za-z0-9]{43}\b/g, REDACTED],
  [/\bhct_[A-Za-z0-9]{20,}/g, REDACTED],
  [/\bnango_connect_session_[0-9a-f]{8,}/gi, REDACTED],
  [/\bwhsec_[A-Za-z0-9+/=]{8,}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, REDACTED],
  [/\b((?:[a-z]+_)*(?:token|secret|password|code_verifier|assertion)(?:%5D|\])?)=[^&\s"'\\<>]+/gi, `$1=${REDACTED}`],
  [/\b(code|state)=[^&\s"'\\<>]{8,}/gi, `$1=${REDACTED}`],
  [/(\bpostgres(?:ql)?:\/\/[^:@/\s"\\]*):[^@\s"\\]+@/gi, `$1:${REDACTED}@`],
]

/** Replaces what has the form of a credential. */
export function redactText(text: string): string {
  let clean = text
  for (const [form, replacement] of SECRET_FORMS) clean = clean.replace(form, replacement)
  return clean
}

/** `code` and `state` hold an error's code and a row's state as often as an authorization code and an OAuth state, which do not look like words. */
const AMBIGUOUS_NAME = /^(code|state)$/i
const WORD = /^([a-z]+(_[a-z0-9]+)*|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[0-9A-Z]{5}|E[A-Z]+)$/

function holdsSecret(name: string, field: unknown): boolean {
  if (!isSecretName(name) || field === null || field === undefined || typeof field === 'boolean') return false
  if (!AMBIGUOUS_NAME.test(name)) return true
  return typeof field === 'string' && !(field.length <= 40 && WORD.test(field))
}

const MAX_DEPTH = 6
const URL_NAME = /^(url|href|uri|location|referer|referrer)$/i

/** A copy without the values of fields that are named like secrets. Errors and other instances of classes stay as they are. */
export function redactFields(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return depth >= MAX_DEPTH ? '[deep]' : value.map((item) => redactFields(item, depth + 1))
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  if (depth >= MAX_DEPTH) return '[deep]'
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    if (holdsSecret(name, field)) copy[name] = REDACTED
    else if (typeof field === 'string' && URL_NAME.test(name)) copy[name] = redactUrl(field)
    else copy[name] = redactFields(field, depth + 1)
  }
  return copy
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
