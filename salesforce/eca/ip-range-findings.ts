import type { OptionFinding } from './app-options.ts'
import { MOST_IP_ADDRESSES, MOST_IP_RANGES, ipRangeSize, isPrivateAddress } from './ip-ranges.ts'
import type { IpRange, IpRangeFault } from './ip-ranges.ts'

const FAULTS: Readonly<Record<IpRangeFault, readonly [reason: string, fix: string]>> = {
  address: ['A range has something that is not an IP address.', 'Give IPv4 or IPv6 addresses, without a prefix length such as /24.'],
  family: ['A range begins with IPv4 and ends with IPv6, or the other way round.', 'Give two ranges.'],
  order: ['A range ends before it begins.', 'Swap its two addresses.'],
}

/** What is wrong with the refresh token IP allowlist. Rules: HELP set_ip_allowlist_for_refresh_tokens (V). */
export function tokenIpRangeFindings(ranges: readonly IpRange[]): OptionFinding[] {
  const { findings, addresses } = rangeFindings(ranges, 'tokenIpRanges')
  if (addresses > MOST_IP_ADDRESSES) {
    const reason = `The ranges have more than ${MOST_IP_ADDRESSES} addresses together.`
    findings.push({ field: 'tokenIpRanges', reason, fix: 'List only the addresses your server calls out from.', confidence: 'V' })
  }
  if (ranges.some(({ start, end }) => isPrivateAddress(start) || isPrivateAddress(end))) {
    const reason = 'A range holds private addresses, which Salesforce never sees.'
    findings.push({ field: 'tokenIpRanges', reason, fix: 'List the public addresses that your requests come from.', confidence: 'M' })
  }
  return findings
}

/** Trusted IP ranges have no bound on addresses; 128 ranges are the most (MDAPI67, V). */
export function trustedIpRangeFindings(ranges: readonly IpRange[]): OptionFinding[] {
  return rangeFindings(ranges, 'extras.trustedIpRanges').findings
}

function rangeFindings(ranges: readonly IpRange[], field: string): { findings: OptionFinding[]; addresses: bigint } {
  const findings: OptionFinding[] = []
  let addresses = 0n
  for (const range of ranges) {
    const size = ipRangeSize(range)
    if (typeof size === 'bigint') addresses += size
    else findings.push({ field, reason: FAULTS[size][0], fix: FAULTS[size][1], confidence: 'V' })
  }
  if (ranges.length > MOST_IP_RANGES) {
    findings.push({ field, reason: `There are more than ${MOST_IP_RANGES} ranges.`, fix: 'Join neighbouring ranges.', confidence: 'V' })
  }
  return { findings, addresses }
}
