/**
 * Consumer keys and secrets of an External Client App by the REST API for credentials. Source: Connect REST API guide, `/apps/oauth/credentials` (V). `consumer`: the id of the
 * app's consumer.
 */
import { secret, type Secret } from '#lib/secret.ts'
import { OrgFailure, type Org } from './org-api.ts'

export interface App {
  /** As Tooling queries tell it. */
  id: string
  apiName: string
}

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

export async function consumersOf(org: Org, app: App): Promise<Consumer[]> {
  const { consumers } = await org.call<{ consumers?: Consumer[] }>({
    path: await pathOf(org, app),
    doing: "reading the app's consumers",
  })
  return consumers ?? []
}

/** `refused` where the API hides them: the org's switch is off, or the user lacks a permission. Other failures are thrown. */
export async function credentialsOf(org: Org, app: App): Promise<Credentials | { refused: OrgFailure }> {
  try {
    const [consumer] = await consumersOf(org, app)
    if (!consumer) return { refused: new OrgFailure('The org names no consumer of the app.', { status: 200 }) }
    const answer = await org.call<{ key?: string; secret?: string }>({
      path: `${await pathOf(org, app)}/${encodeURIComponent(consumer.id)}?part=keyandsecret`,
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
export async function stagedIn(org: Org, app: App, consumer: string): Promise<StagedCredentials[]> {
  try {
    const answer = await org.call<{ stagedCredentials?: StagedAnswer[] } | undefined>({
      path: await stagedPath(org, app, consumer),
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
export async function stage(org: Org, app: App, consumer: string): Promise<StagedCredentials> {
  const answer = await org.call<StagedAnswer | { stagedCredentials: StagedAnswer[] }>({
    method: 'POST',
    path: await stagedPath(org, app, consumer),
    json: {},
    version: await versionForStaging(org),
    doing: 'staging new credentials',
  })
  const one = 'key' in answer ? answer : answer.stagedCredentials[0]
  if (!one?.key || !one.secret) throw new OrgFailure('Staging new credentials failed: the org gave none.', { status: 200 })
  return stagedOf(one)
}

/** Makes the staged credentials the active ones; the former go on working for 30 days. */
export async function rotate(org: Org, app: App, consumer: string, stagedId: string): Promise<void> {
  await org.call({
    method: 'PATCH',
    path: `${await stagedPath(org, app, consumer)}/${encodeURIComponent(stagedId)}`,
    json: { command: 'rotate' },
    version: await versionForStaging(org),
    doing: 'promoting the new credentials',
  })
}

/** Drops what was staged and never promoted. */
export async function unstage(org: Org, app: App, consumer: string, stagedId: string): Promise<void> {
  await org.call({
    method: 'DELETE',
    path: `${await stagedPath(org, app, consumer)}/${encodeURIComponent(stagedId)}`,
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

async function stagedPath(org: Org, app: App, consumer: string): Promise<string> {
  return `${await pathOf(org, app)}/${encodeURIComponent(consumer)}/staged`
}

async function pathOf(org: Org, app: App): Promise<string> {
  return `apps/oauth/credentials/${encodeURIComponent(await identifierOf(org, app))}`
}

const identifiers = new WeakMap<Org, Map<string, string>>()

/**
 * The guide takes the `identifier` of the usage list (V); whether the id of a Tooling row is the same one is not said, so it serves only where that
 * list is closed or does not name the app.
 */
async function identifierOf(org: Org, app: App): Promise<string> {
  const known = identifiers.get(org) ?? new Map<string, string>()
  identifiers.set(org, known)
  const found = known.get(app.apiName) ?? (await listedIdentifier(org, app.apiName)) ?? app.id
  known.set(app.apiName, found)
  return found
}

async function listedIdentifier(org: Org, apiName: string): Promise<string | undefined> {
  try {
    const { apps } = await org.call<{ apps?: { developerName?: string; identifier?: string }[] }>({
      path: 'apps/oauth/usage?page=0&pageSize=200',
      doing: 'looking for the app',
    })
    return apps?.find(({ developerName }) => developerName === apiName)?.identifier
  } catch (error) {
    if (error instanceof OrgFailure && isRefusal(error)) return undefined
    throw error
  }
}

function stagedOf({ id, key, secret: text, state }: StagedAnswer): StagedCredentials {
  return { id, key, secret: secret(text), state: state === 'Rotated' || state === 'Expired' ? state : 'Staged' }
}
