import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPublicKey } from './public-key.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
const weak = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed25519 = generateKeyPairSync('ed25519')
const x25519 = generateKeyPairSync('x25519')
const pem = (key: { publicKey: typeof rsa.publicKey }) => key.publicKey.export({ type: 'spki', format: 'pem' }) as string
const jwk = (key: { publicKey: typeof rsa.publicKey }) => key.publicKey.export({ format: 'jwk' }) as Record<string, unknown>

describe('a public key', () => {
  it.each([
    ['RS256', rsa],
    ['ES256', p256],
    ['EdDSA', ed25519],
  ])('is good for %s and nothing else, as PEM and as JWK', async (algorithm, key) => {
    const fromPem = await readPublicKey(pem(key))
    expect(fromPem.algorithm).toBe(algorithm)
    expect(await readPublicKey({ ...jwk(key), kid: 'x', x5u: 'https://evil.example', alg: algorithm })).toEqual(fromPem)
    await expect(readPublicKey({ ...jwk(key), alg: 'HS256' })).rejects.toMatchObject({ code: 'invalid_body' })
    await expect(readPublicKey({ ...jwk(key), use: 'enc' })).rejects.toMatchObject({ code: 'invalid_body' })
  })

  it('in PKCS #1 is read, too', async () =>
    expect(await readPublicKey(rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string)).toMatchObject({ algorithm: 'RS256' }))

  it.each([
    ['a short RSA key', pem(small)],
    ['a small exponent', pem(weak)],
    ['RSA-PSS', pem(pss)],
    ['another curve', pem(p384)],
    ['a key that signs nothing', pem(x25519)],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['no key', {}],
    ['a point off the curve', { ...jwk(p256), x: Buffer.alloc(32, 1).toString('base64url') }],
    ['any text', 'hello'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
  ])('%s is refused', async (_what, key) => expect(readPublicKey(key)).rejects.toMatchObject({ code: 'invalid_body' }))

  it('4. a private one is refused, and nothing of it is repeated', async () => {
    const secret = p256.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    for (const key of [secret, p256.privateKey.export({ format: 'jwk' }) as Record<string, unknown>]) {
      const failure = await readPublicKey(key).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'invalid_body', message: expect.stringContaining('private key') })
      expect(JSON.stringify(failure)).not.toContain(secret.split('\n')[1])
    }
  })
})
