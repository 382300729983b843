/** How the logs call what happened. */
import type { Reply } from '../api/call.ts'

export type Operation = Reply<'listActivity'>['operations'][number]
export type WholeOperation = Reply<'getActivity'>['data']
export type OperationKind = Operation['kind']

export const kindWords: Record<OperationKind, string> = {
  call: 'Calls',
  sign_in: 'Sign-ins',
  refresh: 'Refreshes',
  connection: 'Connections',
  webhook: 'Webhooks',
  change: 'Changes',
}
export const operationKinds = Object.keys(kindWords) as OperationKind[]

export const oneOfKind: Record<OperationKind, string> = {
  call: 'Call',
  sign_in: 'Sign-in',
  refresh: 'Refresh',
  connection: 'Connection',
  webhook: 'Webhook',
  change: 'Change',
}

const ACTIONS: Record<string, string> = {
  'sign_in/connect': 'Sign-in for a new connection',
  'sign_in/reconnect': 'Sign-in that renews a connection',
  'refresh/refresh': 'Token refresh',
}

/** In a few words; of calls the request itself, unless it was refused before it was known where it goes. */
export function headlineOf({ kind, action, method, path, host }: Operation): string {
  if (kind === 'call') return isRequest({ path, host }) ? [method, path ?? host].filter(Boolean).join(' ') : `Call through the ${action}`
  const known = ACTIONS[`${kind}/${action}`]
  if (known !== undefined) return known
  if (kind === 'webhook') return `Webhook ${action}`
  const words = action.replaceAll(/[._]+/g, ' ').trim()
  return words === '' ? oneOfKind[kind] : words[0]!.toUpperCase() + words.slice(1)
}

export function isRequest({ path, host }: Pick<Operation, 'path' | 'host'>): boolean {
  return path !== null || host !== null
}

/** For headings; a path may have a thousand characters. */
export function shortened(text: string, longest = 120): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`
}

/** The status as the caller got it, or how it ended where there was none. */
export function outcomeOf({ outcome, status, kind }: Operation): string {
  if (status !== null) return String(status)
  if (outcome === 'success') return 'Done'
  return kind === 'call' ? 'No answer' : 'Failed'
}

export function toneOf({ outcome, status }: Operation): 'good' | 'warn' | 'bad' {
  if (outcome === 'success') return 'good'
  return status !== null && status >= 400 && status < 500 ? 'warn' : 'bad'
}

const ACTORS: Record<Operation['actor']['kind'], string> = {
  key: 'API key',
  person: 'Person',
  session: 'Connect session',
  token: 'Connection token',
  system: 'This server, by itself',
}

export function actorWords({ kind }: Operation['actor']): string {
  return ACTORS[kind]
}

const number = new Intl.NumberFormat()

/** `87 ms`, `1.24 s`, `2 min 5 s`. */
export function durationText(ms: number | null): string {
  if (ms === null) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`
  return `${number.format(Math.floor(ms / 60_000))} min ${Math.round((ms % 60_000) / 1000)} s`
}
