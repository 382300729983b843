import { createHash } from 'node:crypto'
import { oauthErrors } from '../../error-table.ts'
import { ipAllowed } from '../../orgs/ip.ts'
import { orgByKey } from '../../orgs/add-org.ts'
import { userByName } from '../../orgs/add-user.ts'
import type { Code } from '../../state.ts'
import { authenticatedConsumer, siteServes } from '../consumers.ts'
import { createGrant, issueTokens } from '../issue-tokens.ts'
import { refuse } from '../refusal.ts'
import { includesRefresh } from '../scopes.ts'
import type { GrantType } from '../grant-type.ts'

/** RFC 6749 section 4.1.3 with RFC 7636; the checks stand in Salesforce's order. */
export const authorizationCode: GrantType = (state, incoming, form) => {
  const { app, consumer } = authenticatedConsumer(state, incoming, form, (one) => one.flags.secretRequiredWeb)
  const code = state.codes.get(form.get('code') ?? '')
  const org = code === undefined ? undefined : state.orgs.get(code.orgKey)
  if (code === undefined || org === undefined || code.app !== app || !siteServes(incoming.site, org)) throw refuse(oauthErrors.unknownCode)
  if (code.used || state.clock.now() > code.expiresAt) throw refuse(oauthErrors.expiredCode)
  if (form.get('redirect_uri') !== code.redirectUri) throw refuse(oauthErrors.redirectMismatch)
  assertVerifier(code, form.get('code_verifier'))
  if (org.locked || org.deleted) throw refuse(oauthErrors.inactiveOrg)
  if (!userByName(state, code.username).active) throw refuse(oauthErrors.inactiveUser)
  if (!ipAllowed(app.tokenIpRanges, incoming.clientAddress)) throw refuse(oauthErrors.ipRestricted)
  code.used = true
  const withRefreshToken = includesRefresh(code.scope) && app.policy.rtPolicy !== 'Zero'
  const grant = createGrant(state, app, code.username, orgByKey(state, code.orgKey).key, code.scope, withRefreshToken)
  const idToken = code.scope.includes('openid') ? { idToken: { nonce: code.nonce } } : {}
  return { fields: issueTokens(state, { site: incoming.site, grant, consumer, withRefreshToken, ...idToken }) }
}

function assertVerifier(code: Code, verifier: string | null): void {
  if (code.challenge === null) {
    if (verifier !== null) throw refuse(oauthErrors.unexpectedVerifier)
    return
  }
  // Salesforce refuses `~` although RFC 7636 allows it. Its length is not checked: jsforce sends 171 characters, and is accepted.
  if (verifier === null || verifier.includes('~')) throw refuse(oauthErrors.invalidVerifier)
  const digest = createHash('sha256').update(verifier).digest('base64url')
  if (digest !== code.challenge.replace(/=+$/, '')) throw refuse(oauthErrors.invalidVerifier)
}
