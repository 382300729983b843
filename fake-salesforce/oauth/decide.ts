import { oauthErrors } from '../error-table.ts'
import { formOf, type Incoming } from '../incoming.ts'
import { userByName } from '../orgs/add-user.ts'
import { plainPage } from '../pages/error-page.ts'
import { html, redirect, type Reply } from '../reply.ts'
import type { PendingConsent, State } from '../state.ts'
import { callbackUrl } from './callback-url.ts'

const CODE_LIVES_MS = 15 * 60_000

/** Sends the browser back with a code, or with `access_denied`. */
export function decide(state: State, pending: PendingConsent, username: string, decision: 'allow' | 'deny'): Reply {
  if (decision === 'deny') {
    const { error, description } = oauthErrors.denied
    return redirect(callbackUrl(pending, { error, error_description: description }))
  }
  // Ends with `==` as real codes do, so that a client that encodes twice or not at all is found out.
  const value = `aPrx${state.random(52).toString('base64url').slice(0, 66)}==`
  state.codes.set(value, {
    value,
    app: pending.app,
    consumer: pending.consumer,
    username,
    orgKey: userByName(state, username).orgKey,
    redirectUri: pending.redirectUri,
    scope: pending.scope,
    challenge: pending.challenge,
    nonce: pending.nonce,
    expiresAt: state.clock.now() + CODE_LIVES_MS,
    used: false,
  })
  return redirect(callbackUrl(pending, { code: value }))
}

/** The form of the consent page. A ticket works once, so nobody can press Allow for somebody else. */
export function submitDecision(state: State, incoming: Incoming): Reply {
  const form = formOf(incoming)
  const pending = state.pending.get(form.get('ticket') ?? '')
  const decision = form.get('decision')
  const username = form.get('user') ?? pending?.candidates[0] ?? ''
  const valid =
    pending !== undefined && pending.expiresAt > state.clock.now() && pending.candidates.includes(username) && state.users.has(username)
  if (incoming.method !== 'POST' || !valid || (decision !== 'allow' && decision !== 'deny')) {
    return html(400, plainPage(state, 'This page has expired', 'Start the connection again from the product you came from.'))
  }
  state.pending.delete(pending.ticket)
  return decide(state, pending, username, decision)
}
