/** Asks the session, again and again, how the attempt ended. */
import { after } from './browser.ts'
import { readSession, type Place, type SessionResult } from './call-server.ts'
import type { HawserError } from './hawser-error.ts'

const FIRST_MS = 1000
const MOST_MS = 2000
/** While the WebSocket is open, polling is only for results that it lost. */
const MOST_WITH_SOCKET_MS = 5000
const GROWTH = 1.25
/** A server may be restarted, a phone may pass through a tunnel. */
const MAX_FAILURES = 8

export interface Polling {
  /** Asks at once, e.g. because something hints at an end. */
  now(): Promise<void>
  stop(): void
}

export interface PollWishes {
  place: Place
  token: string
  integration: string
  /** The result of the attempt before, which stands there until the new one has reached the server. */
  old: SessionResult | null | undefined
  hasSocket(): boolean
  onResult(result: SessionResult): void
  /** The session is over, or the server cannot be reached. */
  onFailure(error: HawserError): void
}

export function pollResult({ place, token, integration, old, hasSocket, onResult, onFailure }: PollWishes): Polling {
  const stopper = new place.browser.AbortController()
  let waitMs = FIRST_MS
  let failures = 0
  let cancel = () => {}
  let running: Promise<void> | undefined
  const oldText = JSON.stringify(old ?? null)

  const look = async () => {
    try {
      const { result } = await readSession(place, token, stopper.signal)
      failures = 0
      if (stopper.signal.aborted || !result || result.provider_config_key !== integration || JSON.stringify(result) === oldText) return
      onResult(result)
    } catch (error) {
      failures += 1
      const { code } = error as HawserError
      if (!stopper.signal.aborted && (code === 'session_expired' || failures >= MAX_FAILURES)) onFailure(error as HawserError)
    }
  }
  const next = () => {
    if (stopper.signal.aborted) return
    cancel = after(place.browser, waitMs, () => void now())
    waitMs = Math.min(waitMs * GROWTH, hasSocket() ? MOST_WITH_SOCKET_MS : MOST_MS)
  }
  const now = (): Promise<void> => {
    cancel()
    running ??= look().finally(() => {
      running = undefined
      next()
    })
    return running
  }
  next()
  return {
    now,
    stop() {
      cancel()
      stopper.abort()
    },
  }
}
