/** Single sign-on at the organisation's identity provider: two redirects. Who is let in: invited addresses, people who are here, and named domains. */
import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sql, type Kysely } from 'kysely'
import { Failure, fail } from '@hawser/api/errors.ts'
import type { Role } from '@hawser/api/roles.ts'
import { takeInvitationOf } from './link-store.ts'
import { createOidcClient, OidcRefused, type Identity, type OidcClient, type SignInParts } from './oidc-client.ts'
import { openSession } from './open-session.ts'
import type { PeopleDeps } from './people-deps.ts'
import { addRoles, insertPerson, personIdOf, personIdOfSubject, saveSubject } from './person-store.ts'
import { endOpenSession } from './sign-in.ts'

export interface SsoSettings {
  issuer: string
  clientId: string
  clientSecret: string
  domains: readonly string[]
  domainRole: Role
}

export const SSO_PATH = '/accounts/sso'
const CALLBACK_PATH = `${SSO_PATH}/callback`
const LIFE_MS = 10 * 60_000
/** An identity provider that is asked for a fresh sign-in must say when it was (OpenID Connect Core 1.0 §3.1.2.1). */
const FRESH_SIGN_IN_MS = 5 * 60_000
const STATE = /^[nf][A-Za-z0-9_-]{43}$/
const FRESH = 'f'

export function registerSso(app: FastifyInstance, deps: PeopleDeps, settings: SsoSettings, secret: string): void {
  const { kit } = deps
  const { publicUrl } = kit.config
  const client = createOidcClient({ ...settings, egress: kit.egress, clock: kit.clock, redirectUri: `${publicUrl}${CALLBACK_PATH}` })
  const away = (reply: FastifyReply, path: string) =>
    reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store').redirect(`${publicUrl}${path}`, 303)
  const refused = (reply: FastifyReply, reason: string) => away(reply, `/dashboard/sign-in?sso=${reason}`)

  app.get(SSO_PATH, async (request, reply) => {
    const fresh = (request.query as Record<string, unknown>)['fresh'] === 'true'
    const state = `${fresh ? FRESH : 'n'}${randomBytes(32).toString('base64url')}`
    await insertPending(kit.db.kysely, state, new Date(kit.clock.now() + LIFE_MS))
    try {
      const url = await client.authorizationUrl(partsOf(state, secret), fresh)
      setStateCookie(reply, publicUrl, state)
      return reply.header('referrer-policy', 'no-referrer').header('cache-control', 'no-store').redirect(url, 303)
    } catch (error) {
      logRefusal(request, error)
      return refused(reply, 'unavailable')
    }
  })

  app.get(CALLBACK_PATH, async (request, reply) => {
    setStateCookie(reply, publicUrl, undefined)
    const query = request.query as Record<string, unknown>
    const state = await ownState(kit.db.kysely, request, publicUrl, query['state'])
    if (state === undefined) return refused(reply, 'expired')
    try {
      const identity = await identityOf(client, query, state, secret, kit.clock.now())
      const personId = await admitted(deps, identity, settings)
      await deps.trail.record(personId, 'person.signed_in', { way: 'sso' })
      await endOpenSession(deps, request)
      await openSession(deps, personId, 'sso', { request, reply }, provedAt(identity, kit.clock.now()))
      deps.callers.forget()
      return away(reply, '/dashboard/')
    } catch (error) {
      logRefusal(request, error)
      const reason = reasonOf(error)
      if (reason !== 'unavailable') await deps.trail.failed(`sso ${reason}`, undefined, { way: 'sso', reason })
      return refused(reply, reason)
    }
  })
}

/** Nothing of a sign-in under way has to be kept secret in the database: it is computed from the state and our key. */
function partsOf(state: string, secret: string): SignInParts {
  const derived = (purpose: string) => createHmac('sha256', secret).update(`sso ${purpose} ${state}`).digest('base64url')
  return { state, nonce: derived('nonce'), verifier: derived('verifier') }
}

async function identityOf(
  client: OidcClient,
  query: Record<string, unknown>,
  state: string,
  secret: string,
  now: number,
): Promise<Identity> {
  const { code, iss, error } = query
  if (typeof error === 'string')
    throw new OidcRefused(`the identity provider answered ${/^[a-z_]{1,40}$/.test(error) ? error : 'an error'}`)
  if (typeof code !== 'string' || code === '') throw new OidcRefused('no code came back')
  const identity = await client.identityOf({ code, iss: typeof iss === 'string' ? iss : undefined }, partsOf(state, secret))
  const { authenticatedAt = 0 } = identity
  if (state.startsWith(FRESH) && now - authenticatedAt > FRESH_SIGN_IN_MS) throw new OidcRefused('the sign-in there is not a fresh one')
  return identity
}

