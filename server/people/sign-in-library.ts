/** better-auth, as far as it is used: passwords, second factor, sessions. Its own endpoints are not served; ours call it. */
import type { BetterAuthOptions } from 'better-auth'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { getAdapter } from 'better-auth/db/adapter'
import { betterAuth } from 'better-auth/minimal'
import { twoFactor } from 'better-auth/plugins/two-factor'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { z } from 'zod'
import { sessionCookieName } from '#http/own-page.ts'
import { requestOrigin } from '#http/request-origin.ts'
import type { Clock } from '#lib/clock.ts'
import { newId } from '#lib/ids.ts'
import { PRODUCT } from '#lib/product.ts'
import { withHashedTokens } from './hashed-tokens.ts'
import { challengeTable, personTable, secondFactorTables, sessionTable, wayTable } from './library-tables.ts'
import { LONGEST_PASSWORD, SHORTEST_PASSWORD } from './password-rules.ts'
import { createTurns } from './turns.ts'

export const SESSION_MS = 7 * 86_400_000
const CHALLENGE_SECONDS = 600
const RECOVERY_CODES = 10
const LONGEST_USER_AGENT = 300
const HASHES_AT_ONCE = 2
const HASHES_IN_LINE = 30

export interface SignInLibraryOptions {
  db: Kysely<unknown>
  /** Signs cookies, encrypts the secrets of second factors. */
  secret: string
  publicUrl: string
  clock: Clock
  log: Logger
}

export type SignInLibrary = Awaited<ReturnType<typeof openSignInLibrary>>

/** Takes half a second to load, so it is opened by the first who signs in. */
export async function openSignInLibrary({ db, secret, publicUrl, clock, log }: SignInLibraryOptions) {
  const turns = createTurns({ atOnce: HASHES_AT_ONCE, inLine: HASHES_IN_LINE })
  const hash = (password: string) => turns.take(() => hashPassword(password))
  const verify = (given: { hash: string; password: string }) => turns.take(() => verifyPassword(given))
  const options = {
    appName: PRODUCT,
    baseURL: publicUrl,
    basePath: '/accounts',
    secret,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: { level: 'error', log: (_level: string, message: string) => log.error({ library: 'better-auth' }, message) },
    user: personTable,
    account: { ...wayTable, encryptOAuthTokens: true },
    session: { ...sessionTable, expiresIn: SESSION_MS / 1000, disableSessionRefresh: true },
    verification: { ...challengeTable, storeIdentifier: 'hashed' },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: SHORTEST_PASSWORD,
      maxPasswordLength: LONGEST_PASSWORD,
      password: { hash, verify },
    },
    databaseHooks: { session: { create: { before: async (session) => ({ data: { ...session, ...ownFieldsOf(session, clock.now()) } }) } } },
    plugins: [
      twoFactor({
        issuer: PRODUCT,
        twoFactorCookieMaxAge: CHALLENGE_SECONDS,
        backupCodeOptions: { amount: RECOVERY_CODES },
        schema: secondFactorTables,
      }),
      openSession,
    ],
    advanced: {
      ...cookiesFor(publicUrl),
      database: { generateId: () => newId(clock.now()) },
      ipAddress: { disableIpTracking: true },
      // Ours hold for every endpoint, not for the library's alone.
      disableCSRFCheck: true,
      disableOriginCheck: true,
    },
  } satisfies BetterAuthOptions
  const adapter = withHashedTokens(await getAdapter({ ...options, database: { db, type: 'postgres', transaction: true } }))
  return { auth: betterAuth({ ...options, database: () => adapter }), hash, verify }
}

/** `way`: `password` or `sso`. `confirmedAt`: when the person proved who she is, in ms; now unless given. */
const openSession = {
  id: 'open-session',
  endpoints: {
    openPersonSession: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ personId: z.string(), way: z.string(), confirmedAt: z.number().optional() }) },
      async (ctx) => {
        const { internalAdapter } = ctx.context
        const { way, confirmedAt } = ctx.body
        const user = await internalAdapter.findUserById(ctx.body.personId)
        if (!user) throw new Error('a session for nobody')
        const session = await internalAdapter.createSession(user.id, false, {
          way,
          ...(confirmedAt === undefined ? {} : { confirmedAt: new Date(confirmedAt) }),
        })
        await setSessionCookie(ctx, { session, user })
        return ctx.json({ id: session.id })
      },
    ),
  },
} as const

/** The clock of the server, which tests move; the address as trusted proxies say it, which the library cannot know. */
function ownFieldsOf(session: Record<string, unknown>, now: number) {
  return {
    ...{ createdAt: new Date(now), updatedAt: new Date(now), expiresAt: new Date(now + SESSION_MS) },
    confirmedAt: session['confirmedAt'] instanceof Date ? session['confirmedAt'] : new Date(now),
    ipAddress: requestOrigin()?.address ?? null,
    userAgent: String(session['userAgent'] ?? '').slice(0, LONGEST_USER_AGENT),
    way: session['way'] ?? 'password',
  }
}

function cookiesFor(publicUrl: string) {
  const { protocol, pathname } = new URL(publicUrl)
  return {
    cookiePrefix: 'hawser',
    cookies: {
      session_token: { name: sessionCookieName(publicUrl) },
      two_factor: { name: 'hawser_second_factor', attributes: { path: `${pathname.replace(/\/$/, '')}/accounts` } },
    },
    // The library would put `__Secure-` before the names.
    useSecureCookies: false,
    defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', secure: protocol === 'https:', path: pathname },
  } as const
}
