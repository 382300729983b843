/** Whether an attempt is worth another one, and after how long. Asked for by the header `Retries`; never past the call's deadline. */
import type { IncomingHttpHeaders } from 'node:http'
import type { NetworkErrorDescription } from '#egress/network-error.ts'
import type { Provider } from '#providers/provider.ts'

export interface RetryRules {
  method: string
  /** Attempts that may still be made. */
  left: number
  /** Of the attempt that just failed, from 0. */
  attempt: number
  /** Statuses from `Retry-On`: the caller vouches that they may be repeated with any method. */
  retryOn: readonly number[] | undefined
  provider: Provider
  /** ms */
  now: number
  deadlineAt: number
  /** 0 to 1 */
  random: () => number
}

/** RFC 9110 §9.2.2: the effect of several is that of one. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND', 'REPORT', 'SEARCH'])

export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method)
}

/** ms to wait before the answer of this head is asked for again; undefined: it is the one to pass on. */
export function waitAfterStatus(status: number, headers: IncomingHttpHeaders, rules: RetryRules): number | undefined {
  if (rules.left <= 0 || status < 400) return undefined
  const asked = rules.retryOn?.includes(status) === true
  if (!asked && !(isIdempotent(rules.method) && providerMeans(status, headers, rules.provider))) return undefined
  return withinDeadline(longestHint(headers, rules) ?? backoff(rules), rules)
}

/** ms to wait after an attempt without an answer; undefined: it is not to be repeated. */
export function waitAfterError(error: NetworkErrorDescription, rules: RetryRules): number | undefined {
  if (rules.left <= 0 || error.kind === 'blocked') return undefined
  if (error.sent && !isIdempotent(rules.method)) return undefined
  return withinDeadline(backoff(rules), rules)
}

function withinDeadline(wait: number, { now, deadlineAt }: RetryRules): number | undefined {
  return now + wait < deadlineAt ? wait : undefined
}

/** 1 s, 2 s, 4 s, … halved at most by chance, so that callers who failed together do not come back together. */
function backoff({ attempt, random }: RetryRules): number {
  return Math.min(1000 * 2 ** attempt, 30_000) * (0.5 + random() / 2)
}

function providerMeans(status: number, headers: IncomingHttpHeaders, { proxy }: Provider): boolean {
  const hints = proxy?.retry
  if (listOf(hints?.remaining).some((name) => textOf(headers[name.toLowerCase()]) === '0')) return true
  if (hints?.error_code !== undefined) return listOf(hints.error_code).some((code) => statusMatches(status, code))
  return status === 429 || status >= 500
}

/** `429`, `5xx`, `500-502` */
function statusMatches(status: number, code: string): boolean {
  const [from = '', to] = code.split('-')
  if (to !== undefined) return status >= Number(from) && status <= Number(to)
  return /^\dxx$/i.test(code) ? Math.floor(status / 100) === Number(code[0]) : status === Number(code)
}

/** The longest wait that the provider's own headers and `Retry-After` (RFC 9110 §10.2.3) ask for, in ms. */
function longestHint(headers: IncomingHttpHeaders, { provider, now }: RetryRules): number | undefined {
  const hints = provider.proxy?.retry
  const waits = [
    ...['retry-after', ...listOf(hints?.after)].map((name) => msFromSeconds(textOf(headers[name.toLowerCase()]), now)),
    ...listOf(hints?.at).map((name) => msUntil(textOf(headers[name.toLowerCase()]), now)),
  ].filter((wait) => wait !== undefined)
  return waits.length > 0 ? Math.max(...waits) : undefined
}

function msFromSeconds(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  return /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) * 1000 : msUntil(text, now)
}

/** Seconds or milliseconds since 1970, or a date. A number is in ms if it would otherwise lie beyond the year 5138. */
function msUntil(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,16}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  const at = Number.isNaN(number) ? Date.parse(text) : number > 1e11 ? number : number * 1000
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value.trim() : value?.[0]?.trim()
}
