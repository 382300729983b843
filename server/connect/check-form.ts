/**
 * `POST /connect-ui/check/:providerConfigKey` with `{ params }`: what is wrong with the filled-in form, as `{ data: { errors } }`. The hosted page asks
 * before it leaves for the provider, so that a mistyped value is corrected where it was typed; `begin-oauth` checks again.
 */
import { z } from 'zod'
import { oauthConnect } from '@hawser/api/browser.ts'
import { fail, type FieldError } from '@hawser/api/errors.ts'
import { fieldErrors } from '#http/parse-input.ts'
import { checkFields } from './check-fields.ts'
import type { ConnectDeps } from './connect-deps.ts'
import type { StoredSession } from './session.ts'
import { openDefaults } from './session-defaults.ts'
import { sessionRoute, type SessionRoute } from './session-route.ts'

const filledIn = z.strictObject({ params: oauthConnect.query.shape.params })

export function checkForm(deps: ConnectDeps): SessionRoute {
  return sessionRoute(deps, async (session, key, request) => {
    const body = filledIn.safeParse(request.body)
    if (!body.success) throw fail('invalid_body', { errors: fieldErrors(body.error) })
    return { errors: await errorsIn(deps, session, key, body.data.params ?? {}) }
  })
}

async function errorsIn(deps: ConnectDeps, session: StoredSession, key: string, params: Record<string, string>): Promise<FieldError[]> {
  const integration = await deps.findIntegration(session.environmentId, key)
  if (!integration) throw fail('unknown_provider_config')
  const provider = deps.kit.catalogue.get(integration.provider)
  if (!provider) throw fail('unknown_provider')
  const defaults = (await openDefaults(deps.kit.vault, session))[key]?.connection_config ?? {}
  const fields = checkFields(provider, { params, defaults })
  return fields.ok ? [] : fields.errors
}
