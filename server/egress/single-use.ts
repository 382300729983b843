import type { buildConnector, Dispatcher } from 'undici'
import { Client } from 'undici'

/** Calls each of which has a connection of its own. */
export type SingleUse = {
  dispatch: (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => void
  /** Lets calls under way finish for at most `graceMs`, then cuts them. New calls throw at once. */
  closeWithin: (graceMs: number) => Promise<void>
}

/**
 * A connection that has waited in a pool may be closed by the other end in the moment in which we write: the request is then neither answered nor known
 * to be unseen (RFC 9112 §9.3.1). Most calls can be repeated; the use of a rotating refresh token cannot. A new connection is closed by nobody before
 * its first request. Costs a handshake each, shortened by TLS resumption.
 */
export const createSingleUse = (connect: buildConnector.connector): SingleUse => {
  const underWay = new Map<Client, Promise<void>>()
  let closed = false

  return {
    dispatch: (options, handler) => {
      if (closed) throw new Error('egress is closed')
      if (options.origin === undefined) throw new TypeError('an outbound call needs an origin')
      const client = new Client(options.origin, { connect, allowH2: false })
      try {
        client.dispatch({ ...options, reset: true }, handler)
      } finally {
        // It ends what was dispatched first; nothing else can be.
        const ended = client.close().catch(() => {})
        underWay.set(client, ended)
        void ended.then(() => underWay.delete(client))
      }
    },
    closeWithin: async (graceMs) => {
      closed = true
      const deadline = Promise.withResolvers<void>()
      const timer = setTimeout(deadline.resolve, graceMs)
      await Promise.race([Promise.all(underWay.values()), deadline.promise])
      clearTimeout(timer)
      await Promise.all([...underWay.keys()].map((client) => client.destroy()))
    },
  }
}
