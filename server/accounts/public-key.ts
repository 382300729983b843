/** Public keys as customers hand them in, and which one algorithm each is good for: a token never chooses it (RFC 8725 §3.1). */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { fail } from '@hawser/api/errors.ts'
import type { signingAlgorithms } from '@hawser/api/signing-keys.ts'

export type SigningAlgorithm = (typeof signingAlgorithms)[number]

export interface ReadPublicKey {
  algorithm: SigningAlgorithm
  /** SPKI, PEM. */
  pem: string
  /** RFC 7638, SHA-256, base64url. */
  thumbprint: string
}

const MOST_RSA_BITS = 8192
const LEAST_RSA_BITS = 2048
/** With a smaller one signatures get easier to forge; everybody uses this. */
const LEAST_RSA_EXPONENT = 65_537n
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** Throws `invalid_body`, never with any of the key's text: it may be a private one. */
export async function readPublicKey(given: string | Record<string, unknown>): Promise<ReadPublicKey> {
  const key = typeof given === 'string' ? keyOfPem(given) : keyOfJwk(given)
  const algorithm = algorithmOf(key)
  if (algorithm === undefined)
    throw refused('Take an RSA key of 2048 to 8192 bits (exponent 65537 or more), an EC key on P-256, or an Ed25519 key.')
  const named = typeof given === 'string' ? undefined : given['alg']
  // RFC 9864 names the curve; `Ed25519` and `EdDSA` are one algorithm for such a key.
  if (named !== undefined && named !== algorithm && !(named === 'Ed25519' && algorithm === 'EdDSA'))
    throw refused(`The key's \`alg\` must be ${algorithm}.`)
  return {
    algorithm,
    pem: key.export({ type: 'spki', format: 'pem' }) as string,
    thumbprint: await calculateJwkThumbprint(key.export({ format: 'jwk' }) as JWK),
  }
}

function keyOfPem(text: string): KeyObject {
  if (/PRIVATE/i.test(text)) throw privateKey()
  if (!/^\s*-----BEGIN (RSA )?PUBLIC KEY-----/.test(text)) throw refused('The text must begin with -----BEGIN PUBLIC KEY-----.')
  try {
    return createPublicKey({ key: text, format: 'pem' })
  } catch {
    throw refused('The PEM text could not be read as a public key.')
  }
}

function keyOfJwk(jwk: Record<string, unknown>): KeyObject {
  if (SECRET_MEMBERS.some((name) => Object.hasOwn(jwk, name))) throw privateKey()
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') throw refused("The key's `use` must be `sig`.")
  try {
    // Only what makes the key: `x5u` and the like are nobody's business here.
    const { kty, crv, x, y, n, e } = jwk
    return createPublicKey({ key: JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })), format: 'jwk' })
  } catch {
    throw refused('The JWK could not be read as a public key.')
  }
}

function algorithmOf(key: KeyObject): SigningAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = details
  if (type === 'rsa' && modulusLength >= LEAST_RSA_BITS && modulusLength <= MOST_RSA_BITS && publicExponent >= LEAST_RSA_EXPONENT)
    return 'RS256'
  if (type === 'ec' && namedCurve === 'prime256v1') return 'ES256'
  return type === 'ed25519' ? 'EdDSA' : undefined
}

function privateKey() {
  return refused('That is a private key. Keep it, replace it if it has left your server, and register its public half.')
}

function refused(message: string) {
  return fail('invalid_body', { errors: [{ code: 'custom', message, path: ['public_key'] }] })
}
