import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTestCa } from './test-ca.ts'

describe('createTestCa', () => {
  const ca = createTestCa()
  const root = new X509Certificate(ca.caPem)

  it('is a certificate authority that signed itself', () => {
    expect(root.ca).toBe(true)
    expect(root.verify(root.publicKey)).toBe(true)
  })

  it('issues certificates for names, wildcards and addresses, and for nothing else', () => {
    const { cert, key } = ca.issue(['login.example.com', '*.my.example.com', '127.0.0.1', '::1', '2001:db8::42'])
    const leaf = new X509Certificate(cert)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(leaf.checkHost('login.example.com')).toBe('login.example.com')
    expect(leaf.checkHost('acme.my.example.com')).toBe('*.my.example.com')
    expect(leaf.checkHost('a.b.my.example.com')).toBeUndefined()
    expect(leaf.checkHost('evil.example.com')).toBeUndefined()
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(leaf.checkIP('2001:db8::42')).toBe('2001:db8::42')
    expect(leaf.checkIP('127.0.0.2')).toBeUndefined()
  })

  it('does not vouch for another authority’s certificates', () => {
    const foreign = new X509Certificate(createTestCa().issue(['login.example.com']).cert)
    expect(foreign.verify(root.publicKey)).toBe(false)
  })
})
