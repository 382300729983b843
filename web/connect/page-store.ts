import type { OpenedWith } from './opened-with.ts'
import type { ParentPage } from './parent-page.ts'
import type { Known, PageState, Screen } from './screen.ts'
import { Refused, type Result } from './server.ts'

/** The one state of the page. Screens follow each other only through it. */
export interface PageStore {
  readonly opening: OpenedWith
  readonly parent: ParentPage
  read(): PageState
  show(screen: Screen): void
  learn(known: Known): void
  subscribe(listener: () => void): () => void
}

export function createPageStore(opening: OpenedWith, parent: ParentPage): PageStore {
  let state: PageState = { screen: { at: 'loading' }, known: undefined }
  const listeners = new Set<() => void>()
  const change = (next: Partial<PageState>) => {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
  }
  return {
    opening,
    parent,
    read: () => state,
    show: (screen) => change({ screen }),
    learn: (known) => change({ known }),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const EXPIRED = ['missing_auth_header', 'malformed_auth_header', 'invalid_connect_session_token_format', 'unknown_connect_session_token']

export function isExpired(error: unknown): boolean {
  return error instanceof Refused && EXPIRED.includes(error.code)
}

export function showFailure(store: PageStore, error: unknown): void {
  store.show({ at: isExpired(error) ? 'expired' : 'trouble' })
}

/** Shows how a sign-in ended, and tells the page around this one. */
export function finish({ parent, show }: PageStore, result: Result): void {
  const { provider_config_key: key } = result
  if (result.outcome === 'success') {
    show({ at: 'connected', key })
    parent.tell({ type: 'connect', payload: { providerConfigKey: key, connectionId: result.connection_id, isPending: false } })
    return
  }
  show({ at: 'failed', result })
  parent.tell({ type: 'error', payload: { errorType: result.error_type, errorMessage: result.error_desc } })
}
