import { BlockList, isIP } from 'node:net'
import type { App, IpRange, Org, User } from '../state.ts'

/** True when the address lies in one of the ranges (both ends included); an empty list admits everybody. */
export function ipAllowed(ranges: IpRange[], address: string): boolean {
  if (ranges.length === 0) return true
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (isIP(address) === 0) return false
  const list = new BlockList()
  for (const { start, end } of ranges) {
    if (isIP(start) === 0 || isIP(end) === 0) continue
    list.addRange(start, end, isIP(start) === 6 ? 'ipv6' : 'ipv4')
  }
  return list.check(address, family)
}

/** Login ranges of the profile; the app's "Relax IP restrictions" and the org's trusted addresses pass them. */
export function loginIpAllowed(app: App, org: Org, user: User, address: string): boolean {
  if (app.policy.ipRelaxation === 'Bypass' || app.policy.ipRelaxation === 'Bypass_2factor') return true
  if (org.trustedIps.length > 0 && ipAllowed(org.trustedIps, address)) return true
  return ipAllowed(user.loginIpRanges, address)
}
