const TOKEN = 'hawser-connect-session'
const TYPED = 'hawser-connect-form'
const LEFT = 'hawser-connect-left'
const remembered = new Map()
const query = new URLSearchParams(location.search)

/** `token`: the connect session's. `backWithResult`: this page was opened by the one at the end of a sign-in. */
export const session = {
  embedded: window.parent !== window,
  token: query.get('session_token'),
  backWithResult: location.hash === '#result',
}
const theme = query.get('theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
document.documentElement.classList.add(session.embedded ? 'embedded' : 'standalone')
// The token leaves the address bar (history, screenshots); a reload finds it in this tab's storage.
if (session.token || session.backWithResult) history.replaceState(null, '', location.pathname)
if (!session.embedded) session.token = kept(TOKEN, session.token)

/** What was typed into the form of an integration, so that the next try need not begin at nothing. Never the secret fields. */
export function typedFor(key) {
  const typed = JSON.parse(kept(TYPED) || '{}')
  return typed.key === key && typed.token === session.token ? typed.values : {}
}

export function keepTyped(key, values) {
  kept(TYPED, JSON.stringify({ key, values, token: session.token }))
}

/** That the person has gone to the provider for an integration. */
export function noteLeft(key) {
  kept(LEFT, session.token + ' ' + key)
}

export function hasLeft(key) {
  return kept(LEFT) === session.token + ' ' + key
}

// A browser may forbid storage, and an iframe's is not this page's alone: then it remembers while it is open.
function kept(name, value) {
  if (value) remembered.set(name, value)
  try {
    if (value && !session.embedded) sessionStorage.setItem(name, value)
    return remembered.get(name) || (session.embedded ? null : sessionStorage.getItem(name))
  } catch {
    return remembered.get(name)
  }
}

/** The `data` of the answer. Throws an error whose `code` is the server's, or `unreachable`. */
export async function api(path, body) {
  const headers = { authorization: 'Bearer ' + session.token }
  if (body) headers['content-type'] = 'application/json'
  try {
    const answer = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(20_000),
    })
    const content = await answer.json()
    if (answer.ok) return content.data
    throw Object.assign(new Error('refused'), { code: (content.error && content.error.code) || 'unreachable' })
  } catch (error) {
    throw Object.assign(error, { code: error.code || 'unreachable' })
  }
}
