import type { Server } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { oauthCallback, oauthConnect } from '@hawser/api/browser.ts'
import type { Handler } from '#http/handler.ts'
import { beginOauth } from './begin-oauth.ts'
import { checkForm } from './check-form.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { connectPage } from './connect-page.ts'
import { createReconnectSession } from './create-reconnect-session.ts'
import { createSession } from './create-session.ts'
import { deleteSession } from './delete-session.ts'
import { finishOauth } from './finish-oauth.ts'
import { getSession } from './get-session.ts'
import { createPopupSockets } from './popup-socket.ts'

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
      app.get('/connect-ui/', connectPage())
      const check = checkForm(deps)
      app.post('/connect-ui/check/:providerConfigKey', check.options, check.handle)
      app.get('/connect-ui', (request, reply) => reply.redirect(`/connect-ui/${request.url.slice('/connect-ui'.length)}`, 302))
    },
    attachSockets: sockets.attach,
    close: sockets.close,
  }
}
