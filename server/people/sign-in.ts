import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure, fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/people.ts'
import { handler, type Handler } from '#http/handler.ts'
import { sessionCookieOf } from '#http/own-page.ts'
import { answered, libraryHeaders, setCookies } from './call-library.ts'
import { hashOfSessionToken } from './hashed-tokens.ts'
import { SIGNED_IN } from './open-session.ts'
import type { PeopleDeps } from './people-deps.ts'
import { personIdOf } from './person-store.ts'
import { claimCode, deleteSessionOf } from './session-store.ts'

interface Answer {
  token?: string
  user?: { id: string }
  twoFactorRedirect?: boolean
}

/** An unknown address costs a hash too, and gets the same answer. */
export function signInHandler(deps: PeopleDeps): Handler {
  return handler(routes.signIn, async ({ body, request, reply }) => {
    const email = body.email.trim().toLowerCase()
    const giveBack = deps.attempts.take(email, request.ip)
    const { auth } = await deps.library()
    const response = await auth.api.signInEmail({
      body: { email, password: body.password },
      headers: libraryHeaders(request, 'without'),
      asResponse: true,
    })
    const answer = await answered<Answer>(response).catch(async (error: unknown) => {
      if (error instanceof Failure && error.code === 'wrong_sign_in')
        await deps.trail.failed(email, await personIdOf(deps.kit.db.kysely, email), { way: 'password' })
      throw error
    })
    if (answer.twoFactorRedirect === true) {
      await endOpenSession(deps, request)
      setCookies(reply, response)
      return { data: { signed_in: false, second_factor: true } }
    }
    giveBack()
    await signedIn(deps, answer, { request, reply, response }, { way: 'password' })
    return SIGNED_IN
  })
}

/** Five tries for each password that was entered; ten failures lock the second factor for fifteen minutes (both in the database). */
export function enterSecondFactorHandler(deps: PeopleDeps): Handler {
  return handler(routes.enterSecondFactor, async ({ body, request, reply }) => {
    const giveBack = deps.attempts.take(`second factor from ${request.ip}`, request.ip)
    const { auth } = await deps.library()
    const headers = libraryHeaders(request, 'without')
    const response =
      'code' in body
        ? await auth.api.verifyTOTP({ body: { code: body.code }, headers, asResponse: true })
        : await auth.api.verifyBackupCode({ body: { code: body.recovery_code }, headers, asResponse: true })
    const answer = await answered<Answer>(response).catch(async (error: unknown) => {
      if (error instanceof Failure && error.code === 'wrong_code')
        await deps.trail.failed('second factor', undefined, { way: 'second_factor' })
      throw error
    })
    // The library takes a code as often as it is good (RFC 6238 §5.2 does not allow that).
    if ('code' in body && answer.user && !(await claimCode(deps.kit.db.kysely, answer.user.id, body.code))) {
      await endAnswered(deps, answer)
      throw fail('wrong_code')
    }
    giveBack()
    const factor = 'code' in body ? 'totp' : 'recovery_code'
    await signedIn(deps, answer, { request, reply, response }, { way: 'password', second_factor: factor })
    return SIGNED_IN
  })
}

export function signOutHandler(deps: PeopleDeps): Handler {
  return handler(routes.signOut, async ({ principal, request, reply }) => {
    await deps.trail.record(principal.personId, 'person.signed_out', { session: principal.personSessionId })
    const { auth } = await deps.library()
    setCookies(reply, await auth.api.signOut({ headers: libraryHeaders(request, 'with'), asResponse: true }))
    deps.callers.forget()
    return { success: true }
  })
}

/** The cookie is set once the trail has the row. The session that was open in this browser ends: nothing may be left behind in it. */
async function signedIn(
  deps: PeopleDeps,
  answer: Answer,
  { request, reply, response }: { request: FastifyRequest; reply: FastifyReply; response: Response },
  subject: Record<string, unknown>,
): Promise<void> {
  if (!answer.user) throw new Error('a sign-in without a person')
  await deps.trail.record(answer.user.id, 'person.signed_in', subject)
  await endOpenSession(deps, request)
  setCookies(reply, response)
}

export async function endOpenSession(deps: PeopleDeps, request: FastifyRequest): Promise<void> {
  const cookie = sessionCookieOf(request.headers.cookie, deps.kit.config.publicUrl)
  const open = cookie === undefined ? undefined : await deps.callers.of({ cookie, environment: '' }).catch(() => undefined)
  if (!open) return
  await deleteSessionOf(deps.kit.db.kysely, open.personId, open.personSessionId)
  deps.callers.forget()
}

/** Of a session that was opened and is not handed out. */
async function endAnswered(deps: PeopleDeps, { token, user }: Answer): Promise<void> {
  const session = token === undefined ? undefined : await deps.callers.session(hashOfSessionToken(token))
  if (session && user) await deleteSessionOf(deps.kit.db.kysely, user.id, session.id)
}
