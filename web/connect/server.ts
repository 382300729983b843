/** The calls of this page to its own server. It never asks another one, whatever `apiURL` says: the token would go there. */
import type { z } from 'zod'
import type { getConnectSession } from '@hawser/api/connect-sessions.ts'
import type { diagnoseText } from '@hawser/api/doctor.ts'
import type { listIntegrations } from '@hawser/api/integrations.ts'
import type { ProviderEntry } from './provider-entry.ts'

type DataOf<Route extends { reply: { body: z.ZodType } }> = z.output<Route['reply']['body']> extends { data: infer Data } ? Data : never

export type Session = DataOf<typeof getConnectSession>
export type Result = NonNullable<Session['result']>
export type FailedResult = Extract<Result, { outcome: 'error' }>
export type Integration = DataOf<typeof listIntegrations>[number]
export type Explained = DataOf<typeof diagnoseText>
export type Diagnosis = NonNullable<Explained['diagnosis']>

/** The customer's own app behind an integration: `server/connect/own-app.ts`. */
export interface OwnApp {
  /** `required`: the integration has no app, so nobody can sign in without one. */
  need: 'required' | 'possible' | 'none'
  /** Of the app that was pasted in this session; null: none. */
  client_id: string | null
  callback_url: string
}

/** `code`: the server's, or `unreachable`. */
export class Refused extends Error {
  readonly code: string
  readonly fields: { path: (string | number)[]; message: string }[]

  constructor(code: string, fields: Refused['fields'] = []) {
    super(code)
    this.code = code
    this.fields = fields
  }
}

const TIMEOUT_MS = 20_000

/** The server's root: `<base href>` is this app's path below it. */
export const root = (): URL => new URL('..', document.baseURI)

export interface Server {
  session(): Promise<Session>
  integrations(): Promise<Integration[]>
  provider(name: string): Promise<ProviderEntry>
  providers(): Promise<ProviderEntry[]>
  /** What the server finds wrong with a filled-in form. */
  checkForm(key: string, params: Record<string, string>): Promise<{ errors: { path: (string | number)[]; message: string }[] }>
  explain(text: string, key: string): Promise<Explained>
  ownApp(key: string): Promise<OwnApp>
  saveOwnApp(key: string, app: { client_id: string; client_secret?: string }): Promise<OwnApp>
  forgetOwnApp(key: string): Promise<OwnApp>
  /** When the administrator has done what was asked. */
  ready(): Promise<{ ready_at: string | null }>
  /** They have: a failed attempt is over. */
  markReady(): Promise<{ ready_at: string | null }>
  /** A zip of the files that make the app, for the Salesforce CLI. */
  appFiles(key: string): Promise<Blob>
}

export function serverFor(token: string): Server {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    const init = { method, headers, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) } as const
    const answer = await fetch(new URL(path, root()), body === undefined ? init : { ...init, body: JSON.stringify(body) }).catch(() => {
      throw new Refused('unreachable')
    })
    if (answer.ok) return answer
    const { error } = (await answer.json().catch(() => ({}))) as { error?: { code?: string; errors?: Refused['fields'] } }
    throw new Refused(error?.code ?? 'unreachable', error?.errors)
  }
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await send(method, path, body)
    const content = (await answer.json().catch(() => {
      throw new Refused('unreachable')
    })) as { data: T }
    return content.data
  }
  const at = (path: string, key: string) => path + encodeURIComponent(key)
  return {
    session: () => call('GET', 'connect/session'),
    integrations: () => call('GET', 'integrations'),
    provider: (name) => call('GET', at('providers/', name)),
    providers: () => call('GET', 'providers'),
    checkForm: (key, params) => call('POST', at('connect-ui/check/', key), { params }),
    explain: (text, key) => call('POST', 'doctor', { text, integration: key }),
    ownApp: (key) => call('GET', at('connect-ui/own-app/', key)),
    saveOwnApp: (key, app) => call('PUT', at('connect-ui/own-app/', key), app),
    forgetOwnApp: (key) => call('DELETE', at('connect-ui/own-app/', key)),
    ready: () => call('GET', 'connect-ui/ready'),
    markReady: () => call('POST', 'connect-ui/ready', {}),
    appFiles: async (key) => (await send('GET', at('connect-ui/own-app-files/', key))).blob(),
  }
}
