import { BlockList, isIPv6 } from 'node:net'
import type { IncomingMessage } from 'node:http'

const ours = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  ours.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  ours.addSubnet(network, prefix, 'ipv6')

/**
 * Tells once, of the first request that a load balancer has sent on although no proxy is trusted: all callers then have its address, and share one limit.
 * Only a neighbour is taken for a load balancer: anybody on the internet can send the header.
 */
export function createForwardedUnheard(
  trustedProxies: readonly string[],
  log: { warn(fields: { peer: string }, text: string): void },
): (request: IncomingMessage) => void {
  let done = trustedProxies.length > 0
  return ({ headers, socket }) => {
    if (done || headers['x-forwarded-for'] === undefined) return
    const peer = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
    if (!ours.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) return
    done = true
    log.warn(
      { peer },
      'X-Forwarded-For of this neighbour is not believed: all who come by it share one address, and its limits. If it is your load balancer, set HAWSER_TRUSTED_PROXIES',
    )
  }
}
