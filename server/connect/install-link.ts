import type { Diagnosis } from '#diagnosis/diagnose.ts'
import type { ConnectDeps } from './connect-deps.ts'

/** What an administrator ends by installing the packaged app in the org. `web/connect/what-helps.ts` has the same list. */
export const INSTALL_CODES: readonly string[] = ['external-app-not-installed', 'app-must-be-installed']

/** Where the integration's app is installed, if that is what the failed sign-in needs; never throws. */
export async function installUrlFor(
  deps: Pick<ConnectDeps, 'findIntegration'>,
  environmentId: string,
  integrationKey: string,
  diagnosis: Diagnosis,
): Promise<string | undefined> {
  if (!INSTALL_CODES.includes(diagnosis.code)) return undefined
  const integration = await deps.findIntegration(environmentId, integrationKey).catch(() => undefined)
  return integration?.installUrl ?? undefined
}
