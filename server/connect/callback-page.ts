/** The page at the end of a sign-in, in the popup or in the customer's tab. */
import type { FastifyReply } from 'fastify'
import type { Failure } from '@hawser/api/errors.ts'
import { browserFile, escapeHtml, sendPage } from './html.ts'
import { diagnosisOf, type Attempt } from './settle.ts'

const script = browserFile('callback.js')

/** The opener's trusted origin. Never `*`: whoever opened the window would hear that, and for whom, a sign-in ended. */
function dataFor(publicUrl: string, attempt: Attempt | undefined, message: unknown) {
  return { targetOrigin: new URL(publicUrl).origin, mode: attempt?.mode ?? 'popup', message }
}

export function sendSuccessPage(reply: FastifyReply, publicUrl: string, attempt: Attempt): FastifyReply {
  return sendPage(reply, {
    status: 200,
    title: 'Connected',
    body: `<main><h1>Connected</h1><p role="status">The connection is set up. You can close this window.</p>${wayBack(attempt)}</main>`,
    script,
    data: dataFor(publicUrl, attempt, { type: 'nango_oauth_callback_success' }),
  })
}

/** Always 400: the person sees a page, and a monitoring tool an error that was the caller's. */
export function sendFailurePage(reply: FastifyReply, publicUrl: string, attempt: Attempt | undefined, failure: Failure): FastifyReply {
  const diagnosis = diagnosisOf(failure)
  const text = diagnosis?.end_user_text ?? failure.message
  const details = diagnosis
    ? `<details><summary>For your administrator</summary><p>${escapeHtml(diagnosis.title)}. ${escapeHtml(diagnosis.cause)}</p><p>${escapeHtml(diagnosis.fix)}</p><p><code>${escapeHtml(diagnosis.id)}</code></p></details>`
    : `<p><code>${escapeHtml(failure.code)}</code></p>`
  return sendPage(reply, {
    status: 400,
    title: 'Not connected',
    body: `<main><h1>The connection was not made</h1><p role="alert">${escapeHtml(text)}</p>${details}${wayBack(attempt)}</main>`,
    script,
    // The stock browser client knows this one errorType.
    data: dataFor(publicUrl, attempt, {
      type: 'nango_oauth_callback_error',
      payload: { message: text, errorType: 'connection_validation_failed' },
    }),
  })
}

function wayBack(attempt: Attempt | undefined): string {
  return attempt?.mode === 'page' ? '<p><a class="button" href="/connect-ui/">Continue</a></p>' : ''
}
