import * as routes from '@hawser/api/doctor.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { seesIntegration } from '#http/principal.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { authorizationUrl } from '#oauth/authorization-url.ts'
import { newPkce } from '#oauth/pkce.ts'
import type { Provider } from '#providers/schema.ts'
import { quirkOf } from '#quirks/all.ts'
import { newId } from '#lib/ids.ts'
import type { DoctorDeps } from './compose-doctor.ts'
import { askSignIn } from './ask-sign-in.ts'
import { probeResult } from './probe-result.ts'

/** A scope that no app has: whether it is refused before the login shows whether scopes are looked at that early. */
const NO_SUCH_SCOPE = 'hawser_probe_no_such_scope'

/**
 * `POST /integrations/:uniqueKey/probe`: the authorize request of a sign-in, sent by this server without a browser's cookies. Salesforce answers it
 * with a redirect to its login when it takes client id and callback, and with an error when not (V-obs). Nobody is logged in by it and nothing changes.
 */
export function probeIntegration(deps: DoctorDeps): Handler {
  return handler(routes.probeIntegration, async ({ params, body, principal }) => {
    const integration = await deps.findIntegration(principal.environmentId, params.uniqueKey)
    if (!integration || !seesIntegration(principal, params.uniqueKey)) throw fail('unknown_provider_config')
    const provider = deps.kit.catalogue.get(integration.provider)
    if (!provider) throw fail('unknown_provider')
    if (provider.family !== 'salesforce' || provider.auth_mode !== 'OAUTH2') throw notProbed(provider)
    const client = await deps.clientOf(integration)
    if (!client) throw fail('missing_client_id')
    const redirectUri = await deps.callbackUrlOf(principal.environmentId)
    const common = { provider, clientId: client.clientId, redirectUri, connectionConfig: hostOf(provider, body.hostname), extraParams: {} }
    const ask = (scopes: readonly string[], challenge: string | undefined) => {
      const made = authorizationUrl({ ...common, scopes, state: newId(), ...(challenge === undefined ? {} : { challenge }) })
      if (!made.ok) throw fail('invalid_hostname', { internal: made.reason })
      return askSignIn(deps.kit.egress, made.url, redirectUri)
    }
    const scopes = scopesOf(provider, integration)
    const { challenge } = newPkce()
    const [asSent, withoutPkce, withWrongScope] = await Promise.all([
      ask(scopes, provider.disable_pkce === true ? undefined : challenge),
      ask(scopes, undefined),
      ask([...scopes, NO_SUCH_SCOPE], challenge),
    ])
    return { data: probeResult({ asSent, withoutPkce, withWrongScope, sendsPkce: provider.disable_pkce !== true }) }
  })
}

function notProbed({ display_name: name }: Provider) {
  return fail('invalid_auth_mode', {
    message: `Only Salesforce integrations can be probed. For ${name}, open a connect session and sign in once; if that fails, POST /doctor explains the error.`,
  })
}

function hostOf(provider: Provider, hostname: string | undefined): Record<string, unknown> {
  if (hostname === undefined) return {}
  const field = quirkOf(provider).normaliseField(provider, 'hostname', hostname)
  if (!field.ok) throw fail('invalid_hostname', { message: field.reason })
  return { hostname: field.value }
}

function scopesOf(provider: Provider, { scopes }: StoredIntegration): string[] {
  const text = scopes?.trim() ?? ''
  return text === '' ? (provider.default_scopes ?? []) : text.split(/[\s,]+/)
}
