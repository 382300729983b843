/**
 * Talks to the page that embeds this one. Events name no secret, and go to the origin that sent the session's token; until it has, that origin is
 * unknown, and what is sent then (`ready`, `close`) says nothing about anybody.
 */
export type ToParent =
  | { type: 'ready' }
  | { type: 'close' }
  | { type: 'connect'; payload: { providerConfigKey: string; connectionId: string; isPending: boolean } }
  | { type: 'error'; payload: { errorType: string; errorMessage: string } }

export interface ParentPage {
  tell(message: ToParent): void
  /** Calls back for each token, and for each `settings_changed` of a preview; returns how to stop. */
  listen(on: { token: (token: string) => void; settings: (settings: unknown) => void }): () => void
}

/** `preview`: settings are taken, from this server's own pages only. */
export function parentPage({ preview, embedded }: { preview: boolean; embedded: boolean }): ParentPage {
  let origin: string | undefined
  return {
    tell(message) {
      if (!embedded) return
      if (origin !== undefined) window.parent.postMessage(message, origin)
      else if (message.type === 'ready' || message.type === 'close') window.parent.postMessage(message, '*')
    },
    listen(on) {
      const hear = (event: MessageEvent<unknown>) => {
        if (!embedded || event.source !== window.parent || typeof event.data !== 'object' || event.data === null) return
        const { type, sessionToken, payload } = event.data as { type?: unknown; sessionToken?: unknown; payload?: unknown }
        if (type === 'session_token' && typeof sessionToken === 'string') {
          // A sandboxed page has the origin "null", which cannot be addressed.
          origin = event.origin === 'null' ? undefined : event.origin
          on.token(sessionToken)
        } else if (type === 'settings_changed' && preview && event.origin === location.origin) on.settings(payload)
      }
      window.addEventListener('message', hear)
      return () => window.removeEventListener('message', hear)
    },
  }
}
