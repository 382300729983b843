/** What one does with a one-time link. Each of them counts against whoever guesses, and is gone once used. */
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/people.ts'
import { handler, type Handler } from '#http/handler.ts'
import { deleteLinksLike, findLink, listInvitationRows, takeLink, takeOwnerLink, type FoundLink, type LinkKind } from './link-store.ts'
import { hashOfLinkToken } from './one-time-link.ts'
import { openSession, SIGNED_IN } from './open-session.ts'
import { requireGoodPassword } from './password-rules.ts'
import type { PeopleDeps } from './people-deps.ts'
import { endOpenSession } from './sign-in.ts'
import {
  addRoles,
  deleteRoles,
  insertPerson,
  listPersons,
  personIdOf,
  removeSecondFactor,
  renamePerson,
  savePassword,
} from './person-store.ts'
import { deleteChallengesOf, deleteSessionsOf } from './session-store.ts'

export function readLinkHandler(deps: PeopleDeps): Handler {
  return handler(routes.readLink, async ({ body, request }) => {
    const { link } = await goodLink(deps, body.token, request.ip)
    const db = deps.kit.db.kysely
    const invitation = link.kind === 'invitation' ? (await listInvitationRows(db, link.id))[0] : undefined
    const person = link.person_id === null ? undefined : (await listPersons(db, link.person_id))[0]
    return {
      data: {
        kind: link.kind,
        email: link.email ?? person?.email ?? null,
        roles: invitation?.roles ?? [],
        invited_by: invitation?.invited_by ?? null,
        expires_at: link.expires_at.toISOString(),
      },
    }
  })
}

export function welcomeOwnerHandler(deps: PeopleDeps): Handler {
  return handler(routes.welcomeOwner, async ({ body, request, reply }) => {
    const { tokenHash, passwordHash } = await checked(deps, body, [body.email, body.name], request.ip, 'owner')
    const { personId, isNew } = await deps.kit.db.kysely.transaction().execute(async (db) => {
      if (!(await takeOwnerLink(db, tokenHash))) throw fail('unknown_link')
      const inserted = await insertPerson(db, body)
      const id = inserted ?? (await personIdOf(db, body.email))!
      await renamePerson(db, id, body.name)
      await resetAccess(db, id, passwordHash)
      await deleteRoles(db, id)
      await addRoles(db, id, [{ environmentId: null, role: 'owner' }])
      return { personId: id, isNew: inserted !== undefined }
    })
    deps.callers.forget()
    await deps.trail.record(personId, 'person.became_owner', { new_person: isNew })
    await endOpenSession(deps, request)
    await openSession(deps, personId, 'password', { request, reply })
    return SIGNED_IN
  })
}

export function acceptInvitationHandler(deps: PeopleDeps): Handler {
  return handler(routes.acceptInvitation, async ({ body, request, reply }) => {
    const { tokenHash, passwordHash } = await checked(deps, body, [body.name], request.ip, 'invitation')
    const personId = await deps.kit.db.kysely.transaction().execute(async (db) => {
      const link = await takeLink(db, tokenHash, 'invitation')
      if (!link?.email) throw fail('unknown_link')
      const id = await insertPerson(db, { email: link.email, name: body.name })
      // Whoever holds a link must not get at an account that exists.
      if (id === undefined) throw fail('conflict', { message: 'There is an account for that address already. Sign in with it.' })
      await savePassword(db, id, passwordHash)
      await addRoles(db, id, link.roles ?? [])
      return id
    })
    await deps.trail.record(personId, 'person.joined', { way: 'password' })
    await endOpenSession(deps, request)
    await openSession(deps, personId, 'password', { request, reply })
    return SIGNED_IN
  })
}

export function setPasswordHandler(deps: PeopleDeps): Handler {
  return handler(routes.setPassword, async ({ body, request, reply }) => {
    const { tokenHash, passwordHash } = await checked(deps, body, [], request.ip, 'password')
    const personId = await deps.kit.db.kysely.transaction().execute(async (db) => {
      const link = await takeLink(db, tokenHash, 'password')
      if (!link?.person_id) throw fail('unknown_link')
      await resetAccess(db, link.person_id, passwordHash)
      return link.person_id
    })
    deps.callers.forget()
    await deps.trail.record(personId, 'person.password_set', { by: 'link' })
    await endOpenSession(deps, request)
    await openSession(deps, personId, 'password', { request, reply })
    return SIGNED_IN
  })
}

type Transaction = Parameters<typeof savePassword>[0]

/** Whoever lost the password often lost the second factor with it; and whoever stole them must be out. */
async function resetAccess(db: Transaction, personId: string, passwordHash: string): Promise<void> {
  await savePassword(db, personId, passwordHash)
  await removeSecondFactor(db, personId)
  await deleteSessionsOf(db as never, personId)
  await deleteLinksLike(db, 'password', personId)
  await deleteChallengesOf(db as never, personId)
}

/** Everything that may be refused, before the link is used up: the hash too, which takes its turn. */
async function checked(
  deps: PeopleDeps,
  { token, password }: { token: string; password: string },
  about: string[],
  address: string,
  kind: LinkKind,
): Promise<{ tokenHash: Buffer; passwordHash: string }> {
  const { link, tokenHash } = await goodLink(deps, token, address)
  if (link.kind !== kind) throw fail('unknown_link')
  requireGoodPassword(password, [...about, ...(link.email === null ? [] : [link.email])])
  const { hash } = await deps.library()
  return { tokenHash, passwordHash: await hash(password) }
}

async function goodLink(deps: PeopleDeps, token: string, address: string): Promise<{ link: FoundLink; tokenHash: Buffer }> {
  const giveBack = deps.attempts.take(`link from ${address}`, address)
  const tokenHash = hashOfLinkToken(token)
  const link = await findLink(deps.kit.db.kysely, tokenHash)
  if (!link) throw fail('unknown_link')
  giveBack()
  return { link, tokenHash }
}
