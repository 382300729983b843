import { oauthErrors } from '../error-table.ts'
import { formOf, type Incoming } from '../incoming.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { userByName } from '../orgs/add-user.ts'
import { json, type Reply } from '../reply.ts'
import type { App, State } from '../state.ts'
import { authenticatedConsumer, siteServes } from './consumers.ts'
import { identityUrl } from './issue-tokens.ts'
import { oauthReply, refuse } from './refusal.ts'

interface Found {
  app: App
  consumerKey: string
  username: string
  orgKey: string
  scope: string[]
  tokenType: 'access_token' | 'refresh_token'
  issuedAt: number
  expiresAt: number | null
}

/** `POST /services/oauth2/introspect` (RFC 7662). A token of another app is inactive, unless the app may see all. */
export function introspect(state: State, incoming: Incoming): Reply {
  const form = formOf(incoming)
  return oauthReply(incoming, form, () => {
    if (incoming.method !== 'POST') throw refuse(oauthErrors.mustPost)
    const { app } = authenticatedConsumer(state, incoming, form, () => true)
    const found = findToken(state, form.get('token') ?? '')
    const org = found === undefined ? undefined : orgByKey(state, found.orgKey)
    if (found === undefined || org === undefined || !siteServes(incoming.site, org)) return json(200, { active: false })
    if (found.app !== app && !app.flags.introspectAll) return json(200, { active: false })
    const seconds = Math.floor(found.issuedAt / 1000)
    return json(200, {
      active: true,
      scope: found.scope.join(' '),
      client_id: found.consumerKey,
      username: found.username,
      sub: identityUrl(incoming.site, org, userByName(state, found.username)),
      token_type: found.tokenType,
      ...(found.expiresAt === null ? {} : { exp: Math.floor(found.expiresAt / 1000) }),
      iat: seconds,
      nbf: seconds,
    })
  })
}

function findToken(state: State, value: string): Found | undefined {
  const access = state.accessTokens.get(value)
  if (access !== undefined) {
    if (access.expiresAt <= state.clock.now() || !userByName(state, access.username).active) return undefined
    return { ...access, tokenType: 'access_token' }
  }
  for (const grant of state.grants.values()) {
    if (grant.refreshToken !== value) continue
    const consumerKey = grant.app.consumers[0]?.key ?? ''
    return { ...grant, consumerKey, tokenType: 'refresh_token', issuedAt: grant.createdAt, expiresAt: null }
  }
  return undefined
}
