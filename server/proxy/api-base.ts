/** Where a connection's API lies: the catalogue's template filled with the connection's configuration. */
import { fail } from '@hawser/api/errors.ts'
import type { LiveConnection } from '#connections/connection.ts'
import { resolveUrl } from '#providers/templates.ts'

/** `path` is empty or begins with a slash, and never ends in one. */
export interface ApiBase {
  origin: string
  path: string
}

// A cached connection is one object until it changes, so a warm call parses no URL.
const known = new WeakMap<LiveConnection, ApiBase>()

/** The host was held against the provider's definition by `resolveUrl`. @throws Failure missing_api_url */
export function apiBase(live: LiveConnection): ApiBase {
  return known.get(live) ?? resolveBase(live)
}

function resolveBase(live: LiveConnection): ApiBase {
  const template = live.provider.proxy?.base_url
  if (template === undefined)
    throw fail('missing_api_url', { message: `The provider ${live.provider.name} has no API base URL in the catalogue.` })
  const resolved = resolveUrl(live.provider, template, { connectionConfig: live.connection.connectionConfig })
  if (!resolved.ok)
    throw fail('missing_api_url', { message: `The API base URL of this connection cannot be made: ${resolved.reason}. Reconnect it.` })
  const base = baseOf(resolved.url)
  known.set(live, base)
  return base
}

export function baseOf(url: URL): ApiBase {
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') }
}
