/** The way back of a sign-in without a window: an address that the session's backend named. */
import type { FastifyReply } from 'fastify'
import { fail, type Failure } from '@hawser/api/errors.ts'
import { escapeHtml } from '#lib/escape-html.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { sendPage } from './html.ts'
import type { StoredSession } from './session.ts'
import type { Attempt } from './settle.ts'
import { findSession } from './store.ts'

/** Lies among the overrides, which are kept by integration key; no key can contain a `$`. */
const NAME = '$return_url'

/** To be merged into a session's overrides. */
export function returnUrlKept(url: string | undefined): Record<string, unknown> {
  return url === undefined ? {} : { [NAME]: url }
}

export function returnUrlOf({ overrides }: StoredSession): string | undefined {
  const url = overrides[NAME]
  return typeof url === 'string' ? url : undefined
}

export function requireReturnUrl(session: StoredSession): void {
  if (returnUrlOf(session) === undefined) throw fail('url_param_err', { message: 'The connect session was created without a return_url.' })
}

/**
 * Sends the person back, in `redirect` mode; undefined: show a page. The mark in the address only says that somebody comes back, since anybody can
 * write it; what happened is read from the session.
 */
export async function sendBack(
  deps: ConnectDeps,
  reply: FastifyReply,
  attempt: Attempt,
  failure?: Failure,
): Promise<FastifyReply | undefined> {
  // Another browser than the one that left: whoever sits there knows nothing of the product, and may have been lured.
  if (attempt.mode !== 'redirect' || failure?.code === 'state_cookie_err') return undefined
  // The person still gets a page when the database is away.
  const session = await findSession(deps.kit.db.kysely, attempt.sessionId).catch(() => undefined)
  const target = session && returnUrlOf(session)
  if (target === undefined) return undefined
  const url = new URL(target)
  url.searchParams.set('hawser_result', failure ? 'error' : 'success')
  // Not a redirect: by the provider's policy (`form-action`) a browser follows redirects after its form only to the address of ours that it knows.
  return sendPage(reply, {
    status: 200,
    title: 'One moment',
    body: `<main><h1>One moment</h1><p>You are being sent back.</p><p><a class="button" href="${escapeHtml(url.href)}">Continue</a></p></main>`,
    script: `location.replace(JSON.parse(document.getElementById('data').textContent).url)`,
    data: { url: url.href },
  })
}
