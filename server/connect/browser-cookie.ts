/**
 * Binds a sign-in to the browser that began it. Without it an attacker could begin one, stop before the callback and have a victim's browser finish
 * it: the victim's account in the attacker's session, or the reverse (login CSRF, RFC 6749 §10.12).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashOf } from './pending-oauth.ts'

const FORM = /^[A-Za-z0-9_-]{43}$/
/** Longer than a sign-in may take. */
const SECONDS = 3600

/** On https the `__Host-` prefix keeps other subdomains from planting a value of theirs. */
function nameFor(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-hawser_browser' : 'hawser_browser'
}

function valueIn(request: FastifyRequest, publicUrl: string): string | undefined {
  const wanted = `${nameFor(publicUrl)}=`
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const value = pairs.find((pair) => pair.startsWith(wanted))?.slice(wanted.length)
  return value !== undefined && FORM.test(value) ? value : undefined
}

/** One random value per browser, kept when there is one: two tabs may be signing in at once. Returns its hash. */
export function bindBrowser(request: FastifyRequest, reply: FastifyReply, publicUrl: string): Buffer {
  const value = valueIn(request, publicUrl) ?? randomBytes(32).toString('base64url')
  // Lax: the provider's redirect back is a top-level navigation from another site.
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  void reply.header('set-cookie', `${nameFor(publicUrl)}=${value}; Path=/; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax${secure}`)
  return hashOf(value)
}

export function isSameBrowser(request: FastifyRequest, publicUrl: string, browserHash: Buffer): boolean {
  const value = valueIn(request, publicUrl)
  return value !== undefined && timingSafeEqual(hashOf(value), browserHash)
}
