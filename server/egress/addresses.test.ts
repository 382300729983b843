import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressAllowed } from './addresses.ts'

const ipv4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
const dotted = (octets: number[]): string => octets.join('.')

/** An independent reading of the IPv4 registry: by arithmetic, not by prefixes. */
const isPublicIpv4 = ([a, b, c, d]: [number, number, number, number]): boolean => {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false
  if (a === 100 && b >= 64 && b <= 127) return false
  if (a === 169 && b === 254) return false
  if (a === 172 && b >= 16 && b <= 31) return false
  if (a === 192 && (b === 168 || (b === 0 && (c === 0 || c === 2)) || (b === 88 && c === 99))) return false
  if (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) return false
  if (a === 203 && b === 0 && c === 113) return false
  return !(a === 168 && b === 63 && c === 129 && d === 16)
}

describe('addressAllowed', () => {
  it.each([
    ['loopback', '127.0.0.1', '127.255.255.255', '::1'],
    ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
    ['private', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
    ['unique local', 'fc00::1', 'fd00:ec2::254', 'fdff:ffff::1'],
    ['link-local, with the clouds’ metadata', '169.254.169.254', '169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['carrier-grade NAT', '100.64.0.0', '100.127.255.255', '100.100.100.200'],
    ['cloud hosts', '168.63.129.16', '192.0.0.192'],
    ['benchmarking', '198.18.0.1', '198.19.255.255', '2001:2::1'],
    ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
    ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
    ['reserved and broadcast', '240.0.0.1', '255.255.255.255', '4000::1', '100::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:8.8.8.8', '0:0:0:0:0:ffff:a00:1'],
    ['IPv4-compatible', '::127.0.0.1', '::8.8.8.8'],
    ['NAT64', '64:ff9b::7f00:1', '64:ff9b::8.8.8.8', '64:ff9b:1::1', '64:ff9b:1:ffff::1'],
    ['6to4', '2002:7f00:1::1', '2002:808:808::1'],
    ['Teredo', '2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['what is no address', '', 'localhost', '2130706433', '0x7f.1', '127.1', '[::1]', '8.8.8.8 ', '8.8.8.8:80', '2606:4700::1%lo'],
  ])('17. refuses %s', (_kind, ...addresses) => {
    expect(addresses.filter(addressAllowed)).toEqual([])
  })

  it('lets public addresses out, up to the edges of the refused networks', () => {
    const addresses = ['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.1']
    addresses.push('172.15.255.255', '172.32.0.0', '192.167.255.255', '198.17.255.255', '198.20.0.0', '223.255.255.255', '192.0.1.1')
    addresses.push('2606:4700:4700::1111', '2a00:1450:4001:830::200e', '2001:4860:4860::8888', '2003::1', '2000::1')
    expect(addresses.filter((address) => !addressAllowed(address))).toEqual([])
  })

  it('17. agrees with the registry on every IPv4 address', () => {
    fc.assert(
      fc.property(ipv4, (octets) => {
        expect(addressAllowed(dotted(octets))).toBe(isPublicIpv4(octets))
      }),
      { numRuns: 2_000 },
    )
  })

  it('17. refuses every IPv6 form that carries an IPv4 address', () => {
    fc.assert(
      fc.property(ipv4, fc.constantFrom('::ffff:', '::', '64:ff9b::', '::ffff:0:'), (octets, prefix) => {
        expect(addressAllowed(prefix + dotted(octets))).toBe(false)
        const [a, b, c, d] = octets
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        expect(addressAllowed(`2002:${hex}::1`)).toBe(false)
        expect(addressAllowed(prefix + hex)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  it('17. lets out no IPv6 address but global unicast', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        fc.pre(!address.includes('.'))
        const first = Number.parseInt(address.startsWith('::') ? '0' : address.split(':')[0]!, 16)
        if (first >> 13 !== 1) expect(addressAllowed(address)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6()), (text) => typeof addressAllowed(text) === 'boolean'))
  })
})
