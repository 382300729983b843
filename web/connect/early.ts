/** The page's data, asked for before its own code has arrived: on a slow line both come at once. */
import { loadPage, type PageData } from './load-page.ts'
import type { OpenedWith } from './opened-with.ts'
import { serverFor } from './server.ts'

let early: { token: string; data: Promise<PageData> } | undefined

export function askEarly({ token, integration, preview }: OpenedWith): void {
  if (token === undefined || preview) return
  early = { token, data: loadPage(serverFor(token), integration) }
  // Whoever takes it sees the failure.
  early.data.catch(() => {})
}

/** Once; what is asked for later is new. */
export function takeEarly(token: string): Promise<PageData> | undefined {
  const taken = early?.token === token ? early.data : undefined
  early = undefined
  return taken
}
