import { fail } from '@hawser/api/errors.ts'
import { getConnectSession as route } from '@hawser/api/connect-sessions.ts'
import { shownConnectUi } from '#accounts/connect-ui-settings.ts'
import { findEnvironment } from '#accounts/store.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Provider } from '#providers/schema.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { approvalWarnings } from './count-approvals.ts'
import { shownOverrides } from './other-org-accepted.ts'
import { returnUrlOf } from './return-url.ts'
import { openDefaults, shownDefaults } from './session-defaults.ts'
import { findSession } from './store.ts'

const OWN_COLOURS = { light: '#1d4f91', dark: '#8fbdf5' } as const

/** In the contract's words. */
async function settingsOf(deps: ConnectDeps, environmentId: string) {
  const environment = await findEnvironment(deps.kit.db.kysely, environmentId)
  const look = shownConnectUi(environment?.connectUi ?? {})
  return {
    showWatermark: look.show_watermark,
    defaultTheme: look.default_theme,
    theme: { light: { primary: look.light_primary ?? OWN_COLOURS.light }, dark: { primary: look.dark_primary ?? OWN_COLOURS.dark } },
    logo: look.logo,
  }
}

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
    const returnUrl = returnUrlOf(session)
    const warnings = await approvalWarnings(deps, session)
    return {
      data: {
        endUser: session.endUser,
        connectUISettings: await settingsOf(deps, session.environmentId),
        ...(session.allowedIntegrations ? { allowed_integrations: session.allowedIntegrations } : {}),
        ...(Object.keys(defaults).length > 0 ? { integrations_config_defaults: defaults } : {}),
        ...(session.reconnects === null ? {} : { isReconnecting: true as const }),
        ...(Object.keys(overrides).length > 0 ? { overrides } : {}),
        ...(warnings.length > 0 ? { warnings } : {}),
        websocketsPath: '/',
        expires_at: session.expiresAt.toISOString(),
        ...(returnUrl === undefined ? {} : { return_url: returnUrl }),
        result: session.result,
      },
    }
  })
}
