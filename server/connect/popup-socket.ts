/**
 * The WebSocket over which the opener of a popup hears how the sign-in ended (the stock browser client opens one at `/`). It only ever speaks: an
 * id first, the result at the end. Who knows an id hears one result, without credentials; ids are random, so the opener's origin does not matter.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Bus } from '#bus/bus.ts'
import { subscriberOf } from '#http/client-address.ts'
import { createPlaces } from './places.ts'
import { POPUP_TOPIC, type RelayedMessage } from './popup-message.ts'
import { SESSION_MINUTES } from './session.ts'

export const WEBSOCKETS_PATH = '/'

const MAX_SOCKETS = 10_000
const PING_MS = 30_000
/** No result can come after the session's end. */
const LIFE_MS = SESSION_MINUTES * 60_000

export interface PopupSockets {
  /** Answers upgrades on our path; on others with 426. */
  attach(server: Server): void
  readonly open: number
  close(): void
}

export interface PopupSocketOptions {
  bus: Bus
  /** Who asks; the socket's other end unless given. */
  addressOf?: ((request: IncomingMessage) => string) | undefined
  maxSockets?: number
  pingMs?: number
  lifeMs?: number
}

export function createPopupSockets({
  bus,
  addressOf = (request) => request.socket.remoteAddress ?? '',
  maxSockets = MAX_SOCKETS,
  pingMs = PING_MS,
  lifeMs = LIFE_MS,
}: PopupSocketOptions): PopupSockets {
  // Clients have nothing to say: a kilobyte is generous.
  const wss = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false, clientTracking: false })
  const sockets = new Map<string, WebSocket>()
  const places = createPlaces(maxSockets)
  const servers: Server[] = []

  const stop = bus.on(POPUP_TOPIC, (text) => {
    const relayed = parsed(text)
    const socket = relayed && sockets.get(relayed.wsClientId)
    if (relayed && socket) socket.send(JSON.stringify(relayed.message), () => socket.close(1000))
  })

  const welcome = (socket: WebSocket, caller: string) => {
    const id = randomUUID()
    sockets.set(id, socket)
    places.take(caller, id)
    const alive = { answered: true }
    const pings = setInterval(() => {
      if (!alive.answered) return socket.terminate()
      alive.answered = false
      socket.ping()
    }, pingMs)
    const end = setTimeout(() => socket.close(1000), lifeMs)
    pings.unref()
    end.unref()
    socket.on('pong', () => (alive.answered = true))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearInterval(pings)
      clearTimeout(end)
      sockets.delete(id)
      places.leave(caller, id)
    })
    socket.send(JSON.stringify({ message_type: 'connection_ack', ws_client_id: id }))
  }

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?')[0]
    if (path !== WEBSOCKETS_PATH) return refuse(socket, '426 Upgrade Required', 'upgrade_not_supported')
    const caller = subscriberOf(addressOf(request))
    const { free, instead } = places.offer(caller)
    if (instead !== undefined) sockets.get(instead)?.terminate()
    if (!free) return refuse(socket, '503 Service Unavailable', 'not_ready')
    wss.handleUpgrade(request, socket, head, (opened) => welcome(opened, caller))
  }

  return {
    attach(server) {
      servers.push(server)
      server.on('upgrade', upgrade)
    },
    get open() {
      return sockets.size
    },
    close() {
      stop()
      for (const server of servers) server.off('upgrade', upgrade)
      for (const socket of sockets.values()) socket.terminate()
      wss.close()
    },
  }
}

function refuse(socket: Duplex, status: string, code: string): void {
  const body = JSON.stringify({ error: { code, message: 'WebSockets are not served here.' } })
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function parsed(text: string): RelayedMessage | undefined {
  try {
    return JSON.parse(text) as RelayedMessage
  } catch {
    return undefined
  }
}
