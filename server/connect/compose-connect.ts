import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { oauthCallback, oauthConnect } from '@hawser/api/browser.ts'
import type { Handler } from '#http/handler.ts'
import { beginOauth } from './begin-oauth.ts'
import { checkForm } from './check-form.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { createReconnectSession } from './create-reconnect-session.ts'
import { createSession } from './create-session.ts'
import { deleteSession } from './delete-session.ts'
import { finishOauth } from './finish-oauth.ts'
import { getSession } from './get-session.ts'
import { forgetOwnApp, readOwnApp, saveOwnApp } from './own-app.ts'
import { ownAppFiles } from './own-app-files.ts'
import { createPopupSockets } from './popup-socket.ts'
import { readyRoute } from './ready.ts'

export interface Connect {
  handlers: Handler[]
  /** The browser's routes, which answer pages and redirects. */
  register(app: FastifyInstance): void
  /** The popup's WebSocket; answers all upgrades of this server. */
  attachSockets(server: Server): void
  close(): void
}

export function createConnect(deps: ConnectDeps): Connect {
  const sockets = createPopupSockets({ bus: deps.kit.bus, addressOf: deps.addressOf })
  return {
    handlers: [createSession(deps), createReconnectSession(deps), getSession(deps), deleteSession(deps)],
    register(app) {
      // HEAD would begin or finish a sign-in for a link preview.
      app.get(oauthConnect.path, { exposeHeadRoute: false }, beginOauth(deps))
      app.get(oauthCallback.path, { exposeHeadRoute: false }, finishOauth(deps))
      // The hosted page's own calls; the page itself is a web app (`web/connect`).
      for (const [method, path, route] of [
        ['POST', 'check', checkForm(deps)],
        ['GET', 'own-app', readOwnApp(deps)],
        ['PUT', 'own-app', saveOwnApp(deps)],
        ['DELETE', 'own-app', forgetOwnApp(deps)],
        ['GET', 'own-app-files', ownAppFiles(deps)],
      ] as const)
        app.route({
          method,
          url: `/connect-ui/${path}/:providerConfigKey`,
          exposeHeadRoute: false,
          ...route.options,
          handler: route.handle,
        })
      const { options, handle } = readyRoute(deps)
      app.route({ method: ['GET', 'POST'], url: '/connect-ui/ready', exposeHeadRoute: false, ...options, handler: handle })
    },
    attachSockets: sockets.attach,
    close: sockets.close,
  }
}
