/**
 * Consumer keys and secrets of an External Client App by the REST API for credentials. Source: Connect REST API guide, `/apps/oauth/credentials` (V). `app` is the app's id in
 * the org, as Tooling queries tell it; `consumer` the id of its consumer.
 */
import { secret, type Secret } from '#lib/secret.ts'
import { OrgFailure, type Org } from './org-api.ts'

export interface Consumer {
  id: string
  /** The consumer key, which Hawser calls client id. */
  key: string
  name?: string
}

export interface Credentials {
  key: string
  secret: Secret
}

/** `Staged`: works beside the active ones, and was not promoted yet; the API calls those `Active` (V). */
export interface StagedCredentials extends Credentials {
  id: string
  state: 'Staged' | 'Rotated' | 'Expired'
}

/** Staging came with API 65, the rest with 60 (V). */
const FOR_STAGING = '65.0'

export async function consumersOf(org: Org, app: string): Promise<Consumer[]> {
  const { consumers } = await org.call<{ consumers?: Consumer[] }>({
    path: `apps/oauth/credentials/${encodeURIComponent(app)}`,
    doing: "reading the app's consumers",
  })
  return consumers ?? []
}

/** `refused` where the API hides them: the org's switch is off, or the user lacks a permission. Other failures are thrown. */
export async function credentialsOf(org: Org, app: string): Promise<Credentials | { refused: OrgFailure }> {
  try {
    const [consumer] = await consumersOf(org, app)
    if (!consumer) return { refused: new OrgFailure('The org names no consumer of the app.', { status: 200 }) }
    const answer = await org.call<{ key?: string; secret?: string }>({
      path: `apps/oauth/credentials/${encodeURIComponent(app)}/${encodeURIComponent(consumer.id)}?part=keyandsecret`,
      doing: "reading the app's key and secret",
    })
    const key = answer.key ?? consumer.key
    if (!key || !answer.secret) return { refused: new OrgFailure('The org gave no secret of the app.', { status: 200 }) }
    return { key, secret: secret(answer.secret) }
  } catch (error) {
    if (error instanceof OrgFailure && isRefusal(error)) return { refused: error }
    throw error
  }
}

/** Which status and code come with it is not documented (?): an ended session and a limit are something else, every other 4xx is taken for it. */
export function isRefusal({ status, row }: OrgFailure): boolean {
  return status >= 400 && status < 500 && status !== 401 && row?.class !== 'limit' && row?.class !== 'transient'
}

interface StagedAnswer {
  id: string
  key: string
  secret: string
  state?: string
}

/** What was staged and not yet promoted, and what was rotated away: those go on working for 30 days. */
export async function stagedIn(org: Org, app: string, consumer: string): Promise<StagedCredentials[]> {
  try {
    const answer = await org.call<{ stagedCredentials?: StagedAnswer[] } | undefined>({
      path: stagedPath(app, consumer),
      version: await versionForStaging(org),
      doing: 'reading the staged credentials',
    })
    return (answer?.stagedCredentials ?? []).map(stagedOf)
  } catch (error) {
    if (error instanceof OrgFailure && error.status === 404) return []
    throw error
  }
}

/** Makes the next credentials. They work at once, beside the present ones, for 30 days. */
export async function stage(org: Org, app: string, consumer: string): Promise<StagedCredentials> {
  const answer = await org.call<StagedAnswer | { stagedCredentials: StagedAnswer[] }>({
    method: 'POST',
    path: stagedPath(app, consumer),
    json: {},
    version: await versionForStaging(org),
    doing: 'staging new credentials',
  })
  const one = 'key' in answer ? answer : answer.stagedCredentials[0]
  if (!one?.key || !one.secret) throw new OrgFailure('Staging new credentials failed: the org gave none.', { status: 200 })
  return stagedOf(one)
}

/** Makes the staged credentials the active ones; the former go on working for 30 days. */
export async function rotate(org: Org, app: string, consumer: string, stagedId: string): Promise<void> {
  await org.call({
    method: 'PATCH',
    path: `${stagedPath(app, consumer)}/${encodeURIComponent(stagedId)}`,
    json: { command: 'rotate' },
    version: await versionForStaging(org),
    doing: 'promoting the new credentials',
  })
}

/** Drops what was staged and never promoted. */
export async function unstage(org: Org, app: string, consumer: string, stagedId: string): Promise<void> {
  await org.call({
    method: 'DELETE',
    path: `${stagedPath(app, consumer)}/${encodeURIComponent(stagedId)}`,
    version: await versionForStaging(org),
    doing: 'dropping the staged credentials',
  })
}

async function versionForStaging(org: Org): Promise<string> {
  const newest = await org.newestVersion()
  if (Number(newest) >= Number(FOR_STAGING)) return newest
  throw new OrgFailure(
    `Staged credentials need API version ${FOR_STAGING}; ${org.host} has ${newest}.\n  Do:  Rotate the secret in Setup instead.`,
    {
      status: 200,
    },
  )
}

function stagedPath(app: string, consumer: string): string {
  return `apps/oauth/credentials/${encodeURIComponent(app)}/${encodeURIComponent(consumer)}/staged`
}

function stagedOf({ id, key, secret: text, state }: StagedAnswer): StagedCredentials {
  return { id, key, secret: secret(text), state: state === 'Rotated' || state === 'Expired' ? state : 'Staged' }
}
