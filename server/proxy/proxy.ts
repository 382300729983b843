/** The proxy's two doors: `/proxy/*`, where headers name the connection, and the gateway, where the bearer does. Behind them it is one path. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { Failure, fail } from '@hawser/api/errors.ts'
import type { ConnectionProxyHeaders } from '@hawser/api/proxy.ts'
import { proxyPrefix } from '@hawser/api/proxy.ts'
import type { ConnectionPrincipal, KeyPrincipal } from '#http/principal.ts'
import { limitsOf, requireScope, seesConnection, seesIntegration } from '#http/principal.ts'
import type { LiveConnection } from '#connections/connection.ts'
import type { FreshCredentials } from '#connections/connections.ts'
import { requireAllowedCall } from './allowed-call.ts'
import { answerFailure } from './answer-failure.ts'
import type { ApiBase } from './api-base.ts'
import { apiBase } from './api-base.ts'
import { namesConnection, readApiKey, readGatewayBearer } from './bearer.ts'
import type { Call } from './carry.ts'
import { carry } from './carry.ts'
import { readCallOptions, readConnectionCallOptions } from './call-options.ts'
import type { Exchange } from './exchange.ts'
import { dealWithRestOfBody, openExchange } from './exchange.ts'
import { continueNow, owesContinue } from './expect-continue.ts'
import { gatewayOriginOf, createGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import type { ProxyDeps } from './proxy-deps.ts'
import type { CallRecord, ProxyCounts } from './record-call.ts'
import { createCallRecord } from './record-call.ts'
import { operationOfCall } from './operation-of-call.ts'
import { probablyExpired } from './replay.ts'
import type { BodyKeeper } from './request-body.ts'
import { CallerGone, createBodyKeeper } from './request-body.ts'
import type { Door } from './request-headers.ts'
import { registerProxyRoutes } from './routes.ts'
import type { ProxySettings } from './settings.ts'
import { defaultSettings } from './settings.ts'
import { answerSoapFault, isSoap } from './soap-fault.ts'
import { endpointOf, overrideBase, targetOf, type Target } from './target-url.ts'
import { keepCallsYoung } from './young-calls.ts'

export interface Proxy {
  /** `ANY /proxy/*`, in a plugin of its own that never parses a body. */
  register: (app: FastifyInstance) => void
  gateway: () => Gateway
  /** For `server.on('checkContinue')` of servers that `register` does not see: promises that `100 Continue` is sent after authentication. */
  owesContinue: (request: IncomingMessage) => void
  counts: () => ProxyCounts
}

/** What a door reads from a request before anything of its body. */
interface Asked {
  principal: KeyPrincipal | ConnectionPrincipal
  live: LiveConnection
  endpoint: string
  override: ApiBase | undefined
  retries: number
  retryOn: readonly number[] | undefined
  deadlineMs: number | undefined
  identity: boolean
  allHeadersOnRedirect: boolean
}

/** What all calls share. */
interface Doors {
  deps: ProxyDeps
  settings: ProxySettings
  bodies: BodyKeeper
  record: CallRecord
}

/** How far a call has come, for its record and its error answer. */
interface Progress {
  /** Undefined until the caller is known. */
  principal: KeyPrincipal | ConnectionPrincipal | undefined
  live: LiveConnection | undefined
  target: Target | undefined
  failure: Failure | undefined
  /** The key whose place among the calls under way is taken. */
  placeOf: string | undefined
}

export function createProxy(deps: ProxyDeps): Proxy {
  keepCallsYoung()
  const settings = { ...defaultSettings, ...deps.settings }
  const doors: Doors = { deps, settings, bodies: createBodyKeeper(settings), record: createCallRecord(deps.connections) }
  return {
    register: (app) => registerProxyRoutes(app, (request, response) => void serve(doors, request, response, 'proxy')),
    gateway: () => createGateway((request, response) => void serve(doors, request, response, 'gateway')),
    owesContinue,
    counts: doors.record.counts,
  }
}

/** Serves one call to its end. Never rejects. */
async function serve(doors: Doors, request: IncomingMessage, response: ServerResponse, door: Door): Promise<void> {
  const { record, deps } = doors
  const exchange = openExchange(request, response)
  const progress: Progress = { principal: undefined, live: undefined, target: undefined, failure: undefined, placeOf: undefined }
  const startedAt = performance.now()
  record.opened()
  let status = 0
  try {
    status = await steps(doors, exchange, door, progress)
  } catch (error) {
    status = answerError(deps, exchange, door, error, progress)
  }
  if (progress.placeOf !== undefined && progress.live !== undefined) deps.places?.leave(progress.placeOf, progress.live.connection.id)
  const ms = performance.now() - startedAt
  const now = deps.kit.clock.now()
  record.closed(status, ms, progress.live, now)
  const { principal } = progress
  // Whose failure is nobody's who is known goes into the counts of the process alone.
  if (principal === undefined || deps.activity === undefined) return
  deps.activity.counts.call(principal.environmentId, progress.live?.integration.uniqueKey ?? '', status, ms, now)
  deps.activity.record(operationOfCall({ ...progress, principal, exchange, door }, status, ms, now))
}

