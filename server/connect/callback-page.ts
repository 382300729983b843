/** The page at the end of a sign-in, in the popup or in the customer's tab. */
import type { FastifyReply } from 'fastify'
import type { Failure } from '@hawser/api/errors.ts'
import type { Diagnosis } from '#diagnosis/diagnose.ts'
import { canTryAgain, diagnosisOf } from './failed-sign-in.ts'
import { escapeHtml } from '#lib/escape-html.ts'
import { browserScript, sendPage } from './html.ts'
import type { Attempt } from './settle.ts'

const script = browserScript('examples.js', 'callback.js')

/** The opener's trusted origin. Never `*`: whoever opened the window would hear that, and for whom, a sign-in ended. */
function dataFor(publicUrl: string, attempt: Attempt | undefined, message: unknown) {
  return { targetOrigin: new URL(publicUrl).origin, hostedPage: hostedPage(publicUrl), mode: attempt?.mode ?? 'unknown', message }
}

/** Path of the hosted page, which looks for its result then; with the path of the public address, if it has one. */
function hostedPage(publicUrl: string): string {
  return `${new URL(publicUrl).pathname.replace(/\/$/, '')}/connect-ui/#result`
}

export function sendSuccessPage(reply: FastifyReply, publicUrl: string, attempt: Attempt): FastifyReply {
  return sendPage(reply, {
    status: 200,
    title: 'Connected',
    body: `<main><h1>Connected</h1><p class="good" role="status">The connection is set up.</p>${wayOut(publicUrl, 'You can close this window.')}</main>`,
    script,
    data: dataFor(publicUrl, attempt, { type: 'nango_oauth_callback_success' }),
  })
}

/** Always 400: the person sees a page, and a monitoring tool an error that was the caller's. */
export function sendFailurePage(
  reply: FastifyReply,
  publicUrl: string,
  attempt: Attempt | undefined,
  failure: Failure,
  installUrl?: string,
): FastifyReply {
  const diagnosis = diagnosisOf(failure)
  const { code, title, cause, fix, end_user_text: text } = diagnosis
  const details = `<details><summary>Technical details</summary><p>${escapeHtml(`${title}. ${cause}`)}</p><ol>${fix.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol><p><code>${escapeHtml(code)}</code></p></details>`
  const close = canTryAgain(diagnosis) ? 'You can close this window and start again.' : 'You can close this window.'
  return sendPage(reply, {
    status: 400,
    title: 'Not connected',
    body: `<main><h1>The connection was not made</h1><p class="bad" role="status">${escapeHtml(text)}</p>${helpFor(diagnosis, installUrl)}${wayOut(publicUrl, close)}${details}</main>`,
    script,
    // The stock browser client knows this one errorType.
    data: dataFor(publicUrl, attempt, {
      type: 'nango_oauth_callback_error',
      payload: { message: text, errorType: 'connection_validation_failed' },
    }),
  })
}

/** Whom to ask, and where the app is installed; `web/connect/diagnosis.tsx` says the same on the hosted page. */
function helpFor({ actor }: Diagnosis, installUrl: string | undefined): string {
  const ask =
    actor === 'customer_admin' ? '<p>Ask your Salesforce administrator. The technical details below are written for them.</p>' : ''
  if (installUrl?.startsWith('https://') !== true) return ask
  const link = `<a class="button" href="${escapeHtml(installUrl)}" target="_blank" rel="noopener noreferrer">Install the app in Salesforce</a>`
  return `${ask}<p>${link}</p>`
}

/** The script shows the one that fits: only the browser knows whether the hosted page waits in this tab. */
function wayOut(publicUrl: string, close: string): string {
  return `<p id="close">${close}</p><p id="back" hidden><a class="button" href="${escapeHtml(hostedPage(publicUrl))}">Continue</a></p>`
}
