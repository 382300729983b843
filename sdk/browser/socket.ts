/** The server's WebSocket: an id first, then how the sign-in ended. Whatever goes wrong with it is no failure: the result is polled besides. */
import { after, type Browser } from './browser.ts'
import type { SessionResult } from './call-server.ts'

const ACK_MS = 3000

export interface ResultSocket {
  /** Its id, as soon as the server said it; undefined if there is no WebSocket to be had. Never rejects. */
  id: Promise<string | undefined>
  isOpen(): boolean
  close(): void
}

/** `url`: with http or https. */
export function openSocket(browser: Browser, url: string, onResult: (result: SessionResult) => void): ResultSocket {
  let isOpen = false
  let settleId: (id: string | undefined) => void
  const id = new Promise<string | undefined>((resolve) => (settleId = resolve))
  const giveUp = () => {
    isOpen = false
    settleId(undefined)
  }
  const cancel = after(browser, ACK_MS, () => settleId(undefined))
  let close = () => {}
  try {
    const socket = new browser.WebSocket(url.replace(/^http/, 'ws'))
    close = () => socket.close()
    socket.onclose = giveUp
    socket.onmessage = ({ data }) => {
      const message = messageIn(data)
      if (message.message_type === 'connection_ack') {
        isOpen = true
        settleId(message.ws_client_id)
      } else if (message.message_type === 'success') onResult({ ...message, outcome: 'success' } as SessionResult)
      else if (message.message_type === 'error') onResult({ ...message, outcome: 'error' } as SessionResult)
    }
  } catch {
    // The page's content security policy may forbid it.
    giveUp()
  }
  return {
    id,
    isOpen: () => isOpen,
    close() {
      cancel()
      giveUp()
      close()
    },
  }
}

function messageIn(data: unknown): { message_type?: string; ws_client_id?: string } {
  try {
    return (JSON.parse(String(data)) as object | null) ?? {}
  } catch {
    return {}
  }
}
