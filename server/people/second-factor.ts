import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/people.ts'
import { handler, type Handler } from '#http/handler.ts'
import { answered, libraryHeaders, setCookies } from './call-library.ts'
import { requirePassword, withAttempt } from './confirm.ts'
import { isSessionCookie } from '#http/own-page.ts'
import type { PeopleDeps } from './people-deps.ts'
import { sessionHashOf } from './session-cookie.ts'
import { claimCode, deleteSessionsOf } from './session-store.ts'

export function beginSecondFactorHandler(deps: PeopleDeps): Handler {
  return handler(routes.beginSecondFactor, async ({ principal, body, request }) => {
    const { auth } = await deps.library()
    const made = await withAttempt(deps, principal, request, async () => {
      await requirePassword(deps, principal.personId, body.password)
      return answered<{ totpURI: string; backupCodes: string[] }>(
        await auth.api.enableTwoFactor({
          body: { password: body.password, method: 'totp' },
          headers: libraryHeaders(request, 'with'),
          asResponse: true,
        }),
      )
    })
    const secret = new URL(made.totpURI).searchParams.get('secret')
    if (secret === null) throw new Error('an otpauth URI without a secret')
    return { data: { uri: made.totpURI, secret, recovery_codes: made.backupCodes } }
  })
}

export function finishSecondFactorHandler(deps: PeopleDeps, secret: string): Handler {
  return handler(routes.finishSecondFactor, async ({ principal, body, request, reply }) => {
    const { personId } = principal
    const { auth } = await deps.library()
    const response = await withAttempt(deps, principal, request, async () => {
      const verified = await auth.api.verifyTOTP({ body: { code: body.code }, headers: libraryHeaders(request, 'with'), asResponse: true })
      await answered(verified)
      if (!(await claimCode(deps.kit.db.kysely, personId, body.code))) throw fail('wrong_code')
      return verified
    })
    const cookie = response.headers.getSetCookie().find(isSessionCookie)
    const hash = cookie === undefined ? principal.sessionHash : sessionHashOf(cookie.slice(cookie.indexOf('=') + 1).split(';')[0]!, secret)
    deps.callers.forget()
    const session = hash === undefined ? undefined : await deps.callers.session(hash)
    await deps.trail.record(personId, 'person.second_factor_on')
    await deleteSessionsOf(deps.kit.db.kysely, personId, session?.id)
    deps.callers.forget()
    setCookies(reply, response)
    return { success: true }
  })
}

export function endSecondFactorHandler(deps: PeopleDeps): Handler {
  return handler(routes.endSecondFactor, async ({ principal, body, request, reply }) => {
    const { auth } = await deps.library()
    const response = await withAttempt(deps, principal, request, async () => {
      await requirePassword(deps, principal.personId, body.password)
      await deps.trail.record(principal.personId, 'person.second_factor_off')
      const ended = await auth.api.disableTwoFactor({
        body: { password: body.password },
        headers: libraryHeaders(request, 'with'),
        asResponse: true,
      })
      await answered(ended)
      return ended
    })
    deps.callers.forget()
    setCookies(reply, response)
    return { success: true }
  })
}

export function renewRecoveryCodesHandler(deps: PeopleDeps): Handler {
  return handler(routes.renewRecoveryCodes, async ({ principal, body, request }) => {
    const { auth } = await deps.library()
    const made = await withAttempt(deps, principal, request, async () => {
      await requirePassword(deps, principal.personId, body.password)
      await deps.trail.record(principal.personId, 'person.recovery_codes_renewed')
      const headers = libraryHeaders(request, 'with')
      return answered<{ backupCodes: string[] }>(
        await auth.api.generateBackupCodes({ body: { password: body.password }, headers, asResponse: true }),
      )
    })
    return { data: { recovery_codes: made.backupCodes } }
  })
}
