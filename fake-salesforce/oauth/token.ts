import { oauthErrors } from '../error-table.ts'
import { formOf, type Incoming } from '../incoming.ts'
import type { Reply } from '../reply.ts'
import type { State } from '../state.ts'
import type { GrantType } from './grant-type.ts'
import { authorizationCode } from './grants/authorization-code.ts'
import { clientCredentials } from './grants/client-credentials.ts'
import { jwtBearer } from './grants/jwt-bearer.ts'
import { refreshToken } from './grants/refresh-token.ts'
import { oauthReply, refuse, tokenReply } from './refusal.ts'

const GRANT_TYPES: Record<string, GrantType> = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': jwtBearer,
  password: () => {
    throw refuse(oauthErrors.passwordFlow)
  },
}

/** `POST /services/oauth2/token` */
export function token(state: State, incoming: Incoming): Reply {
  const form = formOf(incoming)
  return oauthReply(incoming, form, () => {
    if (incoming.method !== 'POST') throw refuse(oauthErrors.mustPost)
    const next = state.nextAnswers.token.shift()
    if (next !== undefined) throw refuse({ ...next, confidence: '?' })
    const { role } = incoming.site
    if (role === 'setup' || role === 'lightning') throw refuse(oauthErrors.wrongDomain)
    const name = form.get('grant_type') ?? ''
    const grantType = Object.hasOwn(GRANT_TYPES, name) ? GRANT_TYPES[name] : undefined
    if (grantType === undefined) throw refuse(oauthErrors.unsupportedGrantType)
    const granted = grantType(state, incoming, form)
    const reply = tokenReply(incoming, form, 200, granted.fields)
    return granted.cut === true ? { ...reply, cut: true } : reply
  })
}

/** The grant type for the request log: a known name or `other`. */
export function grantTypeLabel(incoming: Incoming): string {
  const name = formOf(incoming).get('grant_type') ?? ''
  return Object.hasOwn(GRANT_TYPES, name) ? name.replace(/^.*:/, '') : 'other'
}
