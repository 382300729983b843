/** What owners do with other people. Effective for open sessions of theirs within a second, on every node. */
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/members.ts'
import type { Transaction } from 'kysely'
import { handler, type Handler } from '#http/handler.ts'
import { givenRoles } from './given-roles.ts'
import { makeLink } from './one-time-link.ts'
import type { PeopleDeps } from './people-deps.ts'
import { addRoles, deletePersonRow, deleteRoles, listPersons, lockOwners, type StoredPerson } from './person-store.ts'
import { deleteTokensOf } from './session-store.ts'

export function listPeopleHandler({ kit }: PeopleDeps): Handler {
  return handler(routes.listPeople, async () => ({ data: (await listPersons(kit.db.kysely)).map(shownPerson) }))
}

export function updatePersonHandler(deps: PeopleDeps): Handler {
  const { kysely } = deps.kit.db
  return handler(routes.updatePerson, async ({ principal, params, body }) => {
    const { personId } = params
    await personOf(deps, personId)
    const roles = await givenRoles(kysely, body.roles)
    await deps.trail.record(principal.personId, 'person.roles_changed', { person_id: personId, roles: body.roles })
    await kysely.transaction().execute(async (db) => {
      if (!roles.some(({ role }) => role === 'owner')) await requireAnotherOwner(db, personId)
      await deleteRoles(db, personId)
      await addRoles(db, personId, roles)
      await deleteTokensOf(db, personId)
    })
    deps.callers.forget()
    return { data: shownPerson(await personOf(deps, personId)) }
  })
}

export function deletePersonHandler(deps: PeopleDeps): Handler {
  const { kysely } = deps.kit.db
  return handler(routes.deletePerson, async ({ principal, params }) => {
    const { personId } = params
    await personOf(deps, personId)
    await deps.trail.record(principal.personId, 'person.removed', { person_id: personId })
    await kysely.transaction().execute(async (db) => {
      await requireAnotherOwner(db, personId)
      if (!(await deletePersonRow(db, personId))) throw missing()
    })
    deps.callers.forget()
    return { success: true }
  })
}

export function createPasswordLinkHandler(deps: PeopleDeps): Handler {
  return handler(routes.createPasswordLink, async ({ principal, params }) => {
    const { kit } = deps
    const { id } = await personOf(deps, params.personId)
    await deps.trail.record(principal.personId, 'person.password_link', { person_id: id })
    const made = await makeLink(kit.db.kysely, kit.config.publicUrl, kit.clock.now(), {
      ...{ kind: 'password', personId: id, createdBy: principal.personId },
    })
    return { data: { url: made.url, expires_at: made.expiresAt.toISOString() } }
  })
}

/** Throws `last_owner`. */
async function requireAnotherOwner(db: Transaction<unknown>, personId: string): Promise<void> {
  const owners = await lockOwners(db)
  if (owners.includes(personId) && owners.length === 1) throw fail('last_owner')
}

async function personOf({ kit }: PeopleDeps, id: string): Promise<StoredPerson> {
  const person = (await listPersons(kit.db.kysely, id))[0]
  if (!person) throw missing()
  return person
}

function missing() {
  return fail('not_found', { message: 'Nobody has that id.' })
}

function shownPerson(person: StoredPerson) {
  return {
    id: person.id,
    email: person.email,
    name: person.name,
    roles: person.roles,
    second_factor: person.totp_enabled,
    ways: person.ways,
    last_seen_at: person.last_seen_at?.toISOString() ?? null,
    created_at: person.created_at.toISOString(),
  }
}
