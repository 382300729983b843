import { oauthErrors, type OauthError } from '../error-table.ts'
import { formOf, type Incoming } from '../incoming.ts'
import { killGrant } from '../orgs/end-access.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { empty, text, type Reply } from '../reply.ts'
import type { State } from '../state.ts'
import { siteServes } from './consumers.ts'

/**
 * `POST` or `GET /services/oauth2/revoke` (RFC 7009). A refresh token takes its sessions with it, an access token ends alone. Unlike
 * the RFC, an unknown token is an error; its body is urlencoded, which jsforce relies on.
 */
export function revoke(state: State, incoming: Incoming): Reply {
  const form = incoming.method === 'GET' ? incoming.query : formOf(incoming)
  const value = form.get('token') ?? ''
  const hint = form.get('token_type_hint')
  if (hint !== null && hint !== 'access_token' && hint !== 'refresh_token') return refused(oauthErrors.unsupportedTokenType)
  const access = state.accessTokens.get(value)
  const grant = [...state.grants.values()].find((one) => one.refreshToken !== null && one.refreshToken === value)
  const owner = access?.orgKey ?? grant?.orgKey
  if (owner === undefined || !siteServes(incoming.site, orgByKey(state, owner))) return refused(oauthErrors.invalidToken)
  if (access !== undefined) state.accessTokens.delete(value)
  else if (grant !== undefined) killGrant(state, grant)
  return empty(200)
}

function refused(entry: OauthError): Reply {
  const body = new URLSearchParams({ error: entry.error, error_description: entry.description }).toString()
  return text(400, body, 'application/x-www-form-urlencoded;charset=UTF-8')
}
