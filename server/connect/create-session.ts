import { createConnectSession as route } from '@hawser/api/connect-sessions.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { namedInSettings, openSession, requireIntegrations } from './open-session.ts'

export function createSession(deps: ConnectDeps): Handler {
  return handler(route, async ({ principal, body }) => {
    const allowed = body.allowed_integrations ?? []
    const named = allowed.map((key, index) => ({ key, path: ['allowed_integrations', index] as (string | number)[] }))
    await requireIntegrations(deps, principal, [...named, ...namedInSettings(body)])
    // By the contract an empty list restricts nothing.
    const allowedIntegrations = allowed.length > 0 ? allowed : principal.limits?.integrations
    return openSession(deps, principal, body, { allowedIntegrations, reconnects: null })
  })
}
