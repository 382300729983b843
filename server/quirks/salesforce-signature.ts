import { createHmac, timingSafeEqual } from 'node:crypto'
import { reveal, type Secret } from '#lib/secret.ts'

/**
 * base64 HMAC-SHA256 over `id` and `issued_at` with the consumer secret (Salesforce Help, "OAuth 2.0 Web Server Flow"). An answer without a
 * signature fits: it is sent where the app has a secret, and its absence proves nothing that TLS has not.
 */
export function signatureFits(raw: Record<string, unknown>, clientSecret: Secret<string>): boolean {
  const { id, issued_at: issuedAt, signature } = raw
  if (signature === undefined || signature === null) return true
  if (typeof signature !== 'string' || typeof id !== 'string' || (typeof issuedAt !== 'string' && typeof issuedAt !== 'number'))
    return false
  const expected = createHmac('sha256', reveal(clientSecret)).update(`${id}${issuedAt}`).digest()
  const given = Buffer.from(signature, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