async function steps(doors: Doors, exchange: Exchange, door: Door, progress: Progress): Promise<number> {
  const { deps, settings, bodies } = doors
  const { request, response } = exchange
  refuseUnproxied(request)
  if (door === 'gateway' && isSoap(targetOf(nowhere, endpointOf(request.url ?? '', '')).path)) {
    answerSoapFault(response, dealWithRestOfBody(exchange, false))
    return 500
  }
  const asking = door === 'proxy' ? askedByHeaders(deps, request, progress) : askedByBearer(deps, request, progress)
  const asked = asking instanceof Promise ? await asking : asking
  const { live, principal } = asked
  requireVisible(principal, live)
  progress.live = live
  if (deps.places !== undefined) {
    deps.places.enter(principal.keyId, live.connection.id)
    progress.placeOf = principal.keyId
  }
  const mode = deps.authModes(live.provider.auth_mode)
  if (mode === undefined) throw fail('unsupported_auth')
  // A wrong path or base is told before anything is refreshed or sent.
  const target = targetOf(asked.override ?? apiBase(live), asked.endpoint)
  progress.target = target
  const { path } = target
  const limits = limitsOf(principal)
  if (limits.length > 0) {
    // The paths of one host say nothing about another's.
    if (asked.override !== undefined && limits.some((one) => one.paths !== undefined)) throw fail('base_url_override_not_allowed')
    requireAllowedCall(limits, request.method ?? 'GET', request.headers, path)
  }
  const finding = deps.connections.fresh(live)
  const found = finding instanceof Promise ? await finding : finding
  // A request that has closed already tells nobody again: its body would be waited for.
  if (exchange.gone) throw new CallerGone()
  const { environmentId } = principal
  deps.audit.used(principal.keyId, { environmentId, connectionId: live.connection.id, endUserId: live.connection.endUser?.id }, request)

  continueNow(request, response)
  const taking = bodies.take(request)
  const body = taking instanceof Promise ? await taking : taking
  try {
    const credentials = body.kind === 'stream' ? await renewedIfIdle(doors, found) : found
    const gatewayOrigin = (): string => gatewayOriginOf(deps, request)
    const deadlineMs = asked.deadlineMs ?? settings.deadlineMs
    const call: Call = { ...asked, limits, exchange, door, mode, credentials, body, deadlineMs, gatewayOrigin }
    return await carry(deps, settings, call)
  } finally {
    if (body.kind === 'kept') body.release()
    else if (body.kind === 'stream' && !body.stream.destroyed) body.stream.destroy()
  }
}

/** For a body that can be sent only once. */
async function renewedIfIdle({ deps, settings, record }: Doors, found: FreshCredentials): Promise<FreshCredentials> {
  const { live, version } = found
  const lastUse = live.grant === undefined ? undefined : record.lastUse(live.grant.id)
  if (!probablyExpired(live, lastUse, deps.kit.clock.now(), settings.idleGrantMs)) return found
  return deps.connections.fresh(live, { notVersion: version })
}

function answerError({ kit }: ProxyDeps, exchange: Exchange, door: Door, error: unknown, progress: Progress): number {
  if (error instanceof CallerGone || exchange.gone) return 0
  const failure = error instanceof Failure ? error : fail('server_error', { cause: error })
  progress.failure = failure
  if (!(error instanceof Failure) || failure.details.internal !== undefined) kit.log.error({ err: error, door }, 'proxied call failed')
  answerFailure(exchange, door, failure, progress.principal !== undefined)
  return failure.status
}

const nowhere: ApiBase = { origin: '', path: '' }

/** @throws Failure method_not_allowed, upgrade_not_supported */
function refuseUnproxied(request: IncomingMessage): void {
  // TRACE answers with the request it got (RFC 9110 §9.3.8): the token would come back to the caller.
  if (request.method === 'TRACE' || request.method === 'TRACK') throw fail('method_not_allowed')
  // Other protocols than WebSocket are offers that may be ignored (RFC 9110 §7.8): Java's client offers h2c with every first request.
  if (request.headers.upgrade?.toLowerCase() === 'websocket') throw fail('upgrade_not_supported')
}

/** A connection that the caller's limits hide does not exist for it. @throws Failure unknown_connection */
function requireVisible(principal: KeyPrincipal | ConnectionPrincipal, { connection, integration }: LiveConnection): void {
  if (limitsOf(principal).length === 0) return
  const { connectionId, tags } = connection
  if (!seesConnection(principal, { integrationKey: integration.uniqueKey, connectionId, tags })) throw fail('unknown_connection')
}

