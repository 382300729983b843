import * as routes from '@hawser/api/doctor.ts'
import { fail } from '@hawser/api/errors.ts'
import type { ProviderFamily } from '#diagnosis/diagnose.ts'
import { explainText } from '#diagnosis/explain-text.ts'
import { handler, type Handler } from '#http/handler.ts'
import { seesIntegration, type Principal } from '#http/principal.ts'
import type { DoctorDeps } from './compose-doctor.ts'
import { createPasteLimit } from './paste-limit.ts'

/** `POST /doctor`. The text is neither logged nor stored. */
export function diagnoseText(deps: DoctorDeps): Handler {
  const limit = createPasteLimit(deps.kit.clock)
  return handler(routes.diagnoseText, async ({ body, principal }) => {
    limit(principal)
    const family = body.integration === undefined ? undefined : await familyOf(deps, principal, body.integration)
    const { known, diagnosis, recognisedAs } = explainText(body.text, family)
    return { data: { known, diagnosis, recognised_as: recognisedAs } }
  })
}

async function familyOf({ kit, findIntegration }: DoctorDeps, principal: Principal, key: string): Promise<ProviderFamily | undefined> {
  const allowed = principal.kind === 'session' ? principal.allowedIntegrations : undefined
  if (allowed && !allowed.includes(key)) throw fail('integration_not_allowed')
  const integration = await findIntegration(principal.environmentId, key)
  if (!integration || !seesIntegration(principal, key)) throw fail('unknown_provider_config')
  const provider = kit.catalogue.get(integration.provider)
  return provider && (provider.family === 'salesforce' ? 'salesforce' : 'generic')
}
