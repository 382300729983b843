/** The hosted connect page in an iframe over this one. */
import { after, type Browser } from './browser.ts'
import { hostFrom } from './host.ts'
import type { Connected } from './types.ts'

const READY_MS = 20_000

export type ConnectUIEvent =
  | { type: 'ready' }
  | { type: 'close' }
  | { type: 'connect'; payload: Connected }
  | { type: 'error'; payload: { errorType: string; errorMessage: string } }
  | { type: 'settings_changed'; payload: unknown }

export interface ConnectUIProps {
  /** May come later, by `setSessionToken`: then the page shows that it is loading. */
  sessionToken?: string
  /** Where Hawser answers. The page lies under it at `/connect-ui/`. */
  host?: string
  /** As the stock client has it: address of the page. */
  baseURL?: string
  /** As the stock client has it: address of the API, if the page is not to ask its own origin. */
  apiURL?: string
  onEvent?: (event: ConnectUIEvent) => void
  /** Language, e.g. `en`. The browser's unless given. */
  lang?: string
  themeOverride?: 'light' | 'dark' | 'system'
  detectClosedAuthWindow?: boolean
  /** Element that the page fills. Unless given it covers the whole window, and what lies under it cannot be scrolled. */
  container?: HTMLElement
}

export interface ConnectUI {
  readonly iframe: HTMLIFrameElement | undefined
  /** Does nothing if it is open. */
  open(): void
  close(): void
  setSessionToken(token: string): void
}

const TYPES = ['ready', 'close', 'connect', 'error', 'settings_changed']
const COVER =
  'position:fixed;inset:0;width:100%;height:100%;border:0;z-index:9999;background:transparent;color-scheme:normal;margin:0;padding:0'
const FILL = 'display:block;width:100%;height:100%;border:0;background:transparent;color-scheme:normal'

/** Throws `invalid_host_url`. */
export function createConnectUI(browser: Browser, props: ConnectUIProps): ConnectUI {
  const url = pageUrl(props)
  const { document } = browser
  const { container, onEvent } = props
  let token = props.sessionToken
  let iframe: HTMLIFrameElement | undefined
  let isReady = false
  let cleanUp = () => {}

  const sendToken = () => {
    // To that origin alone: the frame may show anything by now.
    if (isReady && token) iframe?.contentWindow?.postMessage({ type: 'session_token', sessionToken: token }, url.origin)
  }
  const onMessage = ({ source, origin, data }: MessageEvent) => {
    if (!iframe || source !== iframe.contentWindow || origin !== url.origin) return
    const event = data as ConnectUIEvent | null
    if (typeof event !== 'object' || event === null || !TYPES.includes(event.type)) return
    if (event.type === 'ready') {
      isReady = true
      sendToken()
    }
    if (event.type === 'close') close()
    onEvent?.(event)
  }
  function close() {
    cleanUp()
    cleanUp = () => {}
    iframe?.remove()
    iframe = undefined
    isReady = false
  }
  function open() {
    if (iframe) return
    const before = document.activeElement as HTMLElement | null
    const { style } = document.body
    const overflow = style.overflow
    iframe = Object.assign(document.createElement('iframe'), {
      id: 'connect-ui',
      title: 'Connect',
      allow: 'clipboard-write',
      src: url.href,
    })
    iframe.style.cssText = container ? FILL : COVER
    if (!container) style.overflow = 'hidden'
    browser.addEventListener('message', onMessage)
    // A transparent page that never comes would lie over everything and take all clicks.
    const cancel = after(browser, READY_MS, () => {
      if (isReady) return
      close()
      onEvent?.({ type: 'error', payload: { errorType: 'network_error', errorMessage: `The page at ${url.origin} did not load.` } })
      onEvent?.({ type: 'close' })
    })
    cleanUp = () => {
      cancel()
      browser.removeEventListener('message', onMessage)
      if (!container) style.overflow = overflow
      before?.focus?.()
    }
    ;(container ?? document.body).append(iframe)
    iframe.focus()
  }
  return {
    get iframe() {
      return iframe
    },
    open,
    close,
    setSessionToken(given) {
      token = given
      sendToken()
    },
  }
}

function pageUrl({ host, baseURL, apiURL, lang, themeOverride, detectClosedAuthWindow }: ConnectUIProps): URL {
  const url = new URL(`${hostFrom(baseURL ?? `${hostFrom(host ?? '')}/connect-ui`)}/`)
  const query = { apiURL: apiURL ?? host, lang, theme: themeOverride, detectClosedAuthWindow: detectClosedAuthWindow ? 'true' : undefined }
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
  return url
}
