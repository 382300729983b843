import { createHash, createSign, generateKeyPairSync } from 'node:crypto'
import { json, type Reply } from '../reply.ts'
import type { State } from '../state.ts'

/** Made at first use: most tests sign nothing. */
function signingKey(state: State): NonNullable<State['signingKey']> {
  state.signingKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
  return state.signingKey
}

function keyId(state: State): string {
  const der = signingKey(state).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 8)
}

/** An RS256 JWT (RFC 7519) of these claims. */
export function signedJwt(state: State, claims: Record<string, unknown>): string {
  const header = { alg: 'RS256', typ: 'JWT', kid: keyId(state) }
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${createSign('sha256').update(signed).sign(signingKey(state).privateKey).toString('base64url')}`
}

/** `GET /id/keys` (RFC 7517). */
export function jwks(state: State): Reply {
  const jwk = signingKey(state).publicKey.export({ format: 'jwk' })
  return json(200, { keys: [{ ...jwk, kid: keyId(state), use: 'sig', alg: 'RS256' }] })
}
