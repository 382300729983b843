/** How the page was opened: the parameters of its address. The session's token leaves the address bar (history, screenshots) at once. */
import { kept, keep } from './tab-memory.ts'

export type View = 'customer' | 'admin'

export interface OpenedWith {
  token: string | undefined
  /** In an iframe of the customer's product. */
  embedded: boolean
  theme: 'light' | 'dark' | 'system' | undefined
  lang: string | undefined
  /** The dashboard shows how the page will look; nothing is connected. */
  preview: boolean
  detectClosedAuthWindow: boolean
  /** `admin`: by the link that somebody handed to the administrator. */
  view: View
  /** The integration to begin with. */
  integration: string | undefined
  /** Code of what the administrator is to end. */
  diagnosis: string | undefined
  /** By the page at the end of a sign-in. */
  backWithResult: boolean
}

const TOKEN = 'session_token'
const QUERY = 'query'

export function readOpening(): OpenedWith {
  const embedded = window.parent !== window
  const query = new URLSearchParams(location.search)
  const given = query.get(TOKEN) ?? undefined
  const backWithResult = location.hash === '#result'
  query.delete(TOKEN)
  const rest = query.toString()
  if (given !== undefined || backWithResult) history.replaceState(null, '', location.pathname + (rest && `?${rest}`))
  // A reload, and the way back from a sign-in, find the rest in this tab's memory.
  if (!embedded && given !== undefined) {
    keep('session', given)
    keep(QUERY, rest)
  }
  const back = !embedded && given === undefined && rest === '' ? new URLSearchParams(kept(QUERY) ?? '') : query
  const theme = back.get('theme')
  return {
    token: given ?? (embedded ? undefined : kept('session')),
    embedded,
    theme: theme === 'light' || theme === 'dark' || theme === 'system' ? theme : undefined,
    lang: back.get('lang') ?? undefined,
    preview: back.get('preview') === 'true',
    detectClosedAuthWindow: back.get('detectClosedAuthWindow') === 'true',
    view: back.get('view') === 'admin' ? 'admin' : 'customer',
    integration: back.get('integration') ?? undefined,
    diagnosis: back.get('diagnosis') ?? undefined,
    backWithResult,
  }
}
