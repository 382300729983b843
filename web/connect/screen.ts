import type { PageData } from './load-page.ts'
import type { Diagnosis, FailedResult, OwnApp, Server } from './server.ts'
import type { SignInWindows } from './authorise.ts'

export type Screen =
  | { at: 'loading' | 'incomplete' | 'expired' | 'trouble' | 'nothing' | 'list' | 'leaving' | 'thanks' }
  /** `ready`: the administrator has done their part. */
  | { at: 'form'; key: string; ready?: boolean }
  | { at: 'own-app'; key: string }
  /** `window`: what is known of the window in which the person signs in. */
  | { at: 'waiting'; key: string; url: string; window: 'open' | 'unsure' | 'closed' }
  | { at: 'connected'; key: string }
  | { at: 'failed'; result: FailedResult }
  /** `diagnosis`: code of what the administrator is to end. */
  | { at: 'hand-over'; key: string; diagnosis: string | undefined }
  | { at: 'admin'; key: string; diagnosis: Diagnosis }

/** What the page knows of a session. */
export interface Known extends PageData {
  token: string
  server: Server
  windows: SignInWindows
}

export interface PageState {
  screen: Screen
  known: Known | undefined
}

/** The form of an integration, or what must come before it. */
export function formOf(key: string, ownApps: ReadonlyMap<string, OwnApp>, ready = false): Screen {
  const app = ownApps.get(key)
  if (app?.need === 'required' && app.client_id === null) return { at: 'own-app', key }
  return { at: 'form', key, ...(ready ? { ready } : {}) }
}
