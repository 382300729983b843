import { createHash, createSign, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { json, type Reply } from '../reply.ts'

let pair: KeyPairKeyObjectResult | undefined

/** Made at first use and shared by the fakes of a process: a key takes 0.1 s to make, and no test is about which key it is. */
function signingKey(): KeyPairKeyObjectResult {
  pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return pair
}

function keyId(): string {
  const der = signingKey().publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 8)
}

/** An RS256 JWT (RFC 7519) of these claims. */
export function signedJwt(claims: Record<string, unknown>): string {
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId() }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${createSign('sha256').update(signed).sign(signingKey().privateKey).toString('base64url')}`
}

/** `GET /id/keys` (RFC 7517). */
export function jwks(): Reply {
  const jwk = signingKey().publicKey.export({ format: 'jwk' })
  return json(200, { keys: [{ ...jwk, kid: keyId(), use: 'sig', alg: 'RS256' }] })
}
