import { restErrors } from '../error-table.ts'
import type { Call } from '../data/call.ts'
import { refuseRest } from '../data/rest-refusal.ts'
import { sameId, to18 } from '../ids.ts'
import { apiNameOf } from '../orgs/add-app.ts'
import type { App } from '../state.ts'

/** Key prefixes of the app's own records; those of the last three are made up. */
const PREFIXES = { app: '0xI', oauthSettings: '0xO', oauthPolicy: '0xP', policy: '0xQ' } as const

/** The 18-character id of the app or of one of its records: stable, and different for each app. */
export function appRecordId(app: App, record: keyof typeof PREFIXES): string {
  // Eight digits of base 36: a fake never holds so many apps that two would meet.
  let hash = 0n
  for (const character of `${app.orgKey}/${apiNameOf(app)}`) hash = (hash * 131n + BigInt(character.charCodeAt(0))) % 36n ** 8n
  return to18(`${PREFIXES[record]}Fk00${hash.toString(36).toUpperCase().padStart(8, '0')}`)
}

/** Apps that the org shows: its own, and those installed in it. */
export function appsOfOrg(call: Call): App[] {
  return [...call.state.apps.values()].filter(
    (app) => !app.deleted && (app.orgKey === call.org.key || app.installedIn.includes(call.org.key)),
  )
}

/** The app that a path names by its id; the developer name is taken as well. Stops with 404. */
export function appOfPath(call: Call, identifier: string): App {
  const app = appsOfOrg(call).find((one) => sameId(appRecordId(one, 'app'), identifier) || apiNameOf(one) === identifier)
  if (app === undefined) throw refuseRest(restErrors.notFound)
  return app
}

/** The API version of the call. */
export function versionOf(call: Call): number {
  return Number(call.base.replace(/^.*v/, ''))
}
