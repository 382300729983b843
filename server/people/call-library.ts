/** Calls better-auth for an endpoint of ours: cookies go through, its refusals become our words. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { fail, type ErrorCode } from '@hawser/api/errors.ts'
import { isSessionCookie } from '#http/own-page.ts'

const CODES: Record<string, ErrorCode> = {
  INVALID_EMAIL_OR_PASSWORD: 'wrong_sign_in',
  INVALID_EMAIL: 'wrong_sign_in',
  INVALID_PASSWORD: 'wrong_sign_in',
  PASSWORD_TOO_LONG: 'wrong_sign_in',
  PASSWORD_TOO_SHORT: 'weak_password',
  CREDENTIAL_ACCOUNT_NOT_FOUND: 'wrong_sign_in',
  INVALID_CODE: 'wrong_code',
  INVALID_BACKUP_CODE: 'wrong_code',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'not_signed_in',
  INVALID_TWO_FACTOR_COOKIE: 'not_signed_in',
  ACCOUNT_TEMPORARILY_LOCKED: 'too_many_request',
  TOTP_NOT_ENABLED: 'wrong_code',
  TOTP_ALREADY_ENABLED: 'conflict',
  BACKUP_CODES_NOT_ENABLED: 'wrong_code',
  TWO_FACTOR_NOT_ENABLED: 'wrong_code',
  UNAUTHORIZED: 'not_signed_in',
}
const LOCKED_SECONDS = 900

/** `without` leaves the session's cookie out: a sign-in is never about the session that is open. */
export function libraryHeaders({ headers }: FastifyRequest, session: 'with' | 'without'): Headers {
  const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim())
  const kept = session === 'with' ? cookies : cookies.filter((one) => !isSessionCookie(one))
  return new Headers({ cookie: kept.join('; '), 'user-agent': headers['user-agent'] ?? '' })
}

/** The body of the library's answer. Its cookies are set on ours only by `setCookies`. Throws our failures. */
export async function answered<T>(response: Response): Promise<T> {
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) return body as T
  const code = (body as { code?: string } | undefined)?.code ?? ''
  const ours = CODES[code]
  if (ours === undefined) throw new Error(`better-auth answered ${response.status} ${code}`)
  if (ours === 'too_many_request') throw fail(ours, { retryAfter: LOCKED_SECONDS })
  throw fail(ours)
}

export function setCookies(reply: FastifyReply, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) void reply.header('set-cookie', cookie)
}
