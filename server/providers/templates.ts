/**
 * Fills the catalogue's templates. In a URL a value can only ever be text of the component it stands in: percent-encoded in path and query,
 * plain host labels in the host. So a field such as `subdomain` cannot lead tokens or a client's secret to another host
 * (`evil.example/`, `a@b`, `#`, `\`, IDN and encoded forms), and there is no second, more lenient attempt when the result is not a URL.
 */
import { parseTemplate, type Part } from './template-parts.ts'
import { mayReceiveTokens } from './token-hosts.ts'
import type { Provider } from './schema.ts'

/** Objects that placeholders read from, e.g. `{ connectionConfig }` for `${connectionConfig.hostname}`; `${accessToken}` is a plain text. */
export type TemplateValues = Record<string, unknown>

/** `reason` names fields and never repeats their values. */
export type ResolvedUrl = { ok: true; url: URL } | { ok: false; reason: string }

const MAX_VALUE = 2000
const HOST_VALUE = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i
const ORIGIN_VALUE = /^(https?):\/\/([a-z0-9.-]+)(:\d{1,5})?\/?$/i

/**
 * Resolves a URL of the entry's own template (token_url, proxy.base_url, …) and holds its host against the hosts that may receive tokens.
 * Uses the first alternative whose placeholders all have a value.
 */
export function resolveUrl(provider: Provider, template: string, values: TemplateValues): ResolvedUrl {
  const alternatives = parseTemplate(template)
  const missing: string[] = []
  for (const parts of alternatives) {
    const lacking = parts.flatMap((part) =>
      'placeholder' in part && valueOf(values, part.placeholder) === undefined ? [part.placeholder] : [],
    )
    if (lacking.length === 0) return fillUrl(provider, parts, values)
    missing.push(...lacking)
  }
  return { ok: false, reason: `A value is missing: ${[...new Set(missing)].join(', ')}` }
}

/** For headers and parameters; undefined when a placeholder has no value or one with control characters (header injection). */
export function resolveText(template: string, values: TemplateValues): string | undefined {
  for (const parts of parseTemplate(template)) {
    const texts = parts.map((part) => ('literal' in part ? part.literal : valueOf(values, part.placeholder)))
    if (texts.every((text) => text !== undefined)) return texts.join('')
  }
  return undefined
}

function valueOf(values: TemplateValues, placeholder: string): string | undefined {
  let at: unknown = values
  for (const name of placeholder.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  if (typeof at !== 'string' && typeof at !== 'number' && typeof at !== 'boolean') return undefined
  const text = String(at)
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text === '' || text.length > MAX_VALUE || /[\u0000-\u001f\u007f]/.test(text) ? undefined : text
}

function fillUrl(provider: Provider, parts: readonly Part[], values: TemplateValues): ResolvedUrl {
  const [first, ...rest] = parts
  if (first === undefined) return { ok: false, reason: 'The template is empty' }
  const origin = 'placeholder' in first ? originOfValue(first.placeholder, rest, values) : originOfParts(parts, values)
  if (!origin.ok) return origin
  const tail = fillTail(origin.tail, values)
  if (!tail.ok) return tail
  const text = origin.origin + tail.text
  // `http:///&` has no host, and `new URL` takes `&` for it.
  if (!URL.canParse(origin.origin) || !URL.canParse(text)) return { ok: false, reason: 'The values do not make a URL' }
  const url = new URL(text)
  if (url.origin !== new URL(origin.origin).origin) return { ok: false, reason: 'The values lead to another host' }
  if (!mayReceiveTokens(provider, url, origin.fixedSuffix)) return { ok: false, reason: hostReason(parts) }
  return { ok: true, url }
}

type Origin = { ok: true; origin: string; tail: Part[]; fixedSuffix: string | undefined } | { ok: false; reason: string }

/** `${connectionConfig.instance_url}/x`: the value is an origin of its own, so only the provider's list of hosts can vouch for it. */
function originOfValue(placeholder: string, tail: Part[], values: TemplateValues): Origin {
  const match = ORIGIN_VALUE.exec(valueOf(values, placeholder) ?? '')
  if (!match) return { ok: false, reason: `${placeholder} is not an address such as https://host.example` }
  const [, scheme = '', host = '', port = ''] = match
  if (!HOST_VALUE.test(host)) return { ok: false, reason: `${placeholder} is not an address such as https://host.example` }
  return { ok: true, origin: `${scheme}://${host}${port}`.toLowerCase(), tail, fixedSuffix: undefined }
}

function originOfParts(parts: readonly Part[], values: TemplateValues): Origin {
  const [first, ...others] = parts
  const scheme = first !== undefined && 'literal' in first ? /^https?:\/\//.exec(first.literal)?.[0] : undefined
  if (scheme === undefined || first === undefined || !('literal' in first))
    return { ok: false, reason: 'The template does not begin with https://' }
  const queue: Part[] = [{ literal: first.literal.slice(scheme.length) }, ...others]
  const host: string[] = []
  let afterValue: string | undefined
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    if ('placeholder' in part) {
      const value = valueOf(values, part.placeholder) ?? ''
      if (!HOST_VALUE.test(value)) return { ok: false, reason: `${part.placeholder} is not a part of a host name` }
      host.push(value)
      afterValue = ''
      continue
    }
    const end = part.literal.search(/[/?#]/)
    const inHost = end === -1 ? part.literal : part.literal.slice(0, end)
    host.push(inHost)
    if (afterValue !== undefined) afterValue += inHost
    if (end !== -1) {
      queue.unshift({ literal: part.literal.slice(end) })
      break
    }
  }
  const fixedSuffix = afterValue === undefined ? host.join('') : suffixOf(afterValue)
  return { ok: true, origin: `${scheme}${host.join('')}`.toLowerCase(), tail: queue, fixedSuffix }
}

/** From its first dot on, and of at least two labels: `zendesk.com` after a value could become `evilzendesk.com`, and `.com` fixes nothing. */
function suffixOf(literal: string): string | undefined {
  const suffix = literal.slice(literal.indexOf('.'))
  return literal.includes('.') && /^(\.[a-z0-9-]+){2,}(:\d+)?$/.test(suffix) ? suffix : undefined
}

type Tail = { ok: true; text: string } | { ok: false; reason: string }

function fillTail(parts: readonly Part[], values: TemplateValues): Tail {
  let text = ''
  for (const part of parts) {
    if ('literal' in part) {
      text += part.literal
      continue
    }
    const value = valueOf(values, part.placeholder) ?? ''
    // `encodeURIComponent` leaves dots, and a path segment of dots climbs. Lone surrogates make it throw.
    if (/^\.+$/.test(value) || !value.isWellFormed()) return { ok: false, reason: `${part.placeholder} cannot be part of a URL` }
    text += encodeURIComponent(value)
  }
  return { ok: true, text }
}

function hostReason(parts: readonly Part[]): string {
  const names = parts.flatMap((part) => ('placeholder' in part ? [part.placeholder] : []))
  return names.length > 0 ? `${names.join(', ')}: that is not a host this provider allows` : 'That is not a host this provider allows'
}
