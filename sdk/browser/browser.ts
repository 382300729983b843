/** What this client uses of a browser. `window` fits; tests give another, with a clock of their own. */
export interface Browser {
  open(url: string, target: string, features: string): PopupWindow | null
  fetch(url: string, init: RequestInit): Promise<Response>
  readonly WebSocket: new (url: string) => Socket
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: never): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  addEventListener(type: 'focus', listener: () => void): void
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  removeEventListener(type: 'focus', listener: () => void): void
  readonly Date: { now(): number }
  readonly AbortController: typeof AbortController
  readonly document: Document
  readonly location: Location
  readonly history: History
  readonly sessionStorage: Storage
  readonly screen: { readonly width: number; readonly height: number }
}

/** Once it shows another site, only `closed`, `close`, `focus` and `location.replace` may be touched. */
export interface PopupWindow {
  readonly closed: boolean
  opener: unknown
  location: { replace(url: string): void }
  focus(): void
  close(): void
}

export interface Socket {
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: CloseEvent) => void) | null
  close(): void
}

/** Runs `run` once, after `ms`. Returns what cancels it. */
export function after(browser: Browser, ms: number, run: () => void): () => void {
  const timer = browser.setTimeout(run, ms)
  return () => browser.clearTimeout(timer as never)
}
