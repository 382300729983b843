/**
 * One sign-in in a window of its own. Its result comes over the WebSocket, or is polled; a message of the window, or the focus that comes back to this
 * page, only says when to look. The promise settles once, whatever happens; see README.md for the list.
 */
import { after, type PopupWindow } from './browser.ts'
import { outcomeOf, type Place, type Session, type SessionResult } from './call-server.ts'
import { connectUrl } from './connect-url.ts'
import { HawserError } from './hawser-error.ts'
import { listenForHints } from './hints.ts'
import { pollResult, type Polling } from './poll-result.ts'
import { openPopup, watchPopup, type Watch } from './popup.ts'
import { readPatiently } from './read-patiently.ts'
import { openSocket } from './socket.ts'
import type { Connected, ConnectOptions, HawserOptions } from './types.ts'

const LEAST_MS = 10 * 60_000
const MOST_MS = 30 * 60_000
const CLOSE_AFTER_MS = 500

export interface SignInWish extends Pick<HawserOptions, 'websocketsPath' | 'width' | 'height'> {
  place: Place
  integration: string
  token: () => Promise<string>
  options: ConnectOptions
}

export interface SignIn {
  promise: Promise<Connected>
  /** The person clicked once more: brings the window to the front, or opens it anew. */
  again(): void
}

/** Opens the window before it returns, so call it inside the click. */
export function signIn(wish: SignInWish): SignIn {
  const { integration, options, place, token, websocketsPath = '/' } = wish
  const { browser, host } = place
  const { origin } = new URL(host)
  const { signal } = options
  if (signal?.aborted) return { promise: Promise.reject(signal.reason), again() {} }
  let popup = openPopup({ ...wish, browser })
  if (!popup) return { promise: Promise.reject(blocked()), again() {} }
  if (browser.location.origin !== origin) disown(popup)

  let url: string | undefined
  let polling: Polling | undefined
  let watch: Watch | undefined
  let cancelBound = () => {}
  const ended = new browser.AbortController()
  const { promise, resolve, reject } = withResolvers<Connected>()

  /** `leaveOpen`: the window shows what went wrong. */
  const settle = (finish: () => void, leaveOpen = false, closeMs = 0) => {
    if (ended.signal.aborted) return
    ended.abort()
    cancelBound()
    watch?.stop()
    polling?.stop()
    socket.close()
    signal?.removeEventListener('abort', onAbort)
    stopListening()
    if (!leaveOpen) after(browser, closeMs, () => popup?.close())
    finish()
  }
  const refuse = (error: unknown) => settle(() => reject(error))
  const onResult = (result: SessionResult) => {
    try {
      const connected = outcomeOf(result)
      settle(() => resolve(connected), false, CLOSE_AFTER_MS)
    } catch (error) {
      settle(() => reject(error), true)
    }
  }
  const onAbort = () => refuse(signal?.reason)
  const bound = (ms: number) => {
    cancelBound()
    cancelBound = after(browser, ms, () => refuse(new HawserError('timed_out', 'Nobody finished the sign-in in time.')))
  }
  const closed = new HawserError('window_closed', 'The window was closed before the sign-in was finished.')
  const follow = (followed: PopupWindow) => {
    watch?.stop()
    watch = watchPopup(browser, followed, {
      onGone: () => void polling?.now(),
      // A result may have come in this very moment.
      onClosed: () => (polling ? void polling.now().then(() => refuse(closed)) : refuse(closed)),
    })
  }
  const sendOn = (target: PopupWindow) => {
    if (url === undefined || target.closed) return
    target.location.replace(url)
    watch?.sentOn()
  }

  const socket = openSocket(browser, host + websocketsPath, onResult)
  signal?.addEventListener('abort', onAbort)
  const stopListening = listenForHints(browser, origin, () => void polling?.now())
  follow(popup)
  bound(options.timeoutMs ?? LEAST_MS)

  const begin = async () => {
    const given = await token()
    const session = await readPatiently(place, given, ended.signal)
    requireAllowed(session, integration)
    const wsClientId = await socket.id
    if (ended.signal.aborted) return
    if (options.timeoutMs === undefined) bound(timeLeft(session, browser.Date.now()))
    url = connectUrl(host, integration, given, { ...options, wsClientId })
    polling = pollResult({
      ...{ place, token: given, integration, old: session.result },
      ...{ hasSocket: socket.isOpen, onResult, onFailure: refuse },
    })
    if (popup) sendOn(popup)
  }
  void begin().catch(refuse)

  return {
    promise,
    again() {
      if (!popup?.closed) return popup?.focus()
      const another = openPopup({ ...wish, browser })
      if (!another) return
      popup = another
      if (browser.location.origin !== origin) disown(popup)
      follow(popup)
      sendOn(popup)
    },
  }
}

function blocked(): HawserError {
  return new HawserError('blocked_by_browser', 'The browser opened no window. Call this directly inside a click, or use redirect().', {
    fallback: 'redirect',
  })
}

/** So that no page in the window can lead this page elsewhere. The callback page speaks only to pages of the server's own origin anyway. */
function disown(popup: PopupWindow): void {
  try {
    popup.opener = null
  } catch {
    // Some embedded browsers forbid it; the sign-in works all the same.
  }
}

/** Said here, because the window would only show JSON. */
function requireAllowed({ allowed_integrations: allowed }: Session, integration: string): void {
  if (allowed && !allowed.includes(integration))
    throw new HawserError('integration_not_allowed', 'This connect session is for other integrations.')
}

/** The server tells the end by its clock; this one may be wrong. The session's end itself is noticed by polling. */
function timeLeft({ expires_at: end }: Session, now: number): number {
  const left = Date.parse(end ?? '') - now
  return Math.min(Math.max(left || 0, LEAST_MS), MOST_MS)
}

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
