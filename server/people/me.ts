/** The person who is signed in, and where she is. */
import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/members.ts'
import { scopesOfRole } from '@hawser/api/roles.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { PeopleDeps } from './people-deps.ts'
import { renamePerson } from './person-store.ts'
import { deleteSessionOf, deleteSessionsOf, listSessionsOf } from './session-store.ts'

export function getMeHandler(deps: PeopleDeps): Handler {
  return handler(routes.getMe, async ({ principal }) => {
    const session = await sessionOf(deps, principal.sessionHash)
    return {
      data: {
        id: session.personId,
        email: session.email,
        name: session.name,
        second_factor: session.secondFactor,
        ways: session.ways,
        session_id: session.id,
        session_ends_at: session.expiresAt.toISOString(),
        confirmed_until: new Date(principal.confirmedUntil).toISOString(),
        owner: session.owner,
        environments: session.environments.map(({ name, role }) => ({ name, role, scopes: [...scopesOfRole[role]] })),
      },
    }
  })
}

export function updateMeHandler(deps: PeopleDeps): Handler {
  return handler(routes.updateMe, async ({ principal, body }) => {
    await deps.trail.record(principal.personId, 'person.renamed')
    await renamePerson(deps.kit.db.kysely, principal.personId, body.name)
    deps.callers.forget()
    return { success: true }
  })
}

export function listSessionsHandler({ kit }: PeopleDeps): Handler {
  return handler(routes.listSessions, async ({ principal }) => {
    const found = await listSessionsOf(kit.db.kysely, principal.personId)
    return {
      data: found.map((row) => ({
        ...row,
        current: row.id === principal.personSessionId,
        created_at: row.created_at.toISOString(),
        expires_at: row.expires_at.toISOString(),
      })),
    }
  })
}

export function deleteSessionHandler(deps: PeopleDeps): Handler {
  return handler(routes.deleteSession, async ({ principal, params }) => {
    await deps.trail.record(principal.personId, 'person.session_ended', { session: params.sessionId })
    if (!(await deleteSessionOf(deps.kit.db.kysely, principal.personId, params.sessionId)))
      throw fail('not_found', { message: 'You have no session of that id.' })
    deps.callers.forget()
    return { success: true }
  })
}

export function deleteSessionsHandler(deps: PeopleDeps): Handler {
  return handler(routes.deleteSessions, async ({ principal }) => {
    await deps.trail.record(principal.personId, 'person.sessions_ended')
    await deleteSessionsOf(deps.kit.db.kysely, principal.personId)
    deps.callers.forget()
    return { success: true }
  })
}

export function listEnvironmentsHandler(deps: PeopleDeps): Handler {
  return handler(routes.listEnvironments, async ({ principal }) => {
    const { environments } = await sessionOf(deps, principal.sessionHash)
    return { data: environments.map(({ name, role }) => ({ name, role })) }
  })
}

export function createEnvironmentHandler(deps: PeopleDeps): Handler {
  return handler(routes.createEnvironment, async ({ principal, body }) => {
    await deps.trail.record(principal.personId, 'environment.create', { name: body.name })
    await deps.makeEnvironment(body.name)
    deps.callers.forget()
    // No trigger tells of new environments: until now nothing was cached that one could be missing from.
    await deps.kit.bus.send('environment', body.name)
    return { data: { name: body.name } }
  })
}

async function sessionOf(deps: PeopleDeps, hash: string) {
  const session = await deps.callers.session(hash)
  if (!session) throw fail('not_signed_in')
  return session
}
