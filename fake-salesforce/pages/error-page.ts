import type { State } from '../state.ts'
import { escapeHtml, page } from './layout.ts'

/** The page for an error that may not be sent to a callback, because the callback itself is not trusted. */
export function oauthErrorPage(state: State, error: string, description: string): string {
  const line = `error=${error}&error_description=${encodeURIComponent(description)}`
  // Unescaped on purpose: both values come from the error table, and people look for this exact text.
  return page(state.banner, 'OAuth Error', `<p>We can't authorize you because of an OAuth error.</p><p><code>${line}</code></p>`)
}

/** The page under `/setup/secur/RemoteAccessErrorPage.apexp`; `code` is what stands on the screen. */
export function remoteAccessErrorPage(state: State, code: string, description: string): string {
  return page(state.banner, 'Access was not granted', `<p><code>${escapeHtml(code)}</code></p><p>${escapeHtml(description)}</p>`)
}

export function plainPage(state: State, title: string, sentence: string): string {
  return page(state.banner, title, `<p>${escapeHtml(sentence)}</p>`)
}
