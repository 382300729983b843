/** Calls that carry a cookie: they must come from a page of ours, since browsers send cookies whoever asked for the call (CSRF). */
import type { FastifyRequest } from 'fastify'
import { fail } from '@hawser/api/errors.ts'

const ON_HTTP = 'hawser_session'
const ON_HTTPS = `__Host-${ON_HTTP}`
const IN_HEADER = { [ON_HTTP]: inHeader(ON_HTTP), [ON_HTTPS]: inHeader(ON_HTTPS) }

function inHeader(name: string): RegExp {
  return new RegExp(`(?:^|;)[ \\t]*${name}=([^;]*)`)
}

/** The prefix keeps other hosts of the same domain from setting it (RFC 6265bis §4.1.3.2): they could sign a visitor in as somebody else. `origin`: ours. */
export function sessionCookieName(origin: string): typeof ON_HTTP | typeof ON_HTTPS {
  return origin.startsWith('https:') ? ON_HTTPS : ON_HTTP
}

/** The first of that name: the one with the longest path. */
export function sessionCookieOf(header: string | undefined, origin: string): string | undefined {
  return header === undefined ? undefined : IN_HEADER[sessionCookieName(origin)]!.exec(header)?.[1]
}

export function isSessionCookie(pair: string): boolean {
  return pair.startsWith(`${ON_HTTP}=`) || pair.startsWith(`${ON_HTTPS}=`)
}

/**
 * Three things, each of which would do: `SameSite=Lax` on the cookie; where the call comes from, as the browser says it (`Sec-Fetch-Site`, W3C Fetch
 * Metadata; `Origin` from those that do not know it); and a header that no form can send, and no foreign page without a preflight, which nobody answers.
 * A person who follows a link from elsewhere sees nothing: no answer of the API is for her eyes. Returns the environment that the header names, or ''.
 * Throws `foreign_page`.
 */
export function requireOwnPage({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>, origin: string | undefined): string {
  const safe = method === 'GET' || method === 'HEAD'
  const site = headers['sec-fetch-site']
  const own = site === undefined ? headers.origin === origin || (safe && headers.origin === undefined) : site === 'same-origin'
  if (!own && !(safe && site === 'none')) throw fail('foreign_page')
  const environment = headers['hawser-environment']
  if (environment === undefined && !safe) throw fail('foreign_page')
  return typeof environment === 'string' ? environment : ''
}
