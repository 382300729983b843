import { createHash, createHmac } from 'node:crypto'
import { killGrant } from '../orgs/end-access.ts'
import { forgetExpired } from '../orgs/forget-expired.ts'
import { userByName } from '../orgs/add-user.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { randomWord } from '../random.ts'
import type { Site } from '../site.ts'
import type { AccessToken, App, Consumer, Grant, Org, State, User } from '../state.ts'
import { signedJwt } from './signing-key.ts'

const MINUTE = 60_000

/** The identity URL, as seen from the host that was asked; real orgs differ in the host, so only its path means something. */
export function identityUrl(site: Site, org: Org, user: User): string {
  return `${site.origin}/id/${org.orgId}/${user.id}`
}

export function newRefreshToken(state: State): string {
  return `5Aep861${randomWord(state.random, 80)}`
}

/** Creates an approval. With a refresh token it counts against the limit, and the oldest over it is revoked. */
export function createGrant(state: State, app: App, username: string, orgKey: string, scope: string[], withRefreshToken: boolean): Grant {
  forgetExpired(state)
  const now = state.clock.now()
  const grant: Grant = {
    id: state.ids.next('0CQ'),
    app,
    username,
    orgKey,
    scope,
    createdAt: now,
    lastUsedAt: now,
    useCount: 1,
    refreshToken: withRefreshToken ? newRefreshToken(state) : null,
    previous: new Set(),
  }
  state.grants.set(grant.id, grant)
  const approvals = [...state.grants.values()].filter((one) => one.app === app && one.username === username && one.refreshToken !== null)
  // A Map keeps the order of insertion, so the first are the oldest.
  const surplus = Math.max(0, approvals.length - state.knobs.approvalLimit)
  for (const oldest of approvals.slice(0, surplus)) killGrant(state, oldest)
  return grant
}

function opaqueToken(state: State, org: Org): string {
  return `${org.orgId.slice(0, 15)}!AQEAQ${randomWord(state.random, 90)}`
}

/** A new session of a grant. Opaque ones slide with use; JWTs end when they say. */
function mintAccessToken(state: State, grant: Grant, consumer: Consumer): AccessToken {
  const now = state.clock.now()
  const org = orgByKey(state, grant.orgKey)
  const user = userByName(state, grant.username)
  const length = (grant.app.policy.sessionTimeoutMin ?? org.sessionTimeoutMin) * MINUTE
  const jwt = grant.app.flags.jwtAccessTokens
  const value = jwt
    ? signedJwt({
        iss: state.origins.org(org.key),
        sub: `uid:${user.id}`,
        aud: [state.origins.org(org.key)],
        client_id: consumer.key,
        scp: grant.scope.join(' '),
        iat: Math.floor(now / 1000),
        exp: Math.floor((now + length) / 1000),
        jti: randomWord(state.random, 22),
      })
    : opaqueToken(state, org)
  const token: AccessToken = {
    value,
    grantId: grant.id,
    app: grant.app,
    consumerKey: consumer.key,
    username: user.username,
    orgKey: org.key,
    scope: grant.scope,
    issuedAt: now,
    lastUsedAt: now,
    expiresAt: now + length,
    slidesByMs: jwt ? 0 : length,
  }
  state.accessTokens.set(value, token)
  return token
}

export interface Issue {
  site: Site
  grant: Grant
  consumer: Consumer
  /** Whether the answer carries the grant's refresh token. */
  withRefreshToken: boolean
  /** Whether the answer carries an `id_token`, and the nonce in it. */
  idToken?: { nonce: string | null }
}

/** Mints a session and returns the fields of the token answer. */
export function issueTokens(state: State, issue: Issue): Record<string, string> {
  const { site, grant, consumer } = issue
  const token = mintAccessToken(state, grant, consumer)
  const org = orgByKey(state, grant.orgKey)
  const id = identityUrl(site, org, userByName(state, grant.username))
  const issuedAt = String(token.issuedAt)
  const fields: Record<string, string> = { access_token: token.value }
  if (issue.withRefreshToken && grant.refreshToken !== null) fields['refresh_token'] = grant.refreshToken
  fields['signature'] = createHmac('sha256', consumer.secret)
    .update(id + issuedAt)
    .digest('base64')
  fields['scope'] = grant.scope.join(' ')
  if (issue.idToken !== undefined) fields['id_token'] = idToken(issue, token, id)
  fields['instance_url'] = org.instanceUrlOverride ?? state.origins.org(org.key)
  fields['id'] = id
  fields['token_type'] = 'Bearer'
  fields['issued_at'] = issuedAt
  return fields
}

function idToken(issue: Issue, token: AccessToken, id: string): string {
  const seconds = Math.floor(token.issuedAt / 1000)
  const half = createHash('sha256').update(token.value).digest().subarray(0, 16).toString('base64url')
  const nonce = issue.idToken?.nonce
  return signedJwt({
    iss: issue.site.origin,
    sub: id,
    aud: issue.consumer.key,
    iat: seconds,
    exp: seconds + 120,
    at_hash: half,
    ...(nonce == null ? {} : { nonce }),
  })
}
