import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'

/** Where the request that is being answered came from. */
export interface RequestOrigin {
  /** As trusted proxies say it. */
  address: string
  requestId: string
}

const origins = new AsyncLocalStorage<RequestOrigin>()

/** Undefined outside of a request: jobs, timers, the command line. */
export function requestOrigin(): RequestOrigin | undefined {
  return origins.getStore()
}

/** For the audit trail, which is written deep below the endpoints. In `preHandler`: reading a body begins a chain of callbacks of its own. */
export function rememberOrigins(app: FastifyInstance): void {
  app.addHook('preHandler', (request, _reply, done) => origins.run({ address: request.ip, requestId: request.id }, done))
}

/** For tests. */
export function withOrigin<T>(origin: RequestOrigin, work: () => T): T {
  return origins.run(origin, work)
}
