/** The sign-in at the provider: in a window of its own, or by leaving this page. */
import { Hawser, type HawserError } from '@hawser/browser/hawser.ts'
import { root } from './server.ts'

/** How the waiting ended. `closed`: by the person; where windows are cut off from their opener it may only look so. */
export type End = 'result' | 'closed' | 'blocked' | 'stopped' | 'trouble'

export interface SignInWindows {
  /** Call it inside the click. Called again for the same integration, it brings the window back. Never rejects. */
  open(key: string, params: Record<string, string>): Promise<End>
}

const ENDS: Record<string, End> = { window_closed: 'closed', timed_out: 'closed', blocked_by_browser: 'blocked', network_error: 'trouble' }

export function signInWindows(token: string): SignInWindows {
  const hawser = new Hawser({ host: root().href.replace(/\/$/, ''), connectSessionToken: token })
  let running: { key: string; params: string; stop: AbortController } | undefined
  return {
    open(key, params) {
      const text = JSON.stringify(params)
      // Other values need a sign-in of their own.
      if (running && (running.key !== key || running.params !== text)) running.stop.abort()
      const mine = running && !running.stop.signal.aborted ? running : { key, params: text, stop: new AbortController() }
      running = mine
      window.addEventListener('message', closeAfterError)
      return hawser
        .connect(key, { params, signal: mine.stop.signal })
        .then(
          (): End => 'result',
          (error: HawserError): End => (mine.stop.signal.aborted ? 'stopped' : (ENDS[error.code] ?? 'result')),
        )
        .finally(() => {
          if (running === mine) running = undefined
        })
    },
  }
}

/** This page says what went wrong, so the window need not stay for it. */
function closeAfterError({ origin, data, source }: MessageEvent<{ type?: unknown } | null>): void {
  if (origin !== location.origin || data?.type !== 'nango_oauth_callback_error') return
  source?.postMessage({ type: 'nango_oauth_callback_ack' }, { targetOrigin: origin })
}

/** Address of the sign-in for this tab, or for a window that nobody watches: `mode=page` shows errors as pages, too. */
export function leaveUrl(token: string, key: string, params: Record<string, string>): string {
  const url = new URL(`oauth/connect/${encodeURIComponent(key)}`, root())
  url.searchParams.set('connect_session_token', token)
  url.searchParams.set('mode', 'page')
  for (const [name, value] of Object.entries(params)) url.searchParams.set(`params[${name}]`, value)
  return url.href
}

/** Link that opens this session on its own. `view=admin` shows an administrator what to do. */
export function sessionLink(token: string, more: Record<string, string>): string {
  const url = new URL('connect-ui/', root())
  for (const [name, value] of Object.entries({ session_token: token, ...more })) url.searchParams.set(name, value)
  return url.href
}
