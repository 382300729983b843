/** Signing in without a second window: this page leaves for the provider, and the person comes back to the session's `return_url`. */
import { outcomeOf, readSession, type Place, type SessionResult } from './call-server.ts'
import { connectUrl } from './connect-url.ts'
import { HawserError } from './hawser-error.ts'
import type { Connected, ConnectOptions } from './types.ts'

const NOTE = 'hawser-redirect'
/** The server adds it to the `return_url`; its value says how the sign-in ended, but only the session is believed. */
const MARK = 'hawser_result'

export interface RedirectOptions extends Omit<ConnectOptions, 'detectClosedAuthWindow' | 'timeoutMs'> {
  /**
   * Where the person should come back to. Your backend decides that, as the session's `return_url`; otherwise a forged page could lead people
   * anywhere. Given here it is compared, so that a mistake is seen before anybody leaves.
   */
  returnTo?: string
}

interface Note {
  host: string
  integration: string
  token: string
  old: SessionResult | null
}

/** Leaves this page; the promise settles only if it cannot. */
export async function leaveForProvider(place: Place, integration: string, token: string, options: RedirectOptions): Promise<never> {
  const { browser, host } = place
  const { returnTo, ...rest } = options
  const session = await readSession(place, token, options.signal).catch((error: unknown) => {
    throw options.signal?.aborted ? options.signal.reason : error
  })
  if (session.return_url === undefined)
    throw new HawserError('return_url_missing', 'Let your backend give `return_url` when it creates the connect session.')
  if (returnTo !== undefined && new URL(returnTo, browser.location.href).href !== new URL(session.return_url).href)
    throw new HawserError('return_url_not_allowed', `The session’s return_url is ${session.return_url}.`)
  if (session.allowed_integrations && !session.allowed_integrations.includes(integration))
    throw new HawserError('integration_not_allowed', 'This connect session is for other integrations.')
  const note: Note = { host, integration, token, old: session.result ?? null }
  browser.sessionStorage.setItem(NOTE, JSON.stringify(note))
  browser.location.assign(connectUrl(host, integration, token, { ...rest, mode: 'redirect' }))
  // The page is being left; a caller that went on would show the wrong thing for a moment.
  return new Promise<never>(() => {})
}

/** undefined: nobody left from this tab for this server, or came back without having finished. Throws how it failed. */
export async function resultAfterReturn({ browser, host }: Place): Promise<Connected | undefined> {
  const isBack = takeMark(browser)
  const note = readNote(browser)
  if (!note || note.host !== host) return undefined
  try {
    const { result } = await readSession({ browser, host }, note.token)
    const isNew = result && result.provider_config_key === note.integration && JSON.stringify(result) !== JSON.stringify(note.old)
    if (!isNew && !isBack) return undefined
    browser.sessionStorage.removeItem(NOTE)
    if (!isNew) throw new HawserError('unknown_error', 'The sign-in ended, but the session knows no result.')
    return outcomeOf(result)
  } catch (error) {
    if (!(error instanceof HawserError) || error.code !== 'session_expired') throw error
    browser.sessionStorage.removeItem(NOTE)
    // Who gave up and comes by much later need not hear of it.
    if (isBack) throw error
    return undefined
  }
}

function takeMark({ location, history }: Place['browser']): boolean {
  const url = new URL(location.href)
  if (!url.searchParams.has(MARK)) return false
  url.searchParams.delete(MARK)
  history.replaceState(history.state, '', url.href)
  return true
}

function readNote({ sessionStorage }: Place['browser']): Note | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(NOTE) ?? 'null') as Note | null) ?? undefined
  } catch {
    return undefined
  }
}
