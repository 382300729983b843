import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/**
 * Who calls, by `X-Forwarded-For` as far as it comes from trusted proxies: what `request.ip` says, for servers that Fastify does not see. `noteForwarded`
 * is shown each request where none is trusted.
 */
export function clientAddressBehind(
  trustedProxies: readonly string[],
  noteForwarded?: (request: IncomingMessage) => void,
): (request: IncomingMessage) => string {
  if (trustedProxies.length === 0)
    return (request) => {
      noteForwarded?.(request)
      return request.socket.remoteAddress ?? ''
    }
  const trusts = proxyAddr.compile([...trustedProxies])
  return (request) => proxyAddr(request, trusts)
}

/** What counts as one caller: a subscriber has a whole /64 of IPv6 addresses, and an IPv4 address may come in its IPv6 form. */
export function subscriberOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const behind = address.includes('::') ? tail.split(':').filter((group) => group !== '') : []
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0')
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':')
}
