/** From the session's token to the first screen. */
import { signInWindows } from './authorise.ts'
import { takeEarly } from './early.ts'
import { loadPage } from './load-page.ts'
import { finish, showFailure, type PageStore } from './page-store.ts'
import { formOf, type Known, type Screen } from './screen.ts'
import { serverFor, type Server } from './server.ts'

/** `token`: undefined if the page was opened without one; in an iframe it may still come. */
export async function begin(store: PageStore, token: string | undefined): Promise<void> {
  const { opening, show } = store
  if (opening.preview) return showPreview(store)
  if (token === undefined) return opening.embedded ? undefined : show({ at: 'incomplete' })
  try {
    const known = await readAgain(store, token, serverFor(token))
    const { result } = known.session
    // An old failure is of interest to whoever comes back from it, not to whoever opens the link anew.
    if (result && (result.outcome === 'success' || opening.backWithResult)) finish(store, result)
    else show((await adminScreen(store, known)) ?? firstScreen(store, known))
  } catch (error) {
    showFailure(store, error)
  }
}

/** Reads what the page begins with once more. */
export async function readAgain({ opening, learn, read }: PageStore, token: string, server: Server): Promise<Known> {
  const before = read().known
  const windows = before?.token === token ? before.windows : signInWindows(token)
  const data = (await takeEarly(token)) ?? (await loadPage(server, opening.integration))
  const known: Known = { ...data, token, server, windows }
  learn(known)
  return known
}

function firstScreen({ opening }: PageStore, { allowed, ownApps }: Known): Screen {
  const wanted = allowed.length === 1 ? allowed[0] : allowed.find(({ unique_key: key }) => key === opening.integration)
  if (wanted) return formOf(wanted.unique_key, ownApps)
  return { at: allowed.length > 0 ? 'list' : 'nothing' }
}

/**
 * By the link that was handed over. An error on a page of the provider's never reached the session, so the link names it; it is told again from the
 * server's table, since anybody can write a link.
 */
async function adminScreen({ opening }: PageStore, { session, allowed, server }: Known): Promise<Screen | undefined> {
  const { view, integration, diagnosis: code } = opening
  if (view !== 'admin') return undefined
  const { result } = session
  if (result?.outcome === 'error' && result.diagnosis) return { at: 'admin', key: result.provider_config_key, diagnosis: result.diagnosis }
  if (code === undefined || integration === undefined || !allowed.some(({ unique_key: key }) => key === integration)) return undefined
  const asked = JSON.stringify({ error: { code: 'callback_err', diagnosis: { code } } })
  const explained = await server.explain(asked, integration).catch(() => undefined)
  return explained?.diagnosis ? { at: 'admin', key: integration, diagnosis: explained.diagnosis } : undefined
}

async function showPreview({ learn, show }: PageStore): Promise<void> {
  const { preview } = await import('./preview.ts')
  learn(preview)
  show({ at: 'list' })
}
