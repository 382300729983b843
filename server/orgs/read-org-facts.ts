/** Asks an org who it is. Every question may fail without failing the others: a scope may be missing, an API switched off, the deadline near. */
import { to18 } from '@hawser/salesforce/ids.ts'
import { orgKindFrom, type OrganizationRow } from '@hawser/salesforce/org.ts'
import { releaseOfApiVersion } from '@hawser/salesforce/versions.ts'
import type { Egress } from '#egress/dispatcher.ts'
import { EgressRefused } from '#egress/egress-refused.ts'
import { RequestFailed, requestSmall, type SmallAnswer } from '#egress/small-request.ts'
import { reveal, type Secret } from '#lib/secret.ts'
import type { Provider } from '#providers/provider.ts'
import { tokenHostAllowed } from '#providers/token-hosts.ts'
import type { OrgFacts } from './org-facts.ts'

export interface OrgQuestions {
  egress: Egress
  provider: Provider
  /** Without a path; nothing is sent to hosts that may not get tokens of `provider`. */
  instanceUrl: string
  orgId: string
  userId: string | undefined
  accessToken: string
  /** The app that minted the token a moment ago: it may ask how long the session lives. Left out, nothing is said of it. */
  client?: { clientId: string; clientSecret: Secret<string> | undefined } | undefined
  loginHost?: string | undefined
  /** Host of the identity URL. */
  identityHost?: string | undefined
  now: number
  /** Hears the header `Sforce-Limit-Info` of answers. */
  noteUsage?: ((orgId: string, header: string) => void) | undefined
  /** For all questions together; they are asked at once. */
  timeoutMs?: number
}

export interface OrgReading {
  facts: OrgFacts
  /** The org took the access token for a dead one. */
  tokenRefused: boolean
}

const TIMEOUT_MS = 5_000
const MAX_BYTES = 256 * 1024
const LONGEST_TEXT = 255
/** Old enough for every org, young enough not to be retired soon (versions.ts). */
const API_VERSION = '62.0'
// The fields of @salesforce/core's determineOrg (V), and the id. Readable by every API user (M).
const SOQL = 'SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization'

type Fields = Record<string, unknown>
type Ask = (path: string, more?: { bearer?: boolean; form?: Record<string, string> }) => Promise<SmallAnswer | undefined>

export async function readOrgFacts(asked: OrgQuestions): Promise<OrgReading> {
  const ask = tokenHostAllowed(asked.provider, asked.instanceUrl) ? asking(asked) : async () => undefined
  const [organization, versions, user, session] = await Promise.all([
    ask(`/services/data/v${API_VERSION}/query?q=${encodeURIComponent(SOQL)}`, { bearer: true }),
    ask('/services/data'),
    ask('/services/oauth2/userinfo', { bearer: true }),
    asked.client ? ask('/services/oauth2/introspect', { form: introspection(asked.accessToken, asked.client) }) : undefined,
  ])
  const limit = organization?.headers['sforce-limit-info']
  if (typeof limit === 'string') asked.noteUsage?.(asked.orgId, limit)
  const row = rowIn(organization)
  const person = fieldsIn(user)
  return {
    facts: {
      ...namesOf(asked, row),
      user_id: idOf(person?.['user_id']) ?? idOf(asked.userId),
      username: textOf(person?.['preferred_username']),
      api_versions: newestIn(versions),
      session_minutes: minutesIn(session),
      checked_at: new Date(asked.now).toISOString(),
    },
    // 403 `Bad_OAuth_Token` is userinfo's way to say it; a 401 of the query may also mean a missing scope.
    tokenRefused: organization?.status === 401 && (user?.status === 401 || user?.status === 403),
  }
}

