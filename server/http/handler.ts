/** An endpoint's code, bound to its contract: `handler(routes.getConnection, async (call) => …)`. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BodyOf, ParamsOf, QueryOf, ReplyOf, Route } from '@hawser/api/route.ts'
import type { MemberPrincipal, OwnSide, Principal, SessionPrincipal } from './principal.ts'

export interface Call<R extends Route> {
  params: ParamsOf<R>
  query: QueryOf<R>
  body: BodyOf<R>
  /** For open endpoints `undefined`. */
  principal: R['access'] extends { open: true } | { page: true }
    ? undefined
    : R['access'] extends { person: readonly unknown[] }
      ? MemberPrincipal
      : R['access'] extends { key: readonly unknown[]; session: true }
        ? Principal
        : R['access'] extends { session: true }
          ? SessionPrincipal
          : OwnSide
  request: FastifyRequest
  reply: FastifyReply
}

/** Returns the body of the success answer (null where there is none); failures are thrown by `fail`. */
export type Handle<R extends Route> = (call: Call<R>) => Promise<ReplyOf<R>>

export interface Handler {
  route: Route
  handle: (call: Call<Route>) => Promise<unknown>
}

export function handler<const R extends Route>(route: R, handle: Handle<R>): Handler {
  return { route, handle: handle as unknown as Handler['handle'] }
}
