import type { Browser } from './browser.ts'

/**
 * Calls `look` when the result may be there: the window on `origin` says that it is done, or the person comes back to this page. Returns what ends it.
 * Messages of other origins are not heard, and none of them is believed: the result is always the server's.
 */
export function listenForHints(browser: Browser, origin: string, look: () => void): () => void {
  const onMessage = (event: MessageEvent<{ type?: unknown } | null>) => {
    const type = event.origin === origin ? String(event.data?.type) : ''
    // It closes on this.
    if (type === 'nango_oauth_callback_success') event.source?.postMessage({ type: 'nango_oauth_callback_ack' }, { targetOrigin: origin })
    if (type.startsWith('nango_oauth_callback_')) look()
  }
  browser.addEventListener('message', onMessage)
  browser.addEventListener('focus', look)
  return () => {
    browser.removeEventListener('message', onMessage)
    browser.removeEventListener('focus', look)
  }
}
