/**
 * `POST /connect-ui/ready`: the administrator has done what a failed attempt asked for, so it is over. `GET`: when that was, for the page on which
 * somebody waits for it.
 */
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { bearerOf } from '#http/authenticate.ts'
import { limitBodyTime } from '#http/body-time.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'
import { findSession, noteReady } from './store.ts'

const MAX_BODY = 1024
/** Lies among the overrides, which are kept by integration key; no key can contain a `$`. */
const NAME = '$ready_at'

export function readyRoute(deps: ConnectDeps): {
  options: RouteShorthandOptions
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
} {
  const sessions = new WeakMap<FastifyRequest, string>()
  return {
    options: {
      bodyLimit: MAX_BODY,
      // Before the body is read, as for every endpoint.
      onRequest: async (request) => {
        sessions.set(request, (await deps.authenticateSession(bearerOf(request.headers.authorization))).sessionId)
        limitBodyTime(request)
      },
    },
    handle: async (request, reply) => {
      const id = sessions.get(request)!
      if (request.method === 'POST') await setReady(deps, id)
      const session = await findSession(deps.kit.db.kysely, id)
      return reply.header('cache-control', 'no-store').send({ data: { ready_at: session ? readyAt(session) : null } })
    },
  }
}

export function setReady(deps: Pick<ConnectDeps, 'kit'>, sessionId: string): Promise<void> {
  return noteReady(deps.kit.db.kysely, sessionId, { [NAME]: new Date(deps.kit.clock.now()).toISOString() })
}

function readyAt({ overrides }: StoredSession): string | null {
  const at = overrides[NAME]
  return typeof at === 'string' ? at : null
}
