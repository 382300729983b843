/** For tests: a proxy with both doors in front of real upstream servers, over connections that are a table in memory. */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { pino } from 'pino'
import { fail } from '@hawser/api/errors.ts'
import type { Limits } from '@hawser/api/limits.ts'
import type { ConnectionPrincipal } from '#http/principal.ts'
import { authModeNamed } from '#auth-modes/all.ts'
import type { LiveConnection } from '#connections/connection.ts'
import type { Connections, FreshCredentials, FreshOptions } from '#connections/connections.ts'
import type { Egress } from '#egress/dispatcher.ts'
import { createEgress } from '#egress/dispatcher.ts'
import { systemClock } from '#lib/clock.ts'
import type { Vault } from '#vault/vault.ts'
import type { Provider } from '#providers/provider.ts'
import { quirkOf } from '#quirks/all.ts'
import { createProxy } from './proxy.ts'
import type { Proxy } from './proxy.ts'
import { KEY, UUID } from './raw-calls.ts'
import type { ProxyDeps } from './proxy-deps.ts'
import type { ProxySettings } from './settings.ts'

export interface Upstream {
  origin: string
  port: number
  server: Server
  /** What arrived, in order, with the body read unless the handler takes it. */
  seen: { method: string; url: string; headers: IncomingHttpHeaders; rawHeaders: string[] }[]
}

export interface Rig {
  proxy: Proxy
  /** Base URLs. */
  api: string
  gateway: string
  live: LiveConnection
  /** Tokens by version, from 1; `fresh` with `notVersion` makes the next one. */
  tokens: string[]
  freshCalls: (FreshOptions | undefined)[]
  used: string[]
  noted: number
  /** Sockets at `/proxy`. */
  connectionsOpen: (told: (count: number) => void) => void
  close: () => Promise<void>
}

export interface RigOptions {
  upstream: Upstream
  trusted?: number[]
  provider?: Partial<Provider>
  integration?: Partial<LiveConnection['integration']>
  settings?: Partial<ProxySettings>
  scopes?: string[]
  limits?: Limits
  connectionCaller?: (bearer: string) => ConnectionPrincipal | Promise<ConnectionPrincipal>
  places?: ProxyDeps['places']
  audit?: () => void
  stopped?: ProxyDeps['stopped']
  onFresh?: (options: FreshOptions | undefined) => void
  egress?: Egress
  random?: () => number
}

const closers: (() => Promise<void>)[] = []
/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

export async function startUpstream(handle: RequestListener): Promise<Upstream> {
  const seen: Upstream['seen'] = []
  const server = createServer({ keepAliveTimeout: 30_000, maxHeaderSize: 128 * 1024 }, (request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders })
    handle(request, response)
  })
  const port = await listen(server)
  closers.push(() => stop(server))
  return { origin: `http://127.0.0.1:${port}`, port, server, seen }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

export function liveConnection(
  origin: string,
  { provider, integration }: Pick<RigOptions, 'provider' | 'integration'> = {},
): LiveConnection {
  const now = new Date()
  return {
    provider: {
      name: 'salesforce-practice',
      display_name: 'Practice',
      categories: [],
      auth_mode: 'OAUTH2',
      docs: 'https://example.com/docs',
      family: 'salesforce',
      allowed_hosts: [new URL(origin).host],
      proxy: { base_url: '${connectionConfig.instance_url}' },
      ...provider,
    } as Provider,
    integration: {
      id: 'integration-1',
      environmentId: 'environment-1',
      uniqueKey: 'salesforce',
      provider: 'salesforce-practice',
      displayName: 'Salesforce',
      scopes: null,
      forwardWebhooks: true,
      baseUrlOverrideHosts: [],
      createdAt: now,
      updatedAt: now,
      ...integration,
    },
    connection: {
      id: UUID,
      number: 1,
      environmentId: 'environment-1',
      integrationId: 'integration-1',
      connectionId: 'acme',
      grantId: 'grant-1',
      metadata: null,
      connectionConfig: { instance_url: origin },
      secretConfig: undefined,
      org: null,
      tags: {},
      endUser: null,
      webhookUrlOverride: null,
      createdAt: now,
      updatedAt: now,
      lastFetchedAt: null,
    },
    grant: {
      id: 'grant-1',
      environmentId: 'environment-1',
      integrationId: 'integration-1',
      oauthClientId: undefined,
      authMode: 'OAUTH2',
      dataKey: Buffer.alloc(0),
      sealed: Buffer.alloc(0),
      version: 1,
      expiresAt: undefined,
      refreshedAt: Date.now(),
      lastUsedAt: Date.now(),
      longestIdleMs: 0,
      failures: 0,
      cooldownUntil: undefined,
      brokenAt: undefined,
      refreshStartedAt: undefined,
      failure: undefined,
    },
  }
}

