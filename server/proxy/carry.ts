/** Carries one authenticated call to the provider and its answer back: attempts, replay after a refresh, retries, redirects. */
import type { IncomingHttpHeaders } from 'node:http'
import { fail, Failure } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import type { LiveConnection } from '#connections/connection.ts'
import type { FreshCredentials } from '#connections/connections.ts'
import { placeOf } from '#connections/refresh-deps.ts'
import { fullConfig } from '#connections/secret-config.ts'
import { diagnoseNoAnswer } from '#diagnosis/diagnose.ts'
import { explainHawserCode } from '#diagnosis/hawser-errors.ts'
import type { NetworkErrorDescription } from '#egress/network-error.ts'
import { resolveText } from '#providers/templates.ts'
import { reaches } from './allowed-call.ts'
import type { ApiBase } from './api-base.ts'
import { apiBase } from './api-base.ts'
import type { Exchange } from './exchange.ts'
import { noteAnswer, noteFailing, noteStep, waitFor } from './exchange.ts'
import type { Outcome, Plan } from './forward.ts'
import { forward } from './forward.ts'
import { holdsLinks, isJson, rewriteLinks, rewriteLocation } from './gateway-links.ts'
import type { ProxyDeps } from './proxy-deps.ts'
import type { Redirect } from './redirects.ts'
import { MAX_REDIRECTS, redirectOf } from './redirects.ts'
import { mayHaveMoved, mayMeanExpired, meansExpired, renewForReplay } from './replay.ts'
import type { RequestBody } from './request-body.ts'
import { CallerGone } from './request-body.ts'
import type { Door } from './request-headers.ts'
import { headersForStrangers, requestHeaders } from './request-headers.ts'
import { replaceHeader, responseHeaders } from './response-headers.ts'
import type { RetryRules } from './retry.ts'
import { isIdempotent, waitAfterError, waitAfterStatus } from './retry.ts'
import type { ProxySettings } from './settings.ts'
import type { Target } from './target-url.ts'
import { targetOf } from './target-url.ts'

/** What was found out about a call before its first attempt. */
export interface Call {
  exchange: Exchange
  door: Door
  live: LiveConnection
  /** Of the caller's credential; empty: none. */
  limits: readonly Limits[]
  mode: AuthMode
  endpoint: string
  /** The caller's base, already allowed; else the connection's own. */
  override: ApiBase | undefined
  credentials: FreshCredentials
  body: RequestBody
  retries: number
  retryOn: readonly number[] | undefined
  deadlineMs: number
  /** Ask for an answer that is not compressed. */
  identity: boolean
  allHeadersOnRedirect: boolean
  /** For links in answers at the gateway. */
  gatewayOrigin: () => string
}

type Next =
  | { kind: 'pass' }
  | { kind: 'expired?' }
  | { kind: 'links' }
  | { kind: 'retry'; afterMs: number }
  | { kind: 'redirect'; redirect: Redirect }
const PASS: Next = { kind: 'pass' }
const STREAM: Plan = { kind: 'stream' }
const DROP: Plan = { kind: 'drop' }

/** Returns the status that the caller got, 0 if it got no whole answer. @throws Failure where there is none to pass on; CallerGone */
export async function carry(deps: ProxyDeps, settings: ProxySettings, call: Call): Promise<number> {
  const { exchange } = call
  const { method = 'GET' } = exchange.request
  const deadlineAt = deps.kit.clock.now() + call.deadlineMs
  const state = startState(deps, call)
  const rules = (): RetryRules => rulesNow(deps, call, state, method, deadlineAt)

  for (;;) {
    // Bodies, pauses and refreshes take their time: the kill switch may have been pulled since.
    const stopped = state.stranger ? undefined : deps.stopped?.(placeOf(call.live.connection))
    if (stopped) throw stopped
    if (exchange.gone) throw new CallerGone()
    const { target } = state
    let next: Next = PASS
    const plan = (status: number, headers: IncomingHttpHeaders): Plan => {
      if (headers['sforce-limit-info'] !== undefined && !state.stranger) noteApiUsage(deps, call, headers['sforce-limit-info'])
      next = decide(call, state, status, headers, rules)
      if (next.kind === 'expired?') return { kind: 'hold', bytes: settings.refusalBytes }
      if (next.kind === 'links') return { kind: 'hold', bytes: settings.linkBytes }
      return next.kind === 'pass' ? STREAM : DROP
    }
    const head = (headers: IncomingHttpHeaders): string[] => {
      const kept = responseHeaders(headers)
      return call.door === 'gateway' && headers.location !== undefined
        ? rewriteLocation(kept, headers, target.origin, call.gatewayOrigin())
        : kept
    }
    const timeoutMs = Math.max(1, deadlineAt - deps.kit.clock.now())
    const attempt = { ...target, method, headers: state.headers, body: state.stranger ? noBody : call.body, timeoutMs }
    const outcome = await forward(deps.kit.egress, exchange, attempt, { plan, head }, settings)
    if (outcome.kind === 'streamed') return outcome.status
    const done = await follow(deps, call, state, outcome, next, head, rules())
    if (done !== undefined) return done
  }
}

