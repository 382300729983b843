/** Which URL a call goes to. The origin is ours to choose; of the caller's text only path and query are used, byte for byte. */
import { fail } from '@hawser/api/errors.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { ApiBase } from './api-base.ts'
import { baseOf } from './api-base.ts'

/** `path` with its query; begins with exactly one slash. */
export interface Target {
  origin: string
  path: string
}

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i

/**
 * Path and query behind `prefix`, as they came. `rawUrl` is the request target; its absolute form (RFC 9112 §3.2.2) is accepted, its host ignored.
 * @throws Failure invalid_request
 */
export function endpointOf(rawUrl: string, prefix: string): string {
  const url = rawUrl.startsWith('/') ? rawUrl : rawUrl.replace(ABSOLUTE_FORM, '')
  // The router also finds percent-encoded spellings of the prefix; cutting those would be guessing.
  if (!url.startsWith(prefix)) throw fail('invalid_request', { message: `The path must begin with ${prefix || '/'}.` })
  const endpoint = url.slice(prefix.length)
  if (endpoint !== '' && endpoint[0] !== '/' && endpoint[0] !== '?')
    throw fail('invalid_request', { message: `The path must begin with ${prefix}/.` })
  // A fragment never belongs in a request (RFC 9112 §3.2); what a server behind us makes of one is anybody's guess.
  if (endpoint.includes('#')) throw fail('invalid_request', { message: 'The path may not contain `#`; write %23.' })
  return endpoint
}

/**
 * Joins base and endpoint without parsing or decoding either, so that `..`, `\`, `@`, and encoded forms stay text within the path: whatever the
 * caller writes, it follows a fixed origin. Leading slashes collapse: the sf CLI sends `//services/data` when its instance URL ends in a slash.
 * @throws Failure base_url_override_not_allowed
 */
export function targetOf(base: ApiBase, endpoint: string): Target {
  let start = 0
  while (endpoint[start] === '/') start++
  const rest = endpoint.slice(start)
  if (/^https?:\//i.test(rest)) return { origin: base.origin, path: pathOfAbsolute(base, rest) }
  if (rest === '' || rest[0] === '?') return { origin: base.origin, path: (base.path || '/') + rest }
  return { origin: base.origin, path: `${base.path}/${rest}` }
}

/** Clients pass links from earlier answers (`nextPageUrl`) back as endpoints. They may do so as far as those lie within the base. */
function pathOfAbsolute(base: ApiBase, endpoint: string): string {
  // A load balancer in between may have merged the two slashes.
  const absolute = endpoint.replace(/^(https?):\/+/i, '$1://')
  const path = absolute.slice(base.origin.length)
  const sameOrigin =
    absolute.slice(0, base.origin.length).toLowerCase() === base.origin && (path === '' || path[0] === '/' || path[0] === '?')
  const next = path[base.path.length]
  if (!sameOrigin || !path.startsWith(base.path) || (base.path !== '' && next !== undefined && next !== '/' && next !== '?')) {
    throw fail('base_url_override_not_allowed', {
      message: `An absolute endpoint must begin with the base URL of the connection, ${base.origin}${base.path}. Use \`Base-Url-Override\` for other hosts.`,
    })
  }
  return path === '' ? '/' : path[0] === '?' ? `/${path}` : path
}

/**
 * The base that `Base-Url-Override` asks for. The connection's credentials will go there, so its host must be on the integration's list:
 * `host` stands for https on 443, `host:port` for exactly that port.
 * @throws Failure base_url_override_disabled, base_url_override_not_allowed
 */
export function overrideBase(integration: StoredIntegration, override: string): ApiBase {
  if (integration.baseUrlOverrideHosts.length === 0) throw fail('base_url_override_disabled')
  const url = new URL(override)
  const usual = url.protocol === 'https:' && url.port === ''
  const host = usual ? url.hostname : `${url.hostname}:${url.port || '80'}`
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!plain || !integration.baseUrlOverrideHosts.includes(host)) throw fail('base_url_override_not_allowed')
  return baseOf(url)
}
