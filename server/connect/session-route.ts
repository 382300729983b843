/** A call of the hosted page about one integration. It belongs to that page, not to the API. The session is known before a body is read. */
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { bearerOf } from '#http/authenticate.ts'
import { limitBodyTime } from '#http/body-time.ts'
import { admittedSession, readKey } from './admitted-session.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'

const MAX_BODY = 32 * 1024

export interface SessionRoute {
  options: RouteShorthandOptions
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
}

/** Throws the 401 codes, and `integration_not_allowed`. What `answer` returns is sent as `{ data }`. */
export function sessionRoute(
  deps: ConnectDeps,
  answer: (session: StoredSession, key: string, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): SessionRoute {
  const sessions = new WeakMap<FastifyRequest, StoredSession>()
  return {
    options: {
      bodyLimit: MAX_BODY,
      onRequest: async (request) => {
        sessions.set(request, await admittedSession(deps, bearerOf(request.headers.authorization), readKey(request)))
        limitBodyTime(request)
      },
    },
    handle: async (request, reply) => {
      const data = await answer(sessions.get(request)!, readKey(request), request, reply)
      return reply.sent ? reply : reply.header('cache-control', 'no-store').send({ data })
    },
  }
}
