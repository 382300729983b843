import { BlockList, isIP } from 'node:net'
import type { IpRange } from '../state.ts'

/** The ranges of `tokenIpRanges` or `trustedIpRanges`, what of them is none, and how many addresses they hold together. */
export function ipRangesOf(given: unknown): { ranges: IpRange[]; bad: string[]; addresses: number } {
  const ranges: IpRange[] = []
  const bad: string[] = []
  let addresses = 0
  for (const one of Array.isArray(given) ? given : []) {
    const { startIpAddress, endIpAddress } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>
    const [start, end] = [String(startIpAddress ?? ''), String(endIpAddress ?? '')]
    if (!isRange(start, end)) {
      bad.push(`${start} - ${end}`)
      continue
    }
    ranges.push({ start, end })
    // Only IPv4 ranges are counted; a larger IPv6 range than a single address is over any limit anyway.
    addresses += isIP(start) === 4 ? numberOf(end) - numberOf(start) + 1 : start === end ? 1 : 257
  }
  return { ranges, bad, addresses }
}

function isRange(start: string, end: string): boolean {
  if (isIP(start) === 0 || isIP(start) !== isIP(end)) return false
  try {
    // Throws when the end lies before the start.
    new BlockList().addRange(start, end, isIP(start) === 6 ? 'ipv6' : 'ipv4')
    return true
  } catch {
    return false
  }
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
