import type { PendingConsent, State } from '../state.ts'
import { escapeHtml, page } from './layout.ts'

export const CONSENT_PATH = '/setup/secur/RemoteAccessAuthorizationPage.apexp'

const SCOPE_WORDS: Record<string, string> = {
  api: 'read and change records through the API',
  refresh_token: 'stay connected while you are away',
  offline_access: 'stay connected while you are away',
  id: 'see who you are',
  openid: 'see who you are',
  profile: 'see your name',
  email: 'see your e-mail address',
  full: 'everything that you may do',
  web: 'use the web pages as you',
}

/** The question whether an app may act for a user. */
export function consentPage(state: State, pending: PendingConsent): string {
  const scopes = [...new Set(pending.scope.map((scope) => SCOPE_WORDS[scope] ?? scope))]
  const options = pending.candidates.map((username) => `<option>${escapeHtml(username)}</option>`).join('')
  const who =
    pending.candidates.length === 1
      ? `<p>You are signed in as <strong>${escapeHtml(pending.candidates[0] ?? '')}</strong>.</p>`
      : `<label for="user">Continue as</label><select id="user" name="user">${options}</select>`
  return page(
    state.banner,
    `Allow ${pending.app.label} to connect?`,
    `<form method="post" action="${CONSENT_PATH}">
<input type="hidden" name="ticket" value="${escapeHtml(pending.ticket)}">
<p><strong>${escapeHtml(pending.app.label)}</strong> asks to:</p>
<ul>${scopes.map((words) => `<li>${escapeHtml(words)}</li>`).join('')}</ul>
${who}
<div class="actions"><button class="allow" name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></div>
<p class="note">Nothing here is real: no password is asked, no real data is touched.</p>
</form>`,
  )
}
