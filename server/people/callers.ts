/** Who calls with the cookie of a session. */
import { fail } from '@hawser/api/errors.ts'
import { usualScopesOf } from '@hawser/api/roles.ts'
import type { MemberRequest } from '#http/authenticate.ts'
import { createKnownCredentials } from '#http/known-credentials.ts'
import type { MemberPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { sessionHashOf } from './session-cookie.ts'
import { findSession, type FoundSession } from './session-store.ts'

/** How long a proof of who one is holds. */
export const CONFIRMED_MS = 15 * 60_000
const NO_ENVIRONMENT = '00000000-0000-0000-0000-000000000000'
/** While the database is away nobody's rights can be asked for. */
const MAX_STALE_MS = 60_000

export interface MemberCallers {
  /** Throws `not_signed_in`, `credentials_unavailable`, and `not_found` for an environment that she may not see. */
  of(request: MemberRequest): Promise<MemberPrincipal>
  /** From the cache where possible. Undefined: over. */
  session(sessionHash: string): Promise<FoundSession | undefined>
  /** After a change, so that the person's next call sees it. Other nodes hear of it within a second. */
  forget(): void
}

export function createMemberCallers(kit: Pick<Kit, 'db' | 'bus' | 'clock'>, secret: string): MemberCallers {
  const { clock } = kit
  const sessions = createKnownCredentials<FoundSession>({
    clock,
    bus: kit.bus,
    tables: ['person_session', 'person', 'member', 'environment'],
    find: (tokenHash) => findSession(kit.db.kysely, tokenHash),
    unknown: () => fail('not_signed_in'),
    maxStaleMs: MAX_STALE_MS,
  })
  const load = async (hash: string) => sessions.warm(hash) ?? (await sessions.load(hash))
  return {
    async of({ cookie, environment }) {
      const hash = sessionHashOf(cookie, secret)
      if (hash === undefined) throw fail('not_signed_in')
      const session = await load(hash)
      if (session.expiresAt.getTime() <= clock.now()) throw fail('not_signed_in')
      return principalOf(session, hash, environment, clock.now())
    },
    session: (hash) => load(hash).catch(() => undefined),
    forget: sessions.forget,
  }
}

/** `environment` empty: the first. */
function principalOf(session: FoundSession, sessionHash: string, environment: string, now: number): MemberPrincipal {
  const { environments } = session
  const chosen = environment === '' ? environments[0] : environments.find(({ name }) => name === environment)
  if (!chosen && environment !== '') throw fail('not_found', { message: `You may not see an environment of that name.` })
  const confirmedUntil = session.confirmedAt.getTime() + CONFIRMED_MS
  return {
    kind: 'member',
    personId: session.personId,
    personSessionId: session.id,
    sessionHash,
    environmentId: chosen?.id ?? NO_ENVIRONMENT,
    environmentName: chosen?.name ?? '',
    role: chosen?.role ?? 'viewer',
    scopes: chosen ? usualScopesOf(chosen.role) : [],
    confirmed: confirmedUntil > now,
    confirmedUntil,
    sessionEndsAt: session.expiresAt.getTime(),
  }
}
