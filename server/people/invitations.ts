import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/members.ts'
import { handler, type Handler } from '#http/handler.ts'
import { givenRoles } from './given-roles.ts'
import { deleteInvitationRow, isInvited, listInvitationRows, type ListedInvitation } from './link-store.ts'
import { makeLink } from './one-time-link.ts'
import type { PeopleDeps } from './people-deps.ts'
import { personIdOf } from './person-store.ts'

export function listInvitationsHandler({ kit }: PeopleDeps): Handler {
  return handler(routes.listInvitations, async () => ({ data: (await listInvitationRows(kit.db.kysely)).map(shownInvitation) }))
}

export function createInvitationHandler(deps: PeopleDeps): Handler {
  const { kysely } = deps.kit.db
  return handler(routes.createInvitation, async ({ principal, body }) => {
    const email = body.email.toLowerCase()
    const roles = await givenRoles(kysely, body.roles)
    if ((await personIdOf(kysely, email)) !== undefined)
      throw fail('conflict', { message: 'There is an account for that address already; change its roles.' })
    if (await isInvited(kysely, email)) throw fail('conflict', { message: 'That address is invited already. End that invitation first.' })
    await deps.trail.record(principal.personId, 'person.invited', { roles: body.roles })
    const made = await makeLink(kysely, deps.kit.config.publicUrl, deps.kit.clock.now(), {
      ...{ kind: 'invitation', email, roles, createdBy: principal.personId },
    })
    const [listed] = await listInvitationRows(kysely, made.id)
    return { data: { ...shownInvitation(listed!), url: made.url } }
  })
}

export function deleteInvitationHandler(deps: PeopleDeps): Handler {
  return handler(routes.deleteInvitation, async ({ principal, params }) => {
    await deps.trail.record(principal.personId, 'person.invitation_ended', { invitation: params.invitationId })
    if (!(await deleteInvitationRow(deps.kit.db.kysely, params.invitationId)))
      throw fail('not_found', { message: 'No open invitation has that id.' })
    return { success: true }
  })
}

function shownInvitation(row: ListedInvitation) {
  return {
    id: row.id,
    email: row.email,
    roles: row.roles,
    invited_by: row.invited_by,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
  }
}
