/** Sockets: the API on its port, the gateway on its own, each on every address of HAWSER_HOST. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { refusedForManyHeaders } from '#http/many-headers.ts'
import type { Gateway } from '#proxy/gateway.ts'

/** `localhost` is two addresses; a machine without IPv6 has one. */
const MAY_BE_MISSING = '::1'
const HEADERS_TIMEOUT_MS = 20_000
/** Longer than the usual 60 s of load balancers, so that it is never us who close a connection that one is about to use. */
const IDLE_CONNECTION_MS = 72_000
/** How often Node looks for connections whose headers are late; its own 30 s would more than double the time above. */
const LATE_HEADERS_CHECK_MS = 5_000

export interface Listening {
  /** New connections are refused at once; open ones end with their request, or after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Throws in plain words if a port is taken. */
export async function listenOn(hosts: readonly string[], port: number, what: string, makeServer: () => Server): Promise<Listening> {
  const servers: Server[] = []
  for (const host of hosts) {
    const server = makeServer()
    try {
      server.listen({ host, port })
      await once(server, 'listening')
      servers.push(server)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (host === MAY_BE_MISSING && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue
      for (const opened of servers) opened.close()
      throw listenError(code, host, port, what)
    }
  }
  return { close: (graceMs) => closeAll(servers, graceMs) }
}

function listenError(code: string | undefined, host: string, port: number, what: string): Error {
  if (code === 'EADDRINUSE')
    return new Error(
      `Port ${port} is taken, so ${what} cannot listen there. Stop the other program, or choose another port (--port, --gateway-port).`,
    )
  if (code === 'EACCES') return new Error(`Port ${port} needs more rights, so ${what} cannot listen there. Choose a port above 1023.`)
  return new Error(`${what} cannot listen on ${host}:${port} (${code ?? 'unknown reason'}).`)
}

async function closeAll(servers: Server[], graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, graceMs)
  await Promise.all(
    servers.map(async (server) => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    }),
  )
  clearTimeout(cut)
}

export function gatewayServer(gateway: Gateway): Server {
  const server = createServer({ ...gateway.options, connectionsCheckingInterval: LATE_HEADERS_CHECK_MS }, (request, response) => {
    if (!refusedForManyHeaders(request, response)) gateway.handle(request, response)
  })
  server.keepAliveTimeout = IDLE_CONNECTION_MS
  gateway.attach(server)
  return server
}

/** One more socket for the API. Everything that happens on it is handed to Fastify's own server, which never listens itself. */
export function apiServer(
  app: FastifyInstance,
  gateway: { host: string | undefined; handle: RequestListener; owesContinue: (request: IncomingMessage) => void },
): Server {
  const server = createServer({
    maxHeaderSize: 64 * 1024,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: LATE_HEADERS_CHECK_MS,
    requestTimeout: 0,
    keepAliveTimeout: IDLE_CONNECTION_MS,
  })
  server.on('request', (request, response) => {
    if (refusedForManyHeaders(request, response)) return
    if (gateway.host !== undefined && hostOf(request) === gateway.host) gateway.handle(request, response)
    else app.server.emit('request', request, response)
  })
  server.on('checkContinue', (request, response) => {
    if (gateway.host === undefined || hostOf(request) !== gateway.host) return void app.server.emit('checkContinue', request, response)
    gateway.owesContinue(request)
    gateway.handle(request, response)
  })
  server.on('clientError', (...args) => app.server.emit('clientError', ...args))
  for (const event of ['upgrade', 'connect'] as const)
    server.on(event, (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!app.server.emit(event, request, socket, head)) socket.destroy()
    })
  return server
}

function hostOf(request: IncomingMessage): string | undefined {
  return request.headers.host?.replace(/:\d+$/, '').toLowerCase()
}