/** `fresh` gives the newest token; asked for another than a version, it makes one if that is still the newest. */
function tableOf(rig: Pick<Rig, 'live' | 'tokens' | 'freshCalls'> & { noted: number }, onFresh?: RigOptions['onFresh']): Connections {
  const find = (known: boolean): LiveConnection => {
    if (!known) throw fail('unknown_connection')
    return rig.live
  }
  const current = (): FreshCredentials => ({
    credentials: { type: 'OAUTH2', access_token: rig.tokens.at(-1)!, refresh_token: 'refresh-1', raw: {} },
    version: rig.tokens.length,
    live: rig.live,
  })
  return {
    find: (environmentId, key, id) => {
      if (key !== 'salesforce') throw fail('unknown_provider_config')
      return find(environmentId === 'environment-1' && id === 'acme')
    },
    findById: (environmentId, uuid) => find(environmentId === 'environment-1' && uuid === UUID),
    fresh: (_live, options) => {
      if (options !== undefined) rig.freshCalls.push(options)
      if (options === undefined) return current()
      return Promise.resolve().then(() => {
        onFresh?.(options)
        if (options.notVersion === rig.tokens.length) rig.tokens.push(`token-${rig.tokens.length + 1}`)
        return current()
      })
    },
    noteUse: () => void rig.noted++,
    save: () => Promise.reject(new Error('not in this table')),
    close: () => Promise.resolve(),
  }
}

export async function startRig(options: RigOptions): Promise<Rig> {
  const { upstream } = options
  const trustedHosts = [upstream.port, ...(options.trusted ?? [])].map((port) => ({ host: '127.0.0.1', port }))
  const egress = options.egress ?? createEgress({ trustedHosts })
  const state = { live: liveConnection(upstream.origin, options), tokens: ['token-1'], freshCalls: [], used: [] as string[], noted: 0 }
  const principal = {
    kind: 'key',
    keyId: 'key-1',
    environmentId: 'environment-1',
    environmentName: 'test',
    scopes: options.scopes ?? ['environment:*'],
    limits: options.limits,
  } as const
  const proxy = createProxy({
    // Its connections have no secret fields to open.
    kit: { clock: systemClock, egress, log: pino({ level: 'silent' }), vault: {} as Vault },
    authenticate: {
      key: (secret) => {
        if (secret !== KEY) throw fail('unknown_account')
        return principal
      },
      connection: (bearer) => {
        if (options.connectionCaller === undefined) throw fail('invalid_token')
        return options.connectionCaller(bearer)
      },
    },
    connections: tableOf(state, options.onFresh),
    stopped: options.stopped,
    places: options.places,
    authModes: authModeNamed,
    isRefreshable: (provider, status, contentType, bodyText) => quirkOf(provider).isRefreshable(status, contentType, bodyText),
    audit: {
      used: (keyId, { environmentId, connectionId }) => {
        options.audit?.()
        state.used.push(`${keyId} ${environmentId} ${connectionId}`)
      },
    },
    publicUrl: 'http://localhost:3003',
    settings: options.settings,
    random: options.random ?? (() => 0),
  })
  const app = Fastify({ routerOptions: { maxParamLength: 1024 }, requestTimeout: 0, http: { maxHeaderSize: 64 * 1024 } })
  proxy.register(app)
  app.post('/other', (_request, reply) => reply.send({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { options: serverOptions, handle, attach } = proxy.gateway()
  const gatewayServer = createServer(serverOptions, handle)
  attach(gatewayServer)
  const gatewayPort = await listen(gatewayServer)
  const close = async (): Promise<void> => {
    app.server.closeAllConnections()
    await app.close()
    await stop(gatewayServer)
    await egress.close(0)
  }
  closers.push(close)
  const connectionsOpen: Rig['connectionsOpen'] = (told) => app.server.getConnections((_error, count) => told(count))
  const api = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  return Object.assign(state, { proxy, api, connectionsOpen, gateway: `http://127.0.0.1:${gatewayPort}`, close })
}
