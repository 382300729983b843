/** Which app of the org an integration signs in with. */
import { CommandFailure } from '../output.ts'
import type { HawserServer } from './hawser-server.ts'
import type { Org } from './org-api.ts'
import { OrgFailure } from './org-api.ts'
import { appInOrg, appsInOrg, type AppInOrg } from './org-app.ts'
import { consumersOf, isRefusal, stagedIn } from './org-credentials.ts'

/** By its API name if one is given, else the app that has one of the integration's keys. Throws a `CommandFailure` that says what to do. */
export async function appOfIntegration(
  org: Org,
  server: HawserServer,
  integration: string,
  apiName: string | undefined,
): Promise<AppInOrg> {
  if (apiName !== undefined) {
    const named = await appInOrg(org, apiName)
    if (!named) throw new CommandFailure(`${org.name} has no External Client App ${apiName}.`)
    return named
  }
  const keys = new Set((await server.client.listIntegrationClients(integration)).map(({ client_id }) => client_id))
  if (keys.size === 0)
    throw new CommandFailure(
      `${integration} has no credentials yet. Bring them in with: npm run hawser -- salesforce app deploy --target-org <alias> --integration ${integration}`,
    )
  let refused: OrgFailure | undefined
  for (const app of await appsInOrg(org)) {
    const found = await hasKey(org, app, keys)
    if (found === true) return app
    if (found !== false) refused ??= found
  }
  // The one that was asked for may be among those that were not shown.
  if (refused) throw refused
  throw new CommandFailure(
    `No External Client App of ${org.name} has the key of ${integration}.\n  Do:  Give the org that the app lives in; a sandbox that was refreshed has lost its apps. Or name the app: --app <API name>.`,
  )
}

/** A failure: this app's credentials are not shown. An ended session, a limit or an outage is thrown. */
async function hasKey(org: Org, app: AppInOrg, keys: ReadonlySet<string>): Promise<boolean | OrgFailure> {
  try {
    const consumers = await consumersOf(org, app)
    if (consumers.some(({ key }) => keys.has(key))) return true
    // Promoted in the org and not yet in Hawser: the key that Hawser has is among those that were rotated away.
    for (const { id } of consumers) if ((await stagedIn(org, app, id)).some(({ key }) => keys.has(key))) return true
    return false
  } catch (error) {
    if (!(error instanceof OrgFailure)) throw error
    // Apps of packages have no consumer that may be read here.
    if (error.status === 404) return false
    if (isRefusal(error)) return error
    throw error
  }
}
