/** The cookie of a session: `<token>.<signature>`, as better-auth writes it (HMAC-SHA-256 in base64). */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { hashOfSessionToken } from './hashed-tokens.ts'

const FORM = /^([A-Za-z0-9]{32})\.([A-Za-z0-9+/]{43}=)$/

/** The hash by which the session is found; undefined: this server did not write the cookie. So a guess never reaches the database. */
export function sessionHashOf(cookie: string, secret: string): string | undefined {
  let text: string
  try {
    text = decodeURIComponent(cookie)
  } catch {
    return undefined
  }
  const [, token, signature] = FORM.exec(text) ?? []
  if (token === undefined || signature === undefined) return undefined
  const expected = createHmac('sha256', secret).update(token).digest()
  return timingSafeEqual(expected, Buffer.from(signature, 'base64')) ? hashOfSessionToken(token) : undefined
}