/**
 * When the person last proved there who she is: a session that is open there must not open what asks for a proof here. Providers that do not say it
 * (against the specification, Google among them) are believed to have asked. In ms.
 */
function provedAt({ authenticatedAt }: Identity, now: number): number {
  return Math.min(authenticatedAt ?? now, now)
}

/** Who may enter, as a person of ours. Only an address that the identity provider has verified says whose account it is. */
async function admitted(deps: PeopleDeps, identity: Identity, { issuer, domains, domainRole }: SsoSettings): Promise<string> {
  const { kysely } = deps.kit.db
  const known = await personIdOfSubject(kysely, issuer, identity.subject)
  if (known !== undefined) return known
  const { email } = identity
  if (email === undefined || !identity.emailVerified) throw fail('sso_refused', { message: 'unverified_email' })
  const joined = await kysely.transaction().execute(async (db) => {
    const existing = await personIdOf(db, email)
    if (existing !== undefined) {
      if (!(await saveSubject(db, existing, issuer, identity.subject))) throw fail('sso_refused', { message: 'other_account' })
      return { personId: existing, how: 'linked' }
    }
    const invitation = await takeInvitationOf(db, email)
    const byDomain = domains.includes(email.slice(email.lastIndexOf('@') + 1))
    if (!invitation && !byDomain) throw fail('sso_refused', { message: 'not_invited' })
    const personId = await insertPerson(db, { email, name: identity.name ?? email })
    if (personId === undefined || !(await saveSubject(db, personId, issuer, identity.subject)))
      throw fail('sso_refused', { message: 'other_account' })
    await addRoles(db, personId, invitation?.roles ?? [{ environmentId: null, role: domainRole }])
    return { personId, how: invitation ? 'invitation' : 'domain' }
  })
  await deps.trail.record(joined.personId, 'person.joined', { way: 'sso', by: joined.how })
  return joined.personId
}

/** The state that this browser began with, once. Undefined: another browser's, used, too old, or none. */
async function ownState(db: Kysely<unknown>, request: FastifyRequest, publicUrl: string, given: unknown): Promise<string | undefined> {
  if (typeof given !== 'string' || !STATE.test(given)) return undefined
  const name = `${cookieName(publicUrl)}=`
  const kept = (request.headers.cookie ?? '')
    .split(';')
    .map((one) => one.trim())
    .find((one) => one.startsWith(name))
    ?.slice(name.length)
  if (kept === undefined || !timingSafeEqual(hash('sha256', kept, 'buffer'), hash('sha256', given, 'buffer'))) return undefined
  return (await takePending(db, given)) ? given : undefined
}

function cookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-hawser_sso' : 'hawser_sso'
}

/** Lax: the identity provider's redirect back is a navigation from another site. */
function setStateCookie(reply: FastifyReply, publicUrl: string, state: string | undefined): void {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  const life = state === undefined ? 0 : LIFE_MS / 1000
  void reply.header('set-cookie', `${cookieName(publicUrl)}=${state ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Lax${secure}`)
}

const REASONS = new Set(['unverified_email', 'not_invited', 'other_account'])

/** For the page that tells the person: one word. */
function reasonOf(error: unknown): string {
  if (error instanceof Failure) return error.code === 'sso_refused' && REASONS.has(error.message) ? error.message : 'unavailable'
  return error instanceof OidcRefused ? 'refused' : 'unavailable'
}

function logRefusal(request: FastifyRequest, error: unknown): void {
  if (error instanceof Failure) request.log.info({ reason: error.message }, 'a single sign-on was refused')
  else if (error instanceof OidcRefused) request.log.warn({ reason: error.message }, 'a single sign-on failed')
  else request.log.error({ err: error }, 'a single sign-on failed')
}

async function insertPending(db: Kysely<unknown>, state: string, expiresAt: Date): Promise<void> {
  await sql`insert into pending_sso (state_hash, expires_at) values (${hash('sha256', state, 'buffer')}, ${expiresAt})`.execute(db)
}

async function takePending(db: Kysely<unknown>, state: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from pending_sso where state_hash = ${hash('sha256', state, 'buffer')} and expires_at > hawser_now()`.execute(db)
  return numAffectedRows === 1n
}
