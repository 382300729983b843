import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'

export interface Tls {
  /** PEM */
  key: string
  /** PEM */
  cert: string
}

export interface Listener {
  port: number
  close(): Promise<void>
}

/** How often another port is tried when IPv4's free port is taken on IPv6. */
const TRIES = 5

/**
 * Listens on `host` and, when that is 127.0.0.1 and `bothLoopbacks`, on ::1 as well: `localhost` means either. Port 0 takes a free one.
 * Throws when a port that was asked for is taken.
 */
export async function listen(handler: RequestListener, host: string, port: number, tls?: Tls, bothLoopbacks = false): Promise<Listener> {
  for (let attempt = 1; ; attempt++) {
    const first = await bound(handler, host, port, tls)
    if (!bothLoopbacks || host !== '127.0.0.1') return listenerOf([first])
    try {
      return listenerOf([first, await bound(handler, '::1', portOf(first), tls)])
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // Machines without IPv6 are fine.
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return listenerOf([first])
      await closed(first)
      if (port !== 0 || attempt === TRIES) throw error
    }
  }
}

function bound(handler: RequestListener, host: string, port: number, tls: Tls | undefined): Promise<Server> {
  const server = tls === undefined ? createHttpServer(handler) : createHttpsServer(tls, handler)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no port')
  return address.port
}

function listenerOf(servers: [Server, ...Server[]]): Listener {
  return { port: portOf(servers[0]), close: async () => void (await Promise.all(servers.map(closed))) }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
