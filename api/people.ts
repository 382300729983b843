/** Signing in and out. For pages of this server; every answer that signs somebody in sets the session's cookie. */
import { z } from 'zod'
import { defineRoute } from './route.ts'
import { roles } from './roles.ts'
import * as values from './values.ts'

const password = z.string().min(1).max(1000)
const token = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'The part of the link behind the #')
const code = z.string().regex(/^\d{6}$/, 'Six digits')
const recoveryCode = z.string().min(5).max(40)
const name = z.string().trim().min(1).max(200)
const page = { page: true } as const
const signedIn = { person: [] } as const

const outcome = z
  .object({
    /** False: the session is not open yet, a code of the second factor is needed. */
    signed_in: z.boolean(),
    second_factor: z.boolean(),
  })
  .meta({ id: 'SignInOutcome' })

export const getSignInWays = defineRoute({
  name: 'getSignInWays',
  method: 'GET',
  path: '/accounts/ways',
  summary: 'Says how one can sign in here.',
  access: { open: true },
  query: values.nothing,
  reply: {
    status: 200,
    body: z.object({
      data: z.object({
        /** False: nobody can sign in yet; the link for the first owner was printed at the start, `hawser owner-link` makes another. */
        has_owner: z.boolean(),
        password: z.boolean(),
        /** Where to send the browser, and what to call it; null: there is none. */
        sso: z.object({ url: z.string(), name: z.string() }).nullable(),
      }),
    }),
  },
})

export const signIn = defineRoute({
  name: 'signIn',
  method: 'POST',
  path: '/accounts/sign-in',
  summary: 'Signs in with email address and password.',
  access: page,
  query: values.nothing,
  body: z.strictObject({ email: z.string().max(254), password }),
  reply: { status: 200, body: z.object({ data: outcome }) },
  errors: ['wrong_sign_in', 'too_many_request'],
})

export const enterSecondFactor = defineRoute({
  name: 'enterSecondFactor',
  method: 'POST',
  path: '/accounts/second-factor',
  summary: 'Ends a sign-in with a code of the authenticator app, or with a recovery code.',
  access: page,
  query: values.nothing,
  body: z.union([z.strictObject({ code }), z.strictObject({ recovery_code: recoveryCode })]),
  reply: { status: 200, body: z.object({ data: outcome }) },
  errors: ['wrong_code', 'not_signed_in', 'too_many_request'],
})

export const signOut = defineRoute({
  name: 'signOut',
  method: 'POST',
  path: '/accounts/sign-out',
  summary: 'Ends the session.',
  access: signedIn,
  query: values.nothing,
  reply: { status: 200, body: values.success },
})

export const readLink = defineRoute({
  name: 'readLink',
  method: 'POST',
  path: '/accounts/link',
  summary: 'Says what a one-time link is for. It stays good.',
  access: page,
  query: values.nothing,
  body: z.strictObject({ token }),
  reply: {
    status: 200,
    body: z.object({
      data: z.object({
        kind: z.enum(['owner', 'invitation', 'password']),
        /** Null: the person says it herself (first owner). */
        email: z.string().nullable(),
        roles: z.array(z.object({ environment: z.string().nullable(), role: z.enum(roles) })),
        invited_by: z.string().nullable(),
        expires_at: values.timestamp,
      }),
    }),
  },
  errors: ['unknown_link', 'too_many_request'],
})

const fromLink = { status: 200, body: z.object({ data: outcome }) } as const

export const welcomeOwner = defineRoute({
  name: 'welcomeOwner',
  method: 'POST',
  path: '/accounts/welcome',
  summary: 'With the owner’s link: makes an owner, or gives one who lost access a new password; signs in.',
  access: page,
  query: values.nothing,
  body: z.strictObject({ token, email: z.email().max(254), name, password }),
  reply: fromLink,
  errors: ['unknown_link', 'weak_password', 'too_many_request'],
})

export const acceptInvitation = defineRoute({
  name: 'acceptInvitation',
  method: 'POST',
  path: '/accounts/accept-invitation',
  summary: 'With the link of an invitation: sets name and password, signs in.',
  access: page,
  query: values.nothing,
  body: z.strictObject({ token, name, password }),
  reply: fromLink,
  errors: ['unknown_link', 'weak_password', 'too_many_request'],
})

export const setPassword = defineRoute({
  name: 'setPassword',
  method: 'POST',
  path: '/accounts/set-password',
  summary: 'With a link that an owner made: sets a new password, ends all sessions, signs in.',
  access: page,
  query: values.nothing,
  body: z.strictObject({ token, password }),
  reply: fromLink,
  errors: ['unknown_link', 'weak_password', 'too_many_request'],
})

export const confirmIdentity = defineRoute({
  name: 'confirmIdentity',
  method: 'POST',
  path: '/accounts/confirm',
  summary: 'Proves once more who is at the screen: with the password, and a code where the second factor is on. Holds for 15 minutes.',
  access: signedIn,
  query: values.nothing,
  body: z.strictObject({ password, code: code.optional() }),
  reply: { status: 200, body: z.object({ data: z.object({ confirmed_until: values.timestamp }) }) },
  errors: ['wrong_sign_in', 'wrong_code', 'too_many_request'],
})

export const changePassword = defineRoute({
  name: 'changePassword',
  method: 'POST',
  path: '/accounts/change-password',
  summary: 'Changes the password, and signs out everywhere else.',
  access: signedIn,
  query: values.nothing,
  body: z.strictObject({ current_password: password, new_password: password }),
  reply: { status: 200, body: values.success },
  errors: ['wrong_sign_in', 'weak_password', 'too_many_request'],
})

export const beginSecondFactor = defineRoute({
  name: 'beginSecondFactor',
  method: 'POST',
  path: '/accounts/second-factor/begin',
  summary: 'Makes a secret for an authenticator app and recovery codes, shown this once. It is on once a code was entered.',
  access: signedIn,
  query: values.nothing,
  body: z.strictObject({ password }),
  reply: {
    status: 200,
    body: z.object({
      data: z.object({
        /** `otpauth://…`, for the QR code. */
        uri: z.string(),
        /** To type in. */
        secret: z.string(),
        recovery_codes: z.array(z.string()),
      }),
    }),
  },
  errors: ['wrong_sign_in', 'conflict', 'too_many_request'],
})

export const finishSecondFactor = defineRoute({
  name: 'finishSecondFactor',
  method: 'POST',
  path: '/accounts/second-factor/finish',
  summary: 'Switches the second factor on, with the first code of the app; other sessions end.',
  access: signedIn,
  query: values.nothing,
  body: z.strictObject({ code }),
  reply: { status: 200, body: values.success },
  errors: ['wrong_code', 'too_many_request'],
})

export const endSecondFactor = defineRoute({
  name: 'endSecondFactor',
  method: 'POST',
  path: '/accounts/second-factor/end',
  summary: 'Switches the second factor off.',
  access: signedIn,
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({ password }),
  reply: { status: 200, body: values.success },
  errors: ['wrong_sign_in', 'too_many_request'],
})

export const renewRecoveryCodes = defineRoute({
  name: 'renewRecoveryCodes',
  method: 'POST',
  path: '/accounts/second-factor/recovery-codes',
  summary: 'Makes new recovery codes; the old ones end.',
  access: signedIn,
  confirmed: true,
  query: values.nothing,
  body: z.strictObject({ password }),
  reply: { status: 200, body: z.object({ data: z.object({ recovery_codes: z.array(z.string()) }) }) },
  errors: ['wrong_sign_in', 'too_many_request'],
})
