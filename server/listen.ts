/** Sockets: the API on its port, the gateway on its own, each on every address of HAWSER_HOST. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { once } from 'node:events'
import type { Gateway } from '#proxy/gateway.ts'

/** `localhost` is two addresses; a machine without IPv6 has one. */
const MAY_BE_MISSING = new Set(['::1'])

export interface Listening {
  close(): Promise<void>
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
      if (MAY_BE_MISSING.has(host) && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')) continue
      for (const opened of servers) opened.close()
      throw listenError(code, host, port, what)
    }
  }
  return { close: () => closeAll(servers) }
}

function listenError(code: string | undefined, host: string, port: number, what: string): Error {
  if (code === 'EADDRINUSE') return new Error(`port ${port} is taken: ${what} cannot listen there. Stop the other program, or choose another port.`)
  if (code === 'EACCES') return new Error(`port ${port} needs more rights: ${what} cannot listen there. Choose a port above 1023.`)
  return new Error(`${what} cannot listen on ${host}:${port} (${code ?? 'unknown reason'}).`)
}

/** New connections are refused at once; open ones end with their request. */
async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      await closed
    }),
  )
}

export function gatewayServer(gateway: Gateway): Server {
  const server = createServer(gateway.options, gateway.handle)
  gateway.attach(server)
  return server
}

/** Sends calls for the gateway's host name to the gateway, everything else to the API. */
export function byHostName(gatewayHost: string | undefined, gateway: RequestListener, api: RequestListener): RequestListener {
  if (gatewayHost === undefined) return api
  return (request, response) => {
    const host = request.headers.host?.replace(/:\d+$/, '').toLowerCase()
    return host === gatewayHost ? gateway(request, response) : api(request, response)
  }
}
