import type { LookupAddress } from 'node:dns'
import { lookup as lookupName } from 'node:dns'
import type { LookupFunction, Socket } from 'node:net'
import { isIP } from 'node:net'
import { callbackify } from 'node:util'
import { buildConnector } from 'undici'
import { addressAllowed } from './addresses.ts'
import { EgressRefused } from './egress-refused.ts'

/** All addresses of a name. Tests give their own, to play a hostile name server. */
export type Resolve = (hostname: string) => Promise<string[]>

export const resolveWithSystem: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    // The system's resolver (hosts file, search domains, nsswitch), as every other program on the machine uses.
    lookupName(hostname, { all: true }, (error, found) => (error ? reject(error) : resolve(found.map(({ address }) => address))))
  })

/**
 * A `lookup` for node:net that gives only checked addresses. The socket connects to what it returns, so nothing can change between
 * check and connect (DNS rebinding). One bad address among good ones refuses all: no honest name is half private.
 */
const checkedLookup = (resolve: Resolve): LookupFunction => {
  const resolveChecked = callbackify(async (hostname: string): Promise<LookupAddress[]> => {
    const addresses = await resolve(hostname)
    if (addresses.length === 0) throw Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
    if (!addresses.every(addressAllowed)) throw new EgressRefused('address')
    return addresses.map((address) => ({ address, family: isIP(address) }))
  })
  return (hostname, options, callback) =>
    resolveChecked(hostname, (error, entries) => {
      if (error) callback(error, [])
      else if (options.all) callback(null, entries)
      else callback(null, entries[0]!.address, entries[0]!.family) // with --no-network-family-autoselection
    })
}

/**
 * A connector for hosts that callers can choose. The caller has checked the host by `checkDestination`, since a literal address never
 * reaches a lookup. `timeoutMs` covers name, TCP and TLS together.
 */
export const createGuardedConnect = (resolve: Resolve, timeoutMs: number): buildConnector.connector => {
  const connect = buildConnector({ allowH2: false, timeout: timeoutMs, lookup: checkedLookup(resolve) } as buildConnector.BuildOptions)
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null)
      if (options.httpSocket === undefined && !reachedAllowedAddress(socket)) {
        socket.destroy()
        return callback(new EgressRefused('address'), null)
      }
      callback(null, socket)
    })
  }
}

/** The last word is the socket's own: whatever path led here, this is the address that it is connected to. */
const reachedAllowedAddress = (socket: Socket): boolean => socket.remoteAddress !== undefined && addressAllowed(socket.remoteAddress)
