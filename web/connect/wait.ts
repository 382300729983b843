/** Waiting for something that happens elsewhere: in the window of the sign-in, or in an administrator's browser. */
import { leaveUrl } from './authorise.ts'
import { readAgain } from './begin.ts'
import { finish, isExpired, showFailure, type PageStore } from './page-store.ts'
import { formOf, type Known, type Screen } from './screen.ts'

export interface Waiting {
  /** Opens the window of the sign-in. Call it inside the click. */
  openWindow(key: string, params: Record<string, string>): void
  openAgain(): void
  handOver(key: string, diagnosis: string | undefined): void
  /** Asks whether anything has happened; errors that may pass are ignored. */
  look(): Promise<void>
}

export function createWaiting(store: PageStore): Waiting {
  let last: { key: string; params: Record<string, string> } | undefined
  /** When an administrator was ready before this one was asked; undefined: not known yet. */
  let readyBefore: string | null | undefined

  const openWindow = (key: string, params: Record<string, string>) => {
    const { known } = store.read()
    if (!known) return
    last = { key, params }
    const url = leaveUrl(known.token, key, params)
    const waiting = (window: 'open' | 'unsure' | 'closed'): Screen => ({ at: 'waiting', key, url, window })
    const end = known.windows.open(key, params)
    store.show(waiting('open'))
    void end.then(async (ended) => {
      const { screen } = store.read()
      if (screen.at !== 'waiting' || screen.key !== key || ended === 'stopped') return
      if (ended === 'blocked') return store.show(waiting('unsure'))
      if (ended === 'closed') {
        if (store.opening.detectClosedAuthWindow)
          store.parent.tell({ type: 'error', payload: { errorType: 'window_closed', errorMessage: 'The window was closed too early.' } })
        return store.show(waiting('closed'))
      }
      await known.server.session().then(
        ({ result }) => (result ? finish(store, result) : store.show({ at: 'trouble' })),
        (error: unknown) => showFailure(store, error),
      )
    })
  }

  async function lookForResult({ server, session }: Known): Promise<void> {
    const { result } = await server.session()
    // The result of the attempt before stands there until the new one has reached the server.
    const isOld = JSON.stringify(result) === JSON.stringify(session.result)
    if (result && !isOld && store.read().screen.at === 'waiting') finish(store, result)
  }

  async function lookForAdmin(known: Known, key: string): Promise<void> {
    const [{ result }, { ready_at: readyAt }] = await Promise.all([known.server.session(), known.server.ready()])
    if (store.read().screen.at !== 'hand-over') return
    if (result?.outcome === 'success') return finish(store, result)
    if (readyBefore === undefined) readyBefore = readyAt
    if (readyAt === readyBefore) return
    const { ownApps } = await readAgain(store, known.token, known.server)
    store.show(formOf(key, ownApps, true))
  }

  const look = async () => {
    const { screen, known } = store.read()
    if (!known) return
    try {
      if (screen.at === 'waiting') await lookForResult(known)
      else if (screen.at === 'hand-over') await lookForAdmin(known, screen.key)
    } catch (error) {
      if (isExpired(error)) showFailure(store, error)
    }
  }
  return {
    openWindow,
    openAgain: () => last && openWindow(last.key, last.params),
    handOver(key, diagnosis) {
      readyBefore = undefined
      store.show({ at: 'hand-over', key, diagnosis })
      void look()
    },
    look,
  }
}