function noteApiUsage(deps: ProxyDeps, { live, override }: Call, header: string | string[]): void {
  const orgId = live.connection.connectionConfig['org_id']
  // A base that the caller chose need not be the org.
  if (override === undefined && typeof orgId === 'string' && typeof header === 'string') deps.noteApiUsage?.(orgId, header)
}

const noBody: RequestBody = { kind: 'none' }

/** What changes from attempt to attempt. */
interface State {
  target: Target
  headers: string[]
  credentials: FreshCredentials
  replayed: boolean
  retried: number
  redirects: number
  /** A redirect has left the provider's origin; from here on nobody gets the credentials. */
  stranger: boolean
  /** A connection that had died unnoticed was met, and the request sent again on another one. */
  resent: boolean
}

function startState(deps: ProxyDeps, call: Call): State {
  const { credentials } = call
  const [target, headers] = addressed(deps, call, credentials)
  return { target, headers, credentials, replayed: false, retried: 0, redirects: 0, stranger: false, resent: false }
}

/** Target and headers for these credentials: a refresh may have moved the connection to another instance. */
function addressed(deps: ProxyDeps, call: Call, { credentials, live }: FreshCredentials): [Target, string[]] {
  const values = credentials as unknown as Record<string, unknown>
  const connectionConfig = fullConfig(deps.kit.vault, live.connection)
  const target = targetOf(call.override ?? apiBase(live), call.endpoint)
  const applied = call.mode.apply({ provider: live.provider, credentials: values, connectionConfig })
  const headers = requestHeaders({ door: call.door, caller: call.exchange.request.headers, applied, identity: call.identity })
  const query = live.provider.proxy?.query
  if (query !== undefined)
    target.path = withQuery(target.path, query, { connectionConfig, credentials: values, accessToken: values['access_token'] })
  return [target, headers]
}

/** Adds the entry's own parameters, save those that the caller has set. */
function withQuery(path: string, query: Record<string, string>, values: Record<string, unknown>): string {
  const given = new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?')) : '')
  let extended = path
  for (const [name, template] of Object.entries(query)) {
    const value = resolveText(template, values)
    if (value === undefined || given.has(name)) continue
    extended += `${extended.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`
  }
  return extended
}

function rulesNow(deps: ProxyDeps, call: Call, state: State, method: string, deadlineAt: number): RetryRules {
  const left = call.body.kind === 'stream' ? 0 : call.retries - state.retried
  const { provider } = call.live
  return {
    method,
    left,
    attempt: state.retried,
    retryOn: call.retryOn,
    provider,
    now: deps.kit.clock.now(),
    deadlineAt,
    random: deps.random ?? Math.random,
  }
}

/** From the head of an answer: what it will be used for. */
function decide(call: Call, state: State, status: number, headers: IncomingHttpHeaders, rulesOf: () => RetryRules): Next {
  if (status < 300) return call.door === 'gateway' && isJson(headers) && holdsLinks(state.target.path) ? { kind: 'links' } : PASS
  if (!state.replayed && !state.stranger && mayMeanExpired(status, headers) && canRenew(call, state)) return { kind: 'expired?' }
  const rules = rulesOf()
  const afterMs = waitAfterStatus(status, headers, rules)
  if (afterMs !== undefined) return { kind: 'retry', afterMs }
  const redirect =
    call.door === 'proxy' && state.redirects < MAX_REDIRECTS ? redirectOf(rules.method, status, headers, state.target) : undefined
  if (redirect === undefined) return PASS
  // Where the credentials go along, the caller's limits do too; otherwise it gets the redirect itself.
  const carriesCredentials = !state.stranger && !redirect.leavesOrigin
  return carriesCredentials && !reaches(call.limits, rules.method, redirect.target.path) ? PASS : { kind: 'redirect', redirect }
}

function canRenew({ mode, live }: Call, { credentials }: State): boolean {
  return live.grant !== undefined && mode.canRefresh(credentials.credentials as unknown as Record<string, unknown>)
}