/** `undefined` when there is no answer to read. */
function asking({ egress, instanceUrl, accessToken, timeoutMs = TIMEOUT_MS }: OrgQuestions): Ask {
  const { origin } = new URL(instanceUrl)
  return async (path, { bearer, form } = {}) => {
    try {
      return await requestSmall(egress, {
        url: origin + path,
        method: form ? 'POST' : 'GET',
        headers: {
          accept: 'application/json',
          ...(bearer ? { authorization: `Bearer ${accessToken}` } : {}),
          ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        },
        ...(form ? { body: new URLSearchParams(form).toString() } : {}),
        timeoutMs,
        maxBytes: MAX_BYTES,
      })
    } catch (error) {
      if (error instanceof RequestFailed || error instanceof EgressRefused) return undefined
      throw error
    }
  }
}

function introspection(token: string, { clientId, clientSecret }: NonNullable<OrgQuestions['client']>): Record<string, string> {
  const client = { client_id: clientId, ...(clientSecret ? { client_secret: reveal(clientSecret) } : {}) }
  return { token, token_type_hint: 'access_token', ...client }
}

function namesOf(
  { orgId, instanceUrl, loginHost, identityHost }: OrgQuestions,
  row: (OrganizationRow & Fields) | undefined,
): Omit<OrgFacts, 'user_id' | 'username' | 'api_versions' | 'session_minutes' | 'checked_at'> {
  const instanceHost = URL.canParse(instanceUrl) ? new URL(instanceUrl).hostname : undefined
  const { kind, certain } = orgKindFrom({ organization: row, instanceHost, loginHost, identityHost })
  return {
    org_id: to18(orgId) ?? orgId,
    kind,
    kind_certain: certain,
    name: textOf(row?.['Name']),
    organization_type: textOf(row?.OrganizationType),
    is_sandbox: row?.IsSandbox ?? null,
    trial_expires_at: timeOf(row?.TrialExpirationDate),
    instance_name: textOf(row?.['InstanceName']),
    namespace_prefix: textOf(row?.['NamespacePrefix']),
    instance_url: instanceUrl,
    login_host: loginHost ?? null,
  }
}

function rowIn(answer: SmallAnswer | undefined): (OrganizationRow & Fields) | undefined {
  const records = fieldsIn(answer)?.['records']
  const row: unknown = Array.isArray(records) ? records[0] : undefined
  return isFields(row) && typeof row['IsSandbox'] === 'boolean' ? (row as OrganizationRow & Fields) : undefined
}

function newestIn(answer: SmallAnswer | undefined): OrgFacts['api_versions'] {
  const list = jsonIn(answer)
  if (!Array.isArray(list)) return null
  const known = list.filter(isFields).filter(({ version }) => typeof version === 'string' && /^\d{1,3}\.\d$/.test(version))
  const newest = known.toSorted((a, b) => Number(b['version']) - Number(a['version']))[0]
  if (!newest) return null
  const version = newest['version'] as string
  return { newest: version, release: textOf(newest['label']) ?? releaseOfApiVersion(version) ?? null }
}

function minutesIn(answer: SmallAnswer | undefined): number | null {
  const { active, exp, iat } = fieldsIn(answer) ?? {}
  if (active !== true || typeof exp !== 'number' || typeof iat !== 'number' || !(exp > iat)) return null
  return Math.min(Math.round((exp - iat) / 60), 10_000_000)
}

function fieldsIn(answer: SmallAnswer | undefined): Fields | undefined {
  const value = jsonIn(answer)
  return isFields(value) ? value : undefined
}

function jsonIn(answer: SmallAnswer | undefined): unknown {
  if (answer?.status !== 200) return undefined
  try {
    return JSON.parse(answer.bodyText)
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// PostgreSQL's jsonb refuses NUL and half a surrogate pair; people read these texts, so that no other control character gets in either.
function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const text = value
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, LONGEST_TEXT)
    .toWellFormed()
  return text === '' ? null : text
}

function idOf(value: unknown): string | null {
  return typeof value === 'string' ? (to18(value) ?? (/^\w{15,18}$/.test(value) ? value : null)) : null
}

function timeOf(value: unknown): string | null {
  // `+0000` instead of `Z` is Salesforce's way to write it.
  const text = typeof value === 'string' ? value.replace(/\+0000$/, 'Z') : ''
  return Number.isNaN(Date.parse(text)) ? null : new Date(text).toISOString()
}
