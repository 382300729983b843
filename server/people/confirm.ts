/** What the person who is signed in does with her own password. */
import type { FastifyRequest } from 'fastify'
import { Failure, fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/people.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { MemberPrincipal } from '#http/principal.ts'
import { answered, libraryHeaders, setCookies } from './call-library.ts'
import { CONFIRMED_MS } from './callers.ts'
import { deleteLinksLike } from './link-store.ts'
import { requireGoodPassword } from './password-rules.ts'
import type { PeopleDeps } from './people-deps.ts'
import { listPersons, passwordHashOf } from './person-store.ts'
import { claimCode, deleteChallengesOf, deleteTokensOf, noteConfirmation } from './session-store.ts'

export function confirmIdentityHandler(deps: PeopleDeps): Handler {
  return handler(routes.confirmIdentity, async ({ principal, body, request }) => {
    const { personId, personSessionId } = principal
    await withAttempt(deps, principal, request, async () => {
      await requirePassword(deps, personId, body.password)
      const person = (await listPersons(deps.kit.db.kysely, personId))[0]
      if (!person?.totp_enabled) return
      if (body.code === undefined) throw fail('wrong_code', { message: 'Enter the code of your authenticator app, too.' })
      await requireCode(deps, personId, body.code, request)
    })
    const now = deps.kit.clock.now()
    await deps.trail.record(personId, 'person.confirmed', { session: personSessionId })
    await noteConfirmation(deps.kit.db.kysely, personSessionId, new Date(now))
    deps.callers.forget()
    return { data: { confirmed_until: new Date(now + CONFIRMED_MS).toISOString() } }
  })
}

export function changePasswordHandler(deps: PeopleDeps): Handler {
  return handler(routes.changePassword, async ({ principal, body, request, reply }) => {
    const { personId } = principal
    const person = (await listPersons(deps.kit.db.kysely, personId))[0]
    if (!person) throw fail('not_signed_in')
    requireGoodPassword(body.new_password, [person.email, person.name])
    const { auth } = await deps.library()
    const response = await withAttempt(deps, principal, request, async () => {
      await requirePassword(deps, personId, body.current_password)
      const changed = await auth.api.changePassword({
        body: { currentPassword: body.current_password, newPassword: body.new_password, revokeOtherSessions: true },
        headers: libraryHeaders(request, 'with'),
        asResponse: true,
      })
      await answered(changed)
      return changed
    })
    // Whoever changes a password may fear that others know it: no other way in may stay open.
    await deleteTokensOf(deps.kit.db.kysely, personId)
    await deleteLinksLike(deps.kit.db.kysely, 'password', personId)
    await deleteChallengesOf(deps.kit.db.kysely, personId)
    deps.callers.forget()
    await deps.trail.record(personId, 'person.password_changed')
    setCookies(reply, response)
    return { success: true }
  })
}

/** Counts against whoever holds a stolen session and guesses. */
export async function withAttempt<T>(
  deps: PeopleDeps,
  { personId }: Pick<MemberPrincipal, 'personId'>,
  request: FastifyRequest,
  work: () => Promise<T>,
): Promise<T> {
  const account = `person ${personId}`
  const giveBack = deps.attempts.take(account, request.ip)
  try {
    const result = await work()
    giveBack()
    return result
  } catch (error) {
    const guessed = error instanceof Failure && (error.code === 'wrong_sign_in' || error.code === 'wrong_code')
    if (guessed) await deps.trail.failed(account, personId, { way: 'confirmation' })
    throw error
  }
}

/** Throws `wrong_sign_in`. */
export async function requirePassword(deps: PeopleDeps, personId: string, password: string): Promise<void> {
  const hash = await passwordHashOf(deps.kit.db.kysely, personId)
  if (hash === undefined) throw fail('wrong_sign_in', { message: 'You have no password here. Sign in again as you did before.' })
  const { verify } = await deps.library()
  if (!(await verify({ hash, password }))) throw fail('wrong_sign_in', { message: 'That is not your password.' })
}

/** Throws `wrong_code`. */
export async function requireCode(deps: PeopleDeps, personId: string, code: string, request: FastifyRequest): Promise<void> {
  const { auth } = await deps.library()
  await answered(await auth.api.verifyTOTP({ body: { code }, headers: libraryHeaders(request, 'with'), asResponse: true }))
  if (!(await claimCode(deps.kit.db.kysely, personId, code))) throw fail('wrong_code')
}
