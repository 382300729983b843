import { describe, expect, it } from 'vitest'
import { bypassesProxy, checkDestination } from './destination.ts'

const PORTS = new Set([80, 443, 8443])
const check =
  (host: string, port = 443, protocol = 'https:') =>
  () =>
    checkDestination(protocol, { host, port }, PORTS)

describe('checkDestination', () => {
  it('lets public names and addresses through', () => {
    for (const host of ['login.salesforce.com', 'xn--bcher-kva.example', '8.8.8.8', '2606:4700::1111']) expect(check(host)).not.toThrow()
  })

  it.each([
    'localhost',
    'db',
    'foo.localhost',
    'printer.local',
    'metadata.google.internal',
    'vault.intranet',
    'nas.lan',
    'x.home.arpa',
    '',
  ])('17. refuses the internal name %j', (host) => {
    expect(check(host)).toThrow(expect.objectContaining({ code: 'ERR_EGRESS_REFUSED', reason: 'name' }))
  })

  it('does not take a public name for an internal one', () => {
    expect(check('local.example.com')).not.toThrow()
    expect(check('notlocal.com')).not.toThrow()
  })

  it('18. refuses other schemes and ports', () => {
    for (const protocol of ['ftp:', 'file:', 'data:', 'ws:', 'gopher:']) {
      expect(check('example.com', 443, protocol)).toThrow(expect.objectContaining({ reason: 'scheme' }))
    }
    for (const port of [0, 22, 25, 3306, 5432, 6379, 8080, 65535, Number.NaN]) {
      expect(check('example.com', port)).toThrow(expect.objectContaining({ reason: 'port' }))
    }
  })
})

describe('NO_PROXY', () => {
  const around = (noProxy: string, host: string, port = 443) => bypassesProxy(noProxy)({ host, port })

  it.each([
    ['example.com', 'example.com', true],
    ['example.com', 'api.example.com', true],
    ['example.com', 'notexample.com', false],
    ['.example.com', 'api.example.com', true],
    ['*.example.com', 'api.example.com', true],
    ['EXAMPLE.com.', 'example.com', true],
    ['a.example, b.example c.example', 'c.example', true],
    ['*', 'anything.example', true],
    ['', 'example.com', false],
    ['example.com:8443', 'example.com', false],
    ['example.com:443', 'example.com', true],
    ['::2', '::2', true],
    ['[::2]:443', '::2', true],
    ['[::2]:80', '::2', false],
    ['203.0.113.7', '203.0.113.7', true],
  ])('%j and %s: %s', (noProxy, host, expected) => {
    expect(around(noProxy, host)).toBe(expected)
  })

  it('always holds for loopback', () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1']) expect(around('', host)).toBe(true)
    expect(around('', 'localhost.example.com')).toBe(false)
  })
})
