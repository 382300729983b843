import { BlockList, isIP } from 'node:net'

// IANA special-purpose registries (RFC 6890 and updates), as of 2025, without the few globally reachable entries.
const REFUSED_IPV4: [network: string, prefix: number][] = [
  ['0.0.0.0', 8], // "this network"; 0.0.0.0 reaches loopback on Linux
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT; also Alibaba's metadata at 100.100.100.200
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's WireServer: a public address that every Azure machine reaches as its host
  ['169.254.0.0', 16], // link-local, with the clouds' metadata at 169.254.169.254
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // IETF protocol assignments; also Oracle's metadata at 192.0.0.192
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

// IPv6 goes the other way round: only global unicast is let out. That refuses ::, ::1, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96,
// 64:ff9b:1::/48), discard (100::/64), unique local (fc00::/7), link-local, site-local and multicast, and what is assigned in future.
const GLOBAL_UNICAST_IPV6: [network: string, prefix: number] = ['2000::', 3]
const REFUSED_IPV6: [network: string, prefix: number][] = [
  ['2001::', 23], // IETF protocol assignments with Teredo (2001::/32), which carries an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4 carries an IPv4 address
  ['3fff::', 20], // documentation
]

// Two lists: a BlockList matches an IPv4 address against IPv6 rules as its mapped form.
const refusedIpv4 = new BlockList()
for (const [network, prefix] of REFUSED_IPV4) refusedIpv4.addSubnet(network, prefix, 'ipv4')
const globalIpv6 = new BlockList()
globalIpv6.addSubnet(...GLOBAL_UNICAST_IPV6, 'ipv6')
const refusedIpv6 = new BlockList()
for (const [network, prefix] of REFUSED_IPV6) refusedIpv6.addSubnet(network, prefix, 'ipv6')

/**
 * Whether the server may connect to this address for a caller. Takes an address as a socket or a resolver gives it, without brackets;
 * everything else, also an address with a zone (`fe80::1%eth0`), is refused.
 */
export const addressAllowed = (ip: string): boolean => {
  if (ip.includes('%')) return false
  const family = isIP(ip)
  if (family === 4) return !refusedIpv4.check(ip, 'ipv4')
  if (family === 6) return globalIpv6.check(ip, 'ipv6') && !refusedIpv6.check(ip, 'ipv6')
  return false
}
