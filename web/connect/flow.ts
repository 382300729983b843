/** What a person can do on the page. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import { leaveUrl } from './authorise.ts'
import { begin, readAgain } from './begin.ts'
import { paramsFrom, type Field, type FormValues } from './field-rules.ts'
import { createPageStore, showFailure, type PageStore } from './page-store.ts'
import type { OpenedWith } from './opened-with.ts'
import type { ParentPage } from './parent-page.ts'
import { formOf, type PageState } from './screen.ts'
import type { Integration } from './server.ts'
import { hasLeft, keepTyped, noteLeft } from './tab-memory.ts'
import { createWaiting, type Waiting } from './wait.ts'

type Errors = Record<string, string>

export interface Flow extends PageState {
  integrationOf(key: string): Integration | undefined
  /** Leads to the form of an integration, or to what must come before it. */
  choose(key: string): void
  /** undefined: there is only one. */
  toList: (() => void) | undefined
  toOwnApp(key: string): void
  toHandOver(key: string, diagnosis?: string): void
  saveOwnApp(key: string, app: { client_id: string; client_secret: string }): Promise<void>
  /** Resolves when the page is on its way, with what the server finds wrong with the fields, by name. */
  submit(key: string, fields: readonly Field[], values: FormValues): Promise<Errors>
  /** Brings the sign-in window back. */
  openAgain(): void
  tryAgain(key: string): void
  adminIsDone(): void
  /** Asks whether what is waited for has happened. */
  look(): Promise<void>
  restart(): void
  /** undefined: the page stands on its own. */
  close: (() => void) | undefined
  /** Left for this integration before, and came back without a result: perhaps from an error page of the provider. */
  mayHaveMetError(key: string): boolean
}

/** Also begins. */
export function useFlow(opening: OpenedWith, parent: ParentPage): Flow {
  const [{ store, waiting }] = useState(() => {
    const made = createPageStore(opening, parent)
    return { store: made, waiting: createWaiting(made) }
  })
  const [token, setToken] = useState(opening.token)
  const state = useSyncExternalStore(store.subscribe, store.read)
  useEffect(() => {
    void begin(store, token)
    // Back from the provider's page by the browser's own button: the page is as it was left.
    const onShow = (event: PageTransitionEvent) => void (event.persisted && begin(store, token))
    window.addEventListener('pageshow', onShow)
    return () => window.removeEventListener('pageshow', onShow)
  }, [store, token])
  useEffect(() => {
    const preview = (settings: unknown) =>
      void import('./preview.ts').then(({ withSettings }) => {
        const { known } = store.read()
        if (known) store.learn(withSettings(known, settings))
      })
    const stop = parent.listen({ token: setToken, settings: preview })
    parent.tell({ type: 'ready' })
    return stop
  }, [parent, store])
  return flowOf(store, waiting, state, () => {
    store.show({ at: 'loading' })
    void begin(store, token)
  })
}

function flowOf(store: PageStore, waiting: Waiting, state: PageState, restart: () => void): Flow {
  const { known } = state
  const { opening, parent, show } = store
  return {
    ...state,
    restart,
    look: waiting.look,
    openAgain: waiting.openAgain,
    toHandOver: waiting.handOver,
    integrationOf: (key) => known?.allowed.find((one) => one.unique_key === key),
    choose: (key) => known && show(formOf(key, known.ownApps)),
    toList: known && known.allowed.length > 1 ? () => show({ at: 'list' }) : undefined,
    toOwnApp: (key) => show({ at: 'own-app', key }),
    close: opening.embedded ? () => parent.tell({ type: 'close' }) : undefined,
    mayHaveMetError: (key) => known !== undefined && known.session.result === null && hasLeft(known.token, key),
    submit: (key, fields, values) => submit(store, waiting, key, fields, values),
    tryAgain(key) {
      if (known)
        readAgain(store, known.token, known.server).then(
          ({ ownApps }) => show(formOf(key, ownApps)),
          (error: unknown) => showFailure(store, error),
        )
    },
    adminIsDone() {
      known?.server.markReady().then(
        () => show({ at: 'thanks' }),
        (error: unknown) => showFailure(store, error),
      )
    },
    async saveOwnApp(key, app) {
      if (!known) return
      await known.server.saveOwnApp(key, app)
      const { ownApps } = await readAgain(store, known.token, known.server)
      show(opening.view === 'admin' ? { at: 'thanks' } : formOf(key, ownApps))
    },
  }
}

async function submit(store: PageStore, waiting: Waiting, key: string, fields: readonly Field[], values: FormValues): Promise<Errors> {
  const { known } = store.read()
  if (!known || store.opening.preview) return {}
  const params = paramsFrom(fields, values)
  const open = fields.filter(([, about]) => about.secret !== true)
  keepTyped(known.token, key, paramsFrom(open, values))
  if (store.opening.embedded) {
    // Browsers open a window right at the click only, so the server checks the fields in that window.
    waiting.openWindow(key, params)
    return {}
  }
  try {
    const { errors } = await known.server.checkForm(key, params)
    const here = errors.filter(({ path }) => fields.some(([field]) => field === path[1]))
    if (here.length > 0) return Object.fromEntries(here.map(({ path, message }) => [path[1], message]))
  } catch (error) {
    showFailure(store, error)
    return {}
  }
  noteLeft(known.token, key)
  store.show({ at: 'leaving' })
  location.assign(leaveUrl(known.token, key, params))
  return {}
}
