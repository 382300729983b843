import { createPublicKey, verify } from 'node:crypto'
import { oauthErrors } from '../../error-table.ts'
import type { Incoming } from '../../incoming.ts'
import { isAdmitted } from '../../orgs/app-access.ts'
import type { App, State, User } from '../../state.ts'
import { consumerAt, siteServes } from '../consumers.ts'
import { createGrant, issueTokens } from '../issue-tokens.ts'
import { refuse } from '../refusal.ts'
import type { GrantType } from '../grant-type.ts'

interface Claims {
  iss: string
  sub: string
  aud: string
  exp: number
}

/** RFC 7523: an assertion signed with the key whose certificate the app holds. */
export const jwtBearer: GrantType = (state, incoming, form) => {
  const assertion = form.get('assertion') ?? ''
  const claims = claimsOf(assertion)
  if (claims === undefined) throw refuse(oauthErrors.invalidAssertion)
  const known = consumerAt(state, incoming.site, claims.iss)
  if (known === undefined) throw refuse(oauthErrors.unknownClient)
  const now = state.clock.now() / 1000
  if (!signedByApp(known.app, assertion) || claims.exp < now || claims.exp > now + 180) throw refuse(oauthErrors.invalidAssertion)
  if (!audiences(state, incoming).includes(claims.aud)) throw refuse(oauthErrors.invalidAudience)
  const user = state.users.get(claims.sub)
  const org = state.orgs.get(user?.orgKey ?? '')
  if (user === undefined || org === undefined || !siteServes(incoming.site, org)) throw refuse(oauthErrors.notApproved)
  if (!user.active) throw refuse(oauthErrors.inactiveUser)
  if (!approved(state, known.app, user)) throw refuse(oauthErrors.notApproved)
  const scope = known.app.scopes.filter((one) => one !== 'refresh_token' && one !== 'offline_access')
  const grant = createGrant(state, known.app, user.username, org.key, scope, false)
  return { fields: issueTokens(state, { site: incoming.site, grant, consumer: known.consumer, withRefreshToken: false }) }
}

function claimsOf(assertion: string): Claims | undefined {
  const parts = assertion.split('.')
  if (parts.length !== 3) return undefined
  try {
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString('utf8')) as { alg?: unknown } | null
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')) as Partial<Claims> | null
    const { iss, sub, aud, exp } = claims ?? {}
    const complete = typeof iss === 'string' && typeof sub === 'string' && typeof aud === 'string' && typeof exp === 'number'
    return header?.alg === 'RS256' && complete ? { iss, sub, aud, exp } : undefined
  } catch {
    return undefined
  }
}

function signedByApp(app: App, assertion: string): boolean {
  if (app.certificatePem === null) return false
  const end = assertion.lastIndexOf('.')
  try {
    const key = createPublicKey(app.certificatePem)
    return verify('sha256', Buffer.from(assertion.slice(0, end)), key, Buffer.from(assertion.slice(end + 1), 'base64url'))
  } catch {
    return false
  }
}

function audiences(state: State, incoming: Incoming): string[] {
  return [incoming.site.origin, state.origins.login, state.origins.test, 'https://login.salesforce.com', 'https://test.salesforce.com']
}

function approved(state: State, app: App, user: User): boolean {
  if (app.policy.permittedUsers === 'AdminApprovedPreAuthorized') return isAdmitted(app, user)
  return [...state.grants.values()].some((grant) => grant.app === app && grant.username === user.username)
}
