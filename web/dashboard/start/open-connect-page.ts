const SIZE = 'popup,width=520,height=760'

export interface ConnectWindow {
  /** False: the browser let no window open. */
  lead(url: string): boolean
  close(): void
}

/** Call it inside a click: browsers open windows only right after one. The address comes later. */
export function openConnectWindow(): ConnectWindow {
  const opened = window.open('about:blank', 'hawser-connect', SIZE)
  return {
    lead(url) {
      if (!opened || opened.closed) return false
      opened.location.href = url
      opened.focus()
      return true
    },
    close: () => opened?.close(),
  }
}
