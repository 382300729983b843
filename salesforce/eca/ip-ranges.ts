/** Inclusive; both ends of one family (IPv4 or IPv6). */
export type IpRange = { start: string; end: string; description?: string }

export type IpRangeFault = 'address' | 'family' | 'order'

/** HELP set_ip_allowlist_for_refresh_tokens (V): "up to 128 IP address ranges, with no more than 256 IP addresses total". */
export const MOST_IP_RANGES = 128
export const MOST_IP_ADDRESSES = 256n

/** How many addresses the range has, or what is wrong with it. */
export function ipRangeSize({ start, end }: IpRange): bigint | IpRangeFault {
  const from = ipNumber(start)
  const to = ipNumber(end)
  if (!from || !to) return 'address'
  if (from.family !== to.family) return 'family'
  return to.value < from.value ? 'order' : to.value - from.value + 1n
}

/** True for addresses that Salesforce never sees, because they do not leave the network (RFC 1918, 4193, 6598; loopback, link-local). */
export function isPrivateAddress(address: string): boolean {
  const ip = ipNumber(address)
  if (!ip) return false
  const inside = (network: string, bits: number): boolean => {
    const base = ipNumber(network)
    if (!base || base.family !== ip.family) return false
    const shift = BigInt((ip.family === 4 ? 32 : 128) - bits)
    return base.value >> shift === ip.value >> shift
  }
  return PRIVATE_NETWORKS.some(([network, bits]) => inside(network, bits))
}

const PRIVATE_NETWORKS: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
]

function ipNumber(address: string): { family: 4 | 6; value: bigint } | undefined {
  if (address.includes(':')) return ipv6Number(address)
  const parts = address.split('.')
  // No leading zeros: some readers take 010 for octal.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return { family: 4, value: parts.reduce((value, part) => value * 256n + BigInt(part), 0n) }
}

function ipv6Number(address: string): { family: 6; value: bigint } | undefined {
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return { family: 6, value: groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n) }
}
