import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import { buildConnector } from 'undici'
import type { HostPort } from './destination.ts'
import { bareHost, bypassesProxy, checkDestination, hostPortKey, portOf } from './destination.ts'
import type { RefusalReason } from './egress-refused.ts'
import { EgressRefused } from './egress-refused.ts'
import type { Resolve } from './guarded-connect.ts'
import { createGuardedConnect, resolveWithSystem } from './guarded-connect.ts'
import { markNotSent } from './network-error.ts'
import { OriginPools } from './origin-pools.ts'
import { createProxyTunnel } from './proxy-tunnel.ts'
import { createSingleUse, type SingleUse } from './single-use.ts'

export type EgressOptions = {
  /** Exact pairs that may lie in private networks and on any port (HAWSER_TRUSTED_HOSTS). */
  trustedHosts: HostPort[]
  /** Tests only: sends `host:port` elsewhere, unguarded, with the server name kept and `ca` trusted in place of the usual roots. */
  connector?: ((hostPort: string) => { host: string; port: number; ca?: string } | undefined) | undefined
  /** HTTPS_PROXY: `https` calls go through its CONNECT. It resolves the names, so keeping private addresses out is its task then. */
  httpsProxy?: string | undefined
  noProxy?: string | undefined
  extraAllowedPorts?: number[] | undefined
  connectTimeoutMs?: number | undefined
  connectionsPerOrigin?: number | undefined
  maxOrigins?: number | undefined
  keepAliveMs?: number | undefined
  resolve?: Resolve | undefined
  onBlocked?: ((blocked: { host: string; port: number; reason: RefusalReason }) => void) | undefined
}

/** Every outbound call of the server goes through `dispatcher` or `dispatchAlone`. They never follow a redirect, and TLS is always verified. */
export type Egress = {
  /** For undici's `request`, `stream`, `fetch`; `headersTimeout` and `bodyTimeout` (ms) are options of each call. */
  readonly dispatcher: Dispatcher
  /** As `dispatcher.dispatch`, on a new connection that carries nothing else: for what must not be sent twice. */
  dispatchAlone: SingleUse['dispatch']
  /**
   * What can be told before connecting: scheme, port, user info, literal addresses, internal names. For early, clear answers only; the
   * guard proper sits in the connector and holds without it. Returns the parsed URL. @throws EgressRefused
   */
  checkUrl: (url: string | URL) => URL
  /** Lets calls under way finish for at most `graceMs` (5 s), then cuts them. */
  close: (graceMs?: number) => Promise<void>
}

// 8443 is common for sandboxes and on-premises gateways; everything else is more often an internal service than an API.
const USUAL_PORTS = [80, 443, 8443]

type Connector = buildConnector.connector

/** TLS sessions and settings are kept per certificate authority, so a mapped host never shares a connector with a real one. */
const createMappedConnect = (timeoutMs: number): ((to: HostPort & { ca?: string }) => Connector) => {
  const connectors = new Map<string | undefined, Connector>()
  return ({ host, port, ca }) => {
    let connect = connectors.get(ca)
    if (connect === undefined) {
      connect = buildConnector({ allowH2: false, timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) })
      connectors.set(ca, connect)
    }
    const chosen = connect
    return (options, callback) => chosen({ ...options, hostname: host, port: String(port) }, callback)
  }
}

const createConnect = (options: EgressOptions, allowedPorts: ReadonlySet<number>): { connect: Connector; close: () => Promise<void> } => {
  const timeoutMs = options.connectTimeoutMs ?? 10_000
  const trusted = new Set(options.trustedHosts.map(hostPortKey))
  const guardedConnect = createGuardedConnect(options.resolve ?? resolveWithSystem, timeoutMs)
  const trustedConnect = buildConnector({ allowH2: false, timeout: timeoutMs })
  const mappedConnect = createMappedConnect(timeoutMs)
  const tunnel = options.httpsProxy ? createProxyTunnel(options.httpsProxy, timeoutMs) : undefined
  const aroundProxy = bypassesProxy(options.noProxy ?? '')

  const connect: Connector = (asked, callback) => {
    const to = { host: bareHost(asked.hostname), port: portOf(asked.protocol, asked.port) }
    // The name for SNI and the certificate is the URL's. undici would take it from a Host header, which a caller may choose.
    const from = { ...asked, servername: isIP(to.host) === 0 ? to.host : '' }
    const finish: buildConnector.Callback = (...[error, socket]) => {
      if (!error) return callback(null, socket)
      if (error instanceof EgressRefused) options.onBlocked?.({ ...to, reason: error.reason })
      callback(markNotSent(error), null)
    }
    const mapped = options.connector?.(`${to.host}:${to.port}`)
    if (mapped) return mappedConnect(mapped)(from, finish)
    const isTrusted = trusted.has(hostPortKey(to))
    try {
      if (!isTrusted) checkDestination(asked.protocol, to, allowedPorts)
    } catch (error) {
      return finish(error as Error, null)
    }
    if (tunnel && asked.protocol === 'https:' && !aroundProxy(to)) {
      const hostPort = to.host.includes(':') ? `[${to.host}]:${to.port}` : `${to.host}:${to.port}`
      tunnel.open(hostPort).then(
        (httpSocket) => trustedConnect({ ...from, httpSocket }, finish),
        (error: Error) => finish(error, null),
      )
      return
    }
    return (isTrusted ? trustedConnect : guardedConnect)(from, finish)
  }
  return { connect, close: () => tunnel?.close() ?? Promise.resolve() }
}

export const createEgress = (options: EgressOptions): Egress => {
  const allowedPorts = new Set([...USUAL_PORTS, ...(options.extraAllowedPorts ?? [])])
  const trusted = new Set(options.trustedHosts.map(hostPortKey))
  const { connect, close } = createConnect(options, allowedPorts)
  const dispatcher = new OriginPools({
    connect,
    connectionsPerOrigin: options.connectionsPerOrigin ?? 128,
    maxOrigins: options.maxOrigins ?? 5_000,
    keepAliveMs: options.keepAliveMs ?? 30_000,
  })

  const singleUse = createSingleUse(connect)

  const checkUrl = (input: string | URL): URL => {
    if (!URL.canParse(String(input))) throw new EgressRefused('unparsable')
    const url = new URL(input)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new EgressRefused('scheme')
    if (url.username !== '' || url.password !== '') throw new EgressRefused('credentials')
    const to = { host: bareHost(url.hostname), port: portOf(url.protocol, url.port) }
    const exempt = trusted.has(hostPortKey(to)) || options.connector?.(`${to.host}:${to.port}`) !== undefined
    if (!exempt) checkDestination(url.protocol, to, allowedPorts)
    return url
  }

  return {
    dispatcher,
    dispatchAlone: singleUse.dispatch,
    checkUrl,
    close: async (graceMs = 5_000) => {
      await Promise.all([dispatcher.closeWithin(graceMs), singleUse.closeWithin(graceMs)])
      await close()
    },
  }
}
