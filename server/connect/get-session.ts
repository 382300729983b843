import { fail } from '@hawser/api/errors.ts'
import { getConnectSession as route } from '@hawser/api/connect-sessions.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Provider } from '#providers/schema.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { approvalWarnings } from './count-approvals.ts'
import { shownOverrides } from './other-org-accepted.ts'
import { openDefaults, shownDefaults } from './session-defaults.ts'
import { findSession } from './store.ts'

const SETTINGS = {
  showWatermark: false,
  defaultTheme: 'system',
  theme: { light: { primary: '#24507E' }, dark: { primary: '#8FBDF0' } },
} as const

export function getSession(deps: ConnectDeps): Handler {
  const { kit } = deps
  return handler(route, async ({ principal }) => {
    const session = await findSession(kit.db.kysely, principal.sessionId)
    if (!session) throw fail('unknown_connect_session_token')
    const opened = await openDefaults(kit.vault, session)
    const providers = new Map<string, Provider | undefined>()
    for (const key of Object.keys(opened)) {
      const integration = await deps.findIntegration(session.environmentId, key)
      providers.set(key, integration && kit.catalogue.get(integration.provider))
    }
    const defaults = shownDefaults(opened, (key) => providers.get(key))
    const overrides = shownOverrides(session)
    const warnings = await approvalWarnings(deps, session)
    return {
      data: {
        endUser: session.endUser,
        connectUISettings: SETTINGS,
        ...(session.allowedIntegrations ? { allowed_integrations: session.allowedIntegrations } : {}),
        ...(Object.keys(defaults).length > 0 ? { integrations_config_defaults: defaults } : {}),
        ...(session.reconnects === null ? {} : { isReconnecting: true as const }),
        ...(Object.keys(overrides).length > 0 ? { overrides } : {}),
        ...(warnings.length > 0 ? { warnings } : {}),
        websocketsPath: '/',
        expires_at: session.expiresAt.toISOString(),
        result: session.result,
      },
    }
  })
}
