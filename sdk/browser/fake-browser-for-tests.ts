/** A browser of plain objects with a clock that stands until `run` moves it. */
import type { Browser, PopupWindow, Socket } from './browser.ts'
import type { Session, SessionResult } from './call-server.ts'

export const HOST = 'https://connect.example.com'
export const TOKEN = 'nango_connect_session_1'
/** More than any chain of promises here has links. */
const LINKS = 40

export interface FakePopup extends PopupWindow {
  closed: boolean
  shown: string[]
  focused: number
}
export interface FakeSocket extends Socket {
  url: string
  isClosed: boolean
  say(message: unknown): void
}
interface Timer {
  at: number
  run: () => void
}
export type Answer = { status: number; body: unknown } | 'unreachable' | 'never'

export function createFakeBrowser() {
  let now = 1_000_000
  let blocks = false
  const timers = new Map<number, Timer>()
  let lastTimer = 0
  const popups: FakePopup[] = []
  const sockets: FakeSocket[] = []
  const listeners = new Set<{ type: string; listener: (event: never) => void }>()
  const asked: { url: string; init: RequestInit }[] = []
  const session: Session = { expires_at: new Date(now + 30 * 60_000).toISOString(), websocketsPath: '/', result: null }
  const knobs = {
    hasFocus: true,
    /** The server's answers; the session's state unless replaced. */
    answer: (_url: string): Answer => ({ status: 200, body: { data: session } }),
    answerMs: 20,
    socketAnswers: true,
  }
  const setTimeout = (run: () => void, ms: number): number => {
    timers.set(++lastTimer, { at: now + ms, run })
    return lastTimer
  }
  const storage = new Map<string, string>()
  const browser = {
    open(_url: string, _target: string, _features: string) {
      if (blocks) return null
      const popup: FakePopup = {
        ...{ closed: false, shown: [], focused: 0, opener: 'the page' },
        location: { replace: (url) => void popup.shown.push(url) },
        focus: () => void popup.focused++,
        close: () => void (popup.closed = true),
      }
      popups.push(popup)
      return popup
    },
    fetch(url: string, init: RequestInit) {
      asked.push({ url, init })
      return new Promise<Response>((resolve, reject) => {
        const answer = knobs.answer(url)
        init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
        if (answer === 'never') return
        setTimeout(() => {
          if (answer === 'unreachable') return reject(new TypeError('Failed to fetch'))
          const { status, body } = answer
          const text = typeof body === 'string' ? body : JSON.stringify(body)
          resolve({ ok: status < 300, status, text: async () => text } as Response)
        }, knobs.answerMs)
      })
    },
    WebSocket: function (this: unknown, url: string) {
      const socket: FakeSocket = {
        ...{ url, isClosed: false, onmessage: null, onclose: null },
        say: (message) => socket.onmessage?.({ data: JSON.stringify(message) } as MessageEvent),
        close: () => void (socket.isClosed = true),
      }
      sockets.push(socket)
      if (knobs.socketAnswers) setTimeout(() => socket.say({ message_type: 'connection_ack', ws_client_id: 'ws-1' }), 10)
      return socket
    } as unknown as Browser['WebSocket'],
    setTimeout,
    clearTimeout: (timer: never) => void timers.delete(timer),
    addEventListener: (type: string, listener: (event: never) => void) => void listeners.add({ type, listener }),
    removeEventListener(type: string, listener: (event: never) => void) {
      for (const one of listeners) if (one.type === type && one.listener === listener) listeners.delete(one)
    },
    Date: { now: () => now },
    AbortController,
    document: { hasFocus: () => knobs.hasFocus },
    location: { origin: 'https://app.example.com', href: 'https://app.example.com/settings', assign: (_url: string) => {} },
    history: { state: null, replaceState: (_state: unknown, _title: string, href: string) => void (browser.location.href = href) },
    sessionStorage: {
      getItem: (name: string) => storage.get(name) ?? null,
      setItem: (name: string, value: string) => void storage.set(name, value),
      removeItem: (name: string) => void storage.delete(name),
    },
    screen: { width: 1000, height: 800 },
  }

  const flush = async (): Promise<void> => {
    for (let link = 0; link < LINKS; link++) await Promise.resolve()
  }
  return {
    browser: browser as unknown as Browser,
    ...{ popups, sockets, asked, session, knobs, storage, location: browser.location, flush },
    blockPopups: () => void (blocks = true),
    elapsed: () => now - 1_000_000,
    /** Of what is still under way: all of it must be gone when a promise has settled. */
    leftovers: () => ({ timers: timers.size, listeners: listeners.size }),
    /** A message event of the window. */
    post(origin: string, data: unknown, source: unknown = null) {
      for (const { type, listener } of listeners) if (type === 'message') listener({ origin, data, source } as never)
    },
    focus() {
      for (const { type, listener } of listeners) if (type === 'focus') (listener as () => void)()
    },
    /** Moves the clock, timer by timer. */
    async run(ms: number): Promise<void> {
      const end = now + ms
      await flush()
      for (;;) {
        const due = [...timers].filter(([, { at }]) => at <= end).toSorted(([a, one], [b, other]) => one.at - other.at || a - b)[0]
        if (!due) break
        timers.delete(due[0])
        now = due[1].at
        due[1].run()
        await flush()
      }
      now = end
    },
  }
}
export type FakeBrowser = ReturnType<typeof createFakeBrowser>

export const success = (integration = 'sf', id = 'c-1'): SessionResult => ({
  outcome: 'success',
  provider_config_key: integration,
  connection_id: id,
})

export const denial: SessionResult = {
  outcome: 'error',
  provider_config_key: 'sf',
  error_type: 'callback_err',
  error_desc: 'Declined.',
  diagnosis: {
    ...{ code: 'access-denied', class: 'user', actor: 'end_user' },
    title: 't',
    cause: 'c',
    fix: [],
    end_user_text: 'You declined.',
  },
}

/** How a promise ended, and how often. */
export function watchPromise<T>(promise: Promise<T>) {
  const seen: { ends: number; value?: T; error?: { code?: string; name?: string; fallback?: string; diagnosis?: unknown } } = { ends: 0 }
  promise.then(
    (value) => {
      seen.ends += 1
      seen.value = value
    },
    (error: unknown) => {
      seen.ends += 1
      seen.error = error as NonNullable<typeof seen.error>
    },
  )
  return seen
}
