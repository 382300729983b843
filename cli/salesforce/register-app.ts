/** Puts an app's key and secret into an integration, makes the integration when there is none, and waits until Salesforce knows the app. */
import { reveal } from '#lib/secret.ts'
import { CommandFailure } from '../output.ts'
import { hasCode, type HawserServer, type Probe } from './hawser-server.ts'
import type { Credentials } from './org-credentials.ts'
import type { Findings } from './deploy-checks.ts'
import type { World } from './world.ts'

export type Target = NonNullable<Findings['integration']>

/** `second`: connections that exist go on with the former key. */
export type Registered = 'created' | 'updated' | 'second set'

export async function registerApp(
  server: HawserServer,
  target: Target,
  credentials: Credentials,
  scopes: readonly string[],
): Promise<Registered> {
  const sent = { type: 'OAUTH2', client_id: credentials.key, client_secret: reveal(credentials.secret), scopes: scopes.join(',') } as const
  if (target.existing === undefined) {
    await server.client.createIntegration({ unique_key: target.key, provider: target.provider, credentials: sent })
    return 'created'
  }
  const before = clientIdOf(target)
  await server.client.updateIntegration(target.key, { credentials: sent })
  return before === undefined || before === credentials.key ? 'updated' : 'second set'
}

export function clientIdOf({ existing }: Target): string | undefined {
  const credentials = existing?.credentials
  return credentials && 'client_id' in credentials ? (credentials.client_id ?? undefined) : undefined
}

const PROBE_EVERY_MS = 15_000

/** How the probe ended. `waited`: in ms; `undefined` probe: this server cannot probe. */
export interface Propagation {
  probe: Probe | undefined
  waitedMs: number
}

/**
 * A new app takes 2 to 10 minutes, up to 30, until every server of Salesforce knows it (V-obs); until then the answer is `invalid_client_id`.
 * `waitMs` bounds the waiting. Only that answer is waited out.
 */
export async function awaitPropagation(
  world: World,
  server: HawserServer,
  key: string,
  host: string | undefined,
  waitMs: number,
): Promise<Propagation> {
  const from = world.now()
  let told = false
  for (;;) {
    const probe = await probeOrNothing(server, key, host)
    const waitedMs = world.now() - from
    if (probe === undefined || !isUnknownYet(probe) || waitedMs + PROBE_EVERY_MS > waitMs) return { probe, waitedMs }
    if (!told)
      world.say(
        `Salesforce answers invalid_client_id: it does not know the new app everywhere yet. That takes 2 to 10 minutes, sometimes 30; asking again for up to ${Math.round(waitMs / 60_000)} minutes.`,
      )
    else world.say(`  not yet (${Math.round(waitedMs / 1000)} s)`)
    told = true
    await world.sleep(PROBE_EVERY_MS)
  }
}

async function probeOrNothing(server: HawserServer, key: string, host: string | undefined): Promise<Probe | undefined> {
  try {
    return await server.client.probeIntegration(key, host === undefined ? {} : { hostname: host })
  } catch (error) {
    // Catalogue entries of one's own are not of the Salesforce family, and have no probe.
    if (hasCode(error, 'not_found', 'method_not_allowed', 'invalid_auth_mode')) return undefined
    throw error
  }
}

export function isUnknownYet({ checks }: Probe): boolean {
  return checks.some(
    ({ name, result, diagnosis }) => name === 'client_id' && result === 'failed' && (diagnosis === null || /client/.test(diagnosis.code)),
  )
}

export function probeSentences({ probe, waitedMs }: Propagation, key: string): string[] {
  if (probe === undefined) return ['The sign-in page was not tried: this provider cannot be probed.']
  if (probe.ok) return [`Salesforce knows the app, its callback URL and its scopes (asked at ${probe.host}).`]
  const failed = probe.checks.filter(({ result, diagnosis }) => result === 'failed' || diagnosis !== null)
  if (isUnknownYet(probe))
    return [
      `Salesforce does not know the app yet (waited ${Math.round(waitedMs / 1000)} s). That may take up to 30 minutes: try again later with npm run hawser -- doctor --integration ${key}`,
      ...failed.flatMap(({ diagnosis }) => diagnosis?.fix.map((step) => `  If it stays: ${step}`) ?? []),
    ]
  return failed.flatMap(({ name, result, diagnosis }) => [
    `${result === 'failed' ? 'The sign-in page refuses' : `Could not be seen at ${probe.host}`} (${name}): ${diagnosis?.title ?? 'no reason known'}`,
    ...(diagnosis ? [`  Why: ${diagnosis.cause}`, ...diagnosis.fix.map((step) => `  Do:  ${step}`)] : []),
  ])
}

export function minutes(text: string, option: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0 || value > 60) throw new CommandFailure(`${option} is a number of minutes from 0 to 60.`)
  return value * 60_000
}
