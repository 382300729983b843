/** The window in which the person signs in. */
import { after, type Browser, type PopupWindow } from './browser.ts'

const LOOK_MS = 500
/** A window that "closes" this soon after it was sent to the provider may have been cut off instead. */
const CUT_OFF_MS = 5000
const GRACE_MS = 3000
const CUT_OFF_GRACE_MS = 8000

/** Centred on the screen, no larger than it. null: the browser blocked it. Must run inside the click. */
export function openPopup({
  browser,
  width = 500,
  height = 600,
}: {
  browser: Browser
  width?: number
  height?: number
}): PopupWindow | null {
  const { screen } = browser
  const [w, h] = [Math.min(width, screen.width), Math.min(height, screen.height)]
  const features = `popup,width=${w},height=${h},left=${Math.round((screen.width - w) / 2)},top=${Math.round((screen.height - h) / 2)}`
  try {
    const popup = browser.open('about:blank', '_blank', features)
    return popup && !popup.closed ? popup : null
  } catch {
    return null
  }
}

export interface Watch {
  /** From now on the window shows the provider's pages. */
  sentOn(): void
  stop(): void
}

/**
 * Calls `onClosed` once the person has closed the window.
 *
 * `closed` alone does not say so: where this page, or a page of the provider, has a Cross-Origin-Opener-Policy, the browser cuts the two windows
 * apart, and `closed` is true although the person is still signing in. So once the window has been sent on, `closed` begins a grace. It runs only
 * while this page has the focus: who signs in elsewhere has it there. It is 3 s long, and 8 s if `closed` came within 5 s after the window was
 * sent on, as it does where windows are cut off. A result that comes in the meantime counts. Before it is sent on the window cannot be cut off.
 */
export function watchPopup(browser: Browser, popup: PopupWindow, { onGone, onClosed }: { onGone(): void; onClosed(): void }): Watch {
  let sentAt: number | undefined
  let graceMs: number | undefined
  let cancel = () => {}
  const look = () => {
    if (popup.closed) {
      if (sentAt === undefined) return onClosed()
      if (graceMs === undefined) {
        graceMs = browser.Date.now() - sentAt <= CUT_OFF_MS ? CUT_OFF_GRACE_MS : GRACE_MS
        onGone()
      } else if (browser.document.hasFocus()) graceMs -= LOOK_MS
      if (graceMs <= 0) return onClosed()
    }
    cancel = after(browser, LOOK_MS, look)
  }
  cancel = after(browser, LOOK_MS, look)
  return {
    sentOn() {
      sentAt = browser.Date.now()
    },
    stop: () => cancel(),
  }
}