/** `/proxy`: key, integration and connection from headers; or the connection from a credential that names it. */
function askedByHeaders(deps: ProxyDeps, request: IncomingMessage, progress: Progress): Asked | Promise<Asked> {
  const bearer = readApiKey(request.headers.authorization)
  if (namesConnection(bearer)) return askedByCredential(deps, request, bearer, 'proxy', progress)
  const authenticated = deps.authenticate.key(bearer, request)
  if (authenticated instanceof Promise) return authenticated.then((principal) => findByHeaders(deps, request, principal, progress))
  return findByHeaders(deps, request, authenticated, progress)
}

function findByHeaders(deps: ProxyDeps, request: IncomingMessage, principal: KeyPrincipal, progress: Progress): Asked | Promise<Asked> {
  progress.principal = principal
  requireScope(principal, 'environment:proxy')
  const endpoint = endpointOf(request.url ?? '', proxyPrefix)
  const options = readCallOptions(request.headers)
  const integrationKey = options['provider-config-key']
  if (!seesIntegration(principal, integrationKey)) throw fail('unknown_provider_config')
  const found = (live: LiveConnection): Asked => ({ principal, live, endpoint, ...askedOf(options, live) })
  const live = deps.connections.find(principal.environmentId, integrationKey, options['connection-id'])
  return live instanceof Promise ? live.then(found) : found(live)
}

function askedOf(options: ConnectionProxyHeaders, live: LiveConnection): Omit<Asked, 'principal' | 'live' | 'endpoint'> {
  return {
    override: options['base-url-override'] === undefined ? undefined : overrideBase(live.integration, options['base-url-override']),
    retries: options.retries ?? 0,
    retryOn: options['retry-on'],
    deadlineMs: options['retry-deadline'] === undefined ? undefined : options['retry-deadline'] * 1000,
    identity: options.decompress === true,
    allHeadersOnRedirect: options['forward-headers-on-redirect'] === true,
  }
}

/** A connection token or a JWT, at either door. */
function askedByCredential(
  deps: ProxyDeps,
  request: IncomingMessage,
  credential: string,
  door: Door,
  progress: Progress,
): Asked | Promise<Asked> {
  const authenticated = deps.authenticate.connection(credential, request)
  if (authenticated instanceof Promise) return authenticated.then((principal) => findNamed(deps, request, principal, door, progress))
  return findNamed(deps, request, authenticated, door, progress)
}

function findNamed(
  deps: ProxyDeps,
  request: IncomingMessage,
  principal: ConnectionPrincipal,
  door: Door,
  progress: Progress,
): Asked | Promise<Asked> {
  progress.principal = principal
  const endpoint = endpointOf(request.url ?? '', door === 'proxy' ? proxyPrefix : '')
  const options = door === 'proxy' ? readConnectionCallOptions(request.headers) : undefined
  const found = (live: LiveConnection): Asked => {
    if (options === undefined) return { principal, live, endpoint, ...NOTHING_ASKED }
    const { 'provider-config-key': integrationKey = live.integration.uniqueKey, 'connection-id': id = live.connection.connectionId } =
      options
    if (integrationKey !== live.integration.uniqueKey || id !== live.connection.connectionId)
      throw fail('unknown_connection', { message: 'This credential is for another connection than the headers name.' })
    return { principal, live, endpoint, ...askedOf(options, live) }
  }
  const { connection, environmentId } = principal
  const live =
    'uuid' in connection
      ? deps.connections.findById(environmentId, connection.uuid)
      : deps.connections.find(environmentId, connection.integrationKey, connection.connectionId)
  return live instanceof Promise ? live.then(found) : found(live)
}

/** Gateway: key and connection from the bearer. */
function askedByBearer(deps: ProxyDeps, request: IncomingMessage, progress: Progress): Asked | Promise<Asked> {
  const bearer = readGatewayBearer(request.headers.authorization, request.headers['x-sfdc-session'])
  if ('credential' in bearer) return askedByCredential(deps, request, bearer.credential, 'gateway', progress)
  const { key, connectionUuid } = bearer
  const authenticated = deps.authenticate.key(key, request)
  if (authenticated instanceof Promise)
    return authenticated.then((principal) => findByUuid(deps, request, principal, connectionUuid, progress))
  return findByUuid(deps, request, authenticated, connectionUuid, progress)
}

const NOTHING_ASKED = {
  override: undefined,
  retries: 0,
  retryOn: undefined,
  deadlineMs: undefined,
  identity: false,
  allHeadersOnRedirect: false,
} as const

function findByUuid(
  deps: ProxyDeps,
  request: IncomingMessage,
  principal: KeyPrincipal,
  uuid: string,
  progress: Progress,
): Asked | Promise<Asked> {
  progress.principal = principal
  requireScope(principal, 'environment:proxy')
  const endpoint = endpointOf(request.url ?? '', '')
  const found = (live: LiveConnection): Asked => ({ principal, live, endpoint, ...NOTHING_ASKED })
  const live = deps.connections.findById(principal.environmentId, uuid)
  return live instanceof Promise ? live.then(found) : found(live)
}
