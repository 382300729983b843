import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { proxyPrefix } from '@hawser/api/proxy.ts'
import { owesContinue } from './expect-continue.ts'

/** WebDAV's, which the published client sends for CalDAV and the like; Fastify knows the usual ones by itself. */
const MORE_METHODS = ['PROPFIND', 'PROPPATCH', 'REPORT', 'SEARCH', 'MKCOL', 'MKCALENDAR', 'COPY', 'MOVE', 'LOCK', 'UNLOCK'] as const
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', ...MORE_METHODS]

/** The call is taken over in `onRequest`, before Fastify looks at its content type or reads of its body. */
export function registerProxyRoutes(app: FastifyInstance, serve: (request: IncomingMessage, response: ServerResponse) => void): void {
  void app.register(async (scope) => {
    for (const method of MORE_METHODS) scope.addHttpMethod(method)
    for (const url of [proxyPrefix, `${proxyPrefix}/*`]) {
      scope.route({
        method: METHODS,
        url,
        exposeHeadRoute: false,
        onRequest: (request, reply, done) => {
          reply.hijack()
          serve(request.raw, reply.raw)
          done()
        },
        handler: () => {},
      })
    }
  })
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(`${proxyPrefix}/`) === true) owesContinue(request)
    else response.writeContinue()
    app.server.emit('request', request, response)
  })
}
