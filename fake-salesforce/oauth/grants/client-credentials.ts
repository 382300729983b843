import { oauthErrors } from '../../error-table.ts'
import type { GrantType } from '../grant-type.ts'
import { authenticatedConsumer } from '../consumers.ts'
import { createGrant, issueTokens } from '../issue-tokens.ts'
import { refuse } from '../refusal.ts'

/** RFC 6749 section 4.4; at Salesforce only on a My Domain host, as one chosen user, and never with a refresh token. */
export const clientCredentials: GrantType = (state, incoming, form) => {
  const { org } = incoming.site
  if (incoming.site.role !== 'org' || org === null) throw refuse(oauthErrors.wrongDomain)
  const { app, consumer } = authenticatedConsumer(state, incoming, form, () => true)
  if (!app.flags.clientCredentials || !app.policy.clientCredentials) throw refuse(oauthErrors.clientCredentialsOff)
  const user = app.policy.runAs === null ? undefined : state.users.get(app.policy.runAs)
  if (user === undefined || user.orgKey !== org.key) throw refuse(oauthErrors.noRunAsUser)
  if (!user.active) throw refuse(oauthErrors.inactiveUser)
  const scope = app.scopes.filter((one) => one !== 'refresh_token' && one !== 'offline_access')
  if (scope.length === 0) throw refuse(oauthErrors.noValidScopes)
  const grant = createGrant(state, app, user.username, org.key, scope, false)
  return { fields: issueTokens(state, { site: incoming.site, grant, consumer, withRefreshToken: false }) }
}
