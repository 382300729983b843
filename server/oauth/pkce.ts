/** Proof Key for Code Exchange (RFC 7636). Always S256: `plain` protects nothing once the request is seen. */
import { createHash, randomBytes } from 'node:crypto'

export interface Pkce {
  /** 86 characters of the base64url alphabet. RFC 7636 also allows `~`, which Salesforce refuses. */
  verifier: string
  challenge: string
}

export function newPkce(): Pkce {
  const verifier = randomBytes(64).toString('base64url')
  return { verifier, challenge: challengeOf(verifier) }
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('base64url')
}
