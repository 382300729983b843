/** `GET /connect-ui/own-app-files/:providerConfigKey`: the files of an External Client App, zipped, for `sf project deploy start`. No secret is in them. */
import { strToU8, zipSync } from 'fflate'
import { fail } from '@hawser/api/errors.ts'
import { appFiles } from '@hawser/salesforce/eca/metadata-files.ts'
import { applyPreset } from '@hawser/salesforce/eca/presets.ts'
import { PRODUCT } from '#lib/product.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { sessionRoute, type SessionRoute } from './session-route.ts'

/** The first moment a zip can hold, so that the same app makes the same bytes. */
const FIXED_TIME = new Date(1980, 0, 1)
/** Its administrator writes a real one into the files, or into Setup; Salesforce wants some address (V: Metadata API, ExternalClientApplication). */
const SOME_EMAIL = 'admin@example.com'

export function ownAppFiles(deps: ConnectDeps): SessionRoute {
  return sessionRoute(deps, async ({ environmentId, endUser }, key, _request, reply) => {
    const integration = await deps.findIntegration(environmentId, key)
    const provider = integration && deps.kit.catalogue.get(integration.provider)
    if (!integration || provider?.family !== 'salesforce') throw fail('unknown_provider_config')
    const callbackUrls = [await deps.callbackUrlOf(environmentId)]
    const wishes = { contactEmail: endUser?.email ?? SOME_EMAIL, callbackUrls }
    const orgKind = provider.environment === 'sandbox' ? 'sandbox' : 'production'
    // A name with letters that Salesforce does not take is no reason to give no files.
    const named = applyPreset('hardened', { ...wishes, label: integration.displayName }, { orgKind })
    const checked = named.ok ? named : applyPreset('hardened', { ...wishes, contactEmail: SOME_EMAIL, label: PRODUCT }, { orgKind })
    if (!checked.ok) throw new Error(`no app can be made: ${checked.problems.map(({ field, reason }) => `${field}: ${reason}`).join(' ')}`)
    const files = appFiles(checked.options, { orgKind })
    const zip = zipSync(Object.fromEntries(files.map(({ path, content }) => [path, strToU8(content)])), { mtime: FIXED_TIME })
    return reply
      .type('application/zip')
      .header('cache-control', 'no-store')
      .header('content-disposition', 'attachment; filename="salesforce-app.zip"')
      .send(Buffer.from(zip))
  })
}
