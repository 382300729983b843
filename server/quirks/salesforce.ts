import { fail } from '@hawser/api/errors.ts'
import { isRefreshableRestError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { signInChecks } from '@hawser/salesforce/errors/sign-in-checks.ts'
import { normaliseLoginHost, parseInstanceUrl } from '@hawser/salesforce/hosts.ts'
import { idsFromIdentityUrl, orgIdFromAccessToken, sameOrg } from '@hawser/salesforce/ids.ts'
import { toDiagnosis } from '#diagnosis/diagnose.ts'
import { requestSmall } from '#egress/small-request.ts'
import { readOrgFacts, type OrgReading } from '#orgs/read-org-facts.ts'
import type { Provider } from '#providers/schema.ts'
import type { ConfirmImportInput, FieldCheck, Quirk, ReadOrgInput, TokenAnswerInput, TokenExtras } from './quirk.ts'
import { signatureFits } from './salesforce-signature.ts'

export const salesforce: Quirk = {
  family: 'salesforce',
  normaliseField,
  readTokenAnswer,
  isRefreshable: (status, contentType, bodyText) => isRefreshableRestError(status, bodyText, contentType),
  confirmImport,
  readOrg,
}

function normaliseField(provider: Provider, name: string, value: string): FieldCheck {
  if (name !== 'hostname' || value === '') return { ok: true, value }
  if (provider.allowed_hosts?.includes(value) === true) return { ok: true, value }
  const normal = normaliseLoginHost(value.trim())
  return normal.ok ? { ok: true, value: normal.host } : normal
}

/** `url` without a final slash; on the entry's exact hosts (the practice org) also plain http. */
function instanceUrl(provider: Provider, text: string): { ok: true; url: string; host: string } | { ok: false; reason: string } {
  const exact = /^https?:\/\/([a-z0-9.-]+(?::\d{1,5})?)\/?$/.exec(text)?.[1]
  if (exact !== undefined && provider.allowed_hosts?.includes(exact) === true)
    return { ok: true, url: text.replace(/\/$/, ''), host: exact }
  return parseInstanceUrl(text)
}

function readTokenAnswer({ provider, raw, phase, clientSecret }: TokenAnswerInput): TokenExtras {
  const given = raw['instance_url']
  if (phase === 'refresh' && given === undefined) return { ok: true, connectionConfig: {} }
  const instance = instanceUrl(provider, typeof given === 'string' ? given : '')
  if (!instance.ok) return refusal('instance_url_refused', instance.reason, signInChecks.instanceUrlRefused)
  const identity = typeof raw['id'] === 'string' ? idsFromIdentityUrl(raw['id']) : undefined
  const kept = {
    instance_url: instance.url,
    ...(identity ? { org_id: identity.orgId, user_id: identity.userId } : {}),
  }
  if (phase === 'connect') {
    const wrong = wrongInSignIn({ raw, clientSecret, orgId: identity?.orgId })
    if (wrong !== undefined) return wrong
  }
  return { ok: true, connectionConfig: kept }
}

type Refusal = Extract<TokenExtras, { ok: false }>

interface SignIn extends Pick<TokenAnswerInput, 'raw' | 'clientSecret'> {
  orgId: string | undefined
}

function wrongInSignIn({ raw, clientSecret, orgId }: SignIn): Refusal | undefined {
  if (clientSecret && !signatureFits(raw, clientSecret)) {
    const message =
      'The signature of the token answer does not fit the consumer secret: the answer was altered, or the secret belongs to another app.'
    return refusal('connection_validation_failed', message, signInChecks.signatureMismatch)
  }
  const tokenOrg = typeof raw['access_token'] === 'string' ? orgIdFromAccessToken(raw['access_token']) : undefined
  if (tokenOrg !== undefined && orgId !== undefined && !sameOrg(tokenOrg, orgId)) {
    return refusal('connection_validation_failed', 'The token answer names two different orgs.', signInChecks.twoOrgs)
  }
  return undefined
}

function refusal(code: Refusal['code'], message: string, row: Parameters<typeof toDiagnosis>[0]): Refusal {
  return { ok: false, code, message, diagnosis: toDiagnosis(row) }
}

/** `GET /services/oauth2/userinfo`: a dead or foreign token is 403 `Bad_OAuth_Token`. */
async function confirmImport({
  egress,
  provider,
  accessToken,
  connectionConfig,
  timeoutMs,
}: ConfirmImportInput): Promise<Record<string, unknown>> {
  const given = connectionConfig['instance_url']
  const instance = instanceUrl(provider, typeof given === 'string' ? given : '')
  if (!instance.ok) throw fail('instance_url_refused', { message: instance.reason })
  const answer = await requestSmall(egress, {
    url: `${instance.url}/services/oauth2/userinfo`,
    method: 'GET',
    headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
    timeoutMs,
  }).catch((cause: unknown) => {
    throw fail('connection_validation_failed', {
      message: 'The org did not answer, so the access token could not be checked. Try again.',
      cause,
    })
  })
  if (answer.status === 401 || answer.status === 403) {
    throw fail('connection_test_failed', { message: 'The org at instance_url does not accept this access token. Import a fresh one.' })
  }
  const body = fieldsOf(answer.bodyText)
  const orgId = body?.['organization_id']
  if (answer.status !== 200 || typeof orgId !== 'string') {
    throw fail('connection_validation_failed', {
      message: `The org answered with status ${answer.status}, so the access token could not be checked. Try again.`,
    })
  }
  const userId = body?.['user_id']
  return { instance_url: instance.url, org_id: orgId, ...(typeof userId === 'string' ? { user_id: userId } : {}) }
}

async function readOrg({ connectionConfig, identityUrl, ...asked }: ReadOrgInput): Promise<OrgReading | undefined> {
  const { instance_url: instanceUrl, org_id: orgId, user_id: userId } = connectionConfig
  if (typeof instanceUrl !== 'string' || typeof orgId !== 'string') return undefined
  const identityHost = typeof identityUrl === 'string' && URL.canParse(identityUrl) ? new URL(identityUrl).hostname : undefined
  return readOrgFacts({ ...asked, instanceUrl, orgId, userId: typeof userId === 'string' ? userId : undefined, identityHost })
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