/** Ends the call (its status) or prepares the next attempt (undefined). */
async function follow(
  deps: ProxyDeps,
  call: Call,
  state: State,
  outcome: Exclude<Outcome, { kind: 'streamed' }>,
  next: Next,
  head: (headers: IncomingHttpHeaders) => string[],
  rules: RetryRules,
): Promise<number | undefined> {
  switch (outcome.kind) {
    case 'broken':
      return 0
    case 'gone':
      throw new CallerGone()
    case 'failed':
      return afterError(deps, call, state, outcome.error, rules)
    case 'dropped':
      if (next.kind === 'retry') await retryAfter(deps, call, state, next.afterMs, `The provider answered ${outcome.status}`)
      else if (next.kind === 'redirect') followRedirect(deps, call, state, next.redirect)
      return undefined
    case 'held': {
      const { status, headers, body } = outcome
      if (next.kind === 'links') return answerWithLinks(call, state, status, head(headers), headers, body)
      const moved = mayHaveMoved(state.credentials.live, status, deps.kit.clock.now())
      if (!moved && !meansExpired(deps.isRefreshable, call.live.provider, status, headers, body)) {
        const afterMs = waitAfterStatus(status, headers, rules)
        if (afterMs === undefined) return answer(call, status, headers, head(headers), body)
        await retryAfter(deps, call, state, afterMs, `The provider answered ${status}`)
        return undefined
      }
      const renewed = await renewForReplay(deps.connections, state.credentials, call.body).catch((error: unknown) => {
        // The token was good: what the caller should know is what the provider said.
        if (moved && error instanceof Failure) return undefined
        throw error
      })
      if (renewed === undefined) return answer(call, status, headers, head(headers), body)
      noteStep(call.exchange, deps.kit.clock.now(), `The provider answered ${status}; the request is sent again with other credentials`)
      const [target, requestHead] = addressed(deps, call, renewed)
      Object.assign(state, { credentials: renewed, target, headers: requestHead, replayed: true })
      return undefined
    }
  }
}

async function afterError(
  deps: ProxyDeps,
  call: Call,
  state: State,
  error: NetworkErrorDescription,
  rules: RetryRules,
): Promise<undefined> {
  if (call.body.kind === 'stream' && call.body.stream.errored instanceof CallerGone) {
    throw fail('invalid_request', { message: 'The body stopped before its end.' })
  }
  // A kept-alive connection that the provider closed at that very moment looks like this. RFC 9110 §9.2.2 lets a proxy send such a request again.
  if (error.kind === 'reset' && !state.resent && call.body.kind === 'none' && isIdempotent(rules.method) && rules.method !== 'DELETE') {
    state.resent = true
    return
  }
  const afterMs = waitAfterError(error, rules)
  if (afterMs === undefined) throw failureOf(error, call.live.provider.family ?? 'generic')
  await retryAfter(deps, call, state, afterMs, `No answer: ${error.text}`)
}

async function retryAfter({ kit }: ProxyDeps, call: Call, state: State, ms: number, why: string): Promise<void> {
  state.retried++
  noteStep(call.exchange, kit.clock.now(), `${why}; attempt ${state.retried + 1} follows in ${Math.round(ms)} ms`, 'warn')
  await waitFor(call.exchange, ms)
}

function followRedirect({ kit }: ProxyDeps, call: Call, state: State, { target, leavesOrigin }: Redirect): void {
  state.redirects++
  noteStep(call.exchange, kit.clock.now(), `The provider redirects to ${target.origin}${leavesOrigin ? ', which gets no credentials' : ''}`)
  state.target = target
  if (!leavesOrigin || state.stranger) return
  state.stranger = true
  state.headers = headersForStrangers(call.door, call.exchange.request.headers, call.allHeadersOnRedirect)
}

function failureOf({ kind, text }: NetworkErrorDescription, family: 'salesforce' | 'generic'): Failure {
  if (kind === 'blocked')
    return fail('egress_refused', {
      message: `This call was not let out: ${text}. An operator can allow a host with HAWSER_TRUSTED_HOSTS.`,
      diagnosis: explainHawserCode('egress_refused'),
    })
  const diagnosis = diagnoseNoAnswer(family, kind)
  if (kind === 'timeout') return fail('upstream_timeout', { message: `The provider did not answer: ${text}.`, diagnosis })
  return fail('upstream_unreachable', { message: `The provider could not be reached: ${text}.`, diagnosis })
}

function answer({ exchange }: Call, status: number, headers: IncomingHttpHeaders, head: string[], body: Buffer): number {
  const { response, request } = exchange
  noteAnswer(exchange, status, headers)
  if (exchange.failing !== undefined) noteFailing(exchange.failing, body)
  response.writeHead(status, head)
  response.end(request.method === 'HEAD' ? undefined : body)
  return status
}

function answerWithLinks(call: Call, state: State, status: number, head: string[], headers: IncomingHttpHeaders, body: Buffer): number {
  const rewritten = rewriteLinks(body, headers['content-encoding'], state.target.origin, call.gatewayOrigin())
  if (rewritten === undefined) return answer(call, status, headers, head, body)
  // Another text than the provider's: neither its coding nor its checksums fit any more.
  const plain = ['content-encoding', 'etag', 'content-md5', 'digest', 'content-digest'].reduce(
    (list, name) => replaceHeader(list, name, undefined),
    head,
  )
  return answer(call, status, headers, replaceHeader(plain, 'content-length', String(rewritten.length)), rewritten)
}
