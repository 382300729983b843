/** Says who calls: an API key, a connect session, or a person by the cookie of her session. Keys are high-entropy, so one SHA-256 is all they cost. */
import { hash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Failure, fail } from '@hawser/api/errors.ts'
import type { Bus } from '#bus/bus.ts'
import type { Clock } from '#lib/clock.ts'
import { createGuessLimit } from './guess-limit.ts'
import { createKnownCredentials } from './known-credentials.ts'
import { requireOwnPage, sessionCookieOf } from './own-page.ts'
import type { KeyPrincipal, MemberPrincipal, Principal, SessionPrincipal } from './principal.ts'

export const SESSION_PREFIX = 'nango_connect_session_'
// Presets carry the name of their environment, which may hold underscores.
const KEY_FORM = /^hws_[a-z0-9][a-z0-9_]{0,254}_[0-9A-Za-z]{43}$/
const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
/** More than for keys: pages of sessions that are over go on asking for a while, several of one office behind one address. */
const MOST_UNKNOWN_SESSIONS = 600
const SESSION_FORM = /^nango_connect_session_[0-9a-f]{64}$/

export interface AuthenticatorOptions {
  clock: Clock
  bus: Bus
  /** By SHA-256 of the key; undefined if there is none, or it is over. */
  findKey(secretHash: Buffer): Promise<KeyPrincipal | undefined>
  findSession(tokenHash: Buffer): Promise<SessionPrincipal | undefined>
  /** Absent: no cookie is ever looked at. */
  people?: PeopleOptions
  /** How long a known key is honoured while the database is away, in ms. */
  maxStaleMs: number
  /** Called for each use of a key. In memory only. */
  noteUse(keyId: string): void
}

export interface MemberRequest {
  /** The value of the session's cookie. */
  cookie: string
  /** Of the header `Hawser-Environment`; empty: the first that the person may see. */
  environment: string
}

export interface PeopleOptions {
  /** Origin of the public URL. */
  origin: string
  /** Throws `not_signed_in`, `credentials_unavailable`, `not_found`. */
  findMember(request: MemberRequest): Promise<MemberPrincipal>
}

/** What an endpoint takes. `key` goes for people too. */
export interface Accepts {
  key: boolean
  session: boolean
  person?: boolean
}

export interface Authenticator {
  /**
   * Not a promise when the key is known. `address`: who calls. Throws `invalid_secret_key_format`, `unknown_account`, and `too_many_request` for an
   * address that keeps guessing.
   */
  key(secret: string, address: string): KeyPrincipal | Promise<KeyPrincipal>
  /** Throws `invalid_connect_session_token_format`, `unknown_connect_session_token`, and `credentials_unavailable` while the database is away. */
  session(token: string): Promise<SessionPrincipal>
  /**
   * Reads the Authorization header, and in its absence the session's cookie. Throws what `key` and `session` throw, `not_signed_in`, `foreign_page`,
   * and `too_many_request` for an address that keeps guessing sessions.
   */
  request(request: FastifyRequest, accepts: Accepts): Promise<Principal>
}

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { clock } = options
  const keys = createKnownCredentials<KeyPrincipal>({
    clock,
    bus: options.bus,
    tables: ['api_key', 'environment'],
    find: (digest) => options.findKey(Buffer.from(digest, 'base64url')),
    unknown: () => fail('unknown_account'),
    maxStaleMs: options.maxStaleMs,
  })
  const guesses = createGuessLimit(clock)
  const sessionGuesses = createGuessLimit(clock, MOST_UNKNOWN_SESSIONS)

  function key(secret: string, address: string): KeyPrincipal | Promise<KeyPrincipal> {
    const isOurs = KEY_FORM.test(secret)
    if (!isOurs && !UUID_FORM.test(secret)) throw fail('invalid_secret_key_format')
    // A UUID is the same key in capitals.
    const digest = hash('sha256', isOurs ? secret : secret.toLowerCase(), 'base64url')
    const known = keys.warm(digest)
    if (known) return used(known)
    guesses.check(address)
    return keys.load(digest).then(used, (error: unknown) => {
      if (error instanceof Failure && error.code === 'unknown_account') guesses.failed(address)
      throw error
    })
  }

  function used(principal: KeyPrincipal): KeyPrincipal {
    if (principal.expiresAt !== undefined && principal.expiresAt <= clock.now()) throw fail('unknown_account')
    options.noteUse(principal.keyId)
    return principal
  }

  async function session(token: string): Promise<SessionPrincipal> {
    if (!SESSION_FORM.test(token)) throw fail('invalid_connect_session_token_format')
    const principal = await options.findSession(hash('sha256', token, 'buffer')).catch((error: unknown) => {
      throw fail('credentials_unavailable', { message: 'Connect sessions cannot be checked right now. Try again.', cause: error })
    })
    if (!principal) throw fail('unknown_connect_session_token')
    return principal
  }

  async function request(incoming: FastifyRequest, accepts: Accepts): Promise<Principal> {
    const { people } = options
    const cookie =
      people && incoming.headers.authorization === undefined ? sessionCookieOf(incoming.headers.cookie, people.origin) : undefined
    if (people && cookie !== undefined && (accepts.key || accepts.person)) {
      const environment = requireOwnPage(incoming, people.origin)
      return await people.findMember({ cookie, environment })
    }
    if (accepts.person) {
      if (incoming.headers.authorization === undefined) throw fail('not_signed_in')
      await key(bearerOf(incoming.headers.authorization), incoming.ip)
      throw fail('forbidden', { message: 'An API key may not do that: it is for people who are signed in.' })
    }
    const token = bearerOf(incoming.headers.authorization)
    const isSession = token.startsWith(SESSION_PREFIX)
    if (!isSession && !accepts.key)
      throw fail('invalid_connect_session_token_format', { message: 'This endpoint takes a connect session token, not an API key.' })
    if (!isSession) return await key(token, incoming.ip)
    sessionGuesses.check(incoming.ip)
    const principal = await session(token).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'unknown_connect_session_token') sessionGuesses.failed(incoming.ip)
      throw error
    })
    if (!accepts.session) throw fail('forbidden', { message: 'A connect session may not do that; use an API key on your server.' })
    return principal
  }

  return { key, session, request }
}

/** The text after the last `Bearer ` (in capitals or not, RFC 9110 §11.1); a bare token also counts. Throws `missing_auth_header`, `malformed_auth_header`. */
export function bearerOf(header: string | undefined): string {
  if (!header) throw fail('missing_auth_header')
  const at = header.toLowerCase().lastIndexOf('bearer ')
  const token = (at < 0 ? header : header.slice(at + 'Bearer '.length)).trim()
  if (token === '' || /\s/.test(token)) throw fail('malformed_auth_header')
  return token
}
