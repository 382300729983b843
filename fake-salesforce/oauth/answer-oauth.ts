import type { Incoming } from '../incoming.ts'
import { remoteAccessErrorPage } from '../pages/error-page.ts'
import { CONSENT_PATH } from '../pages/consent-page.ts'
import { pageErrors } from '../error-table.ts'
import { html, type Reply } from '../reply.ts'
import type { State } from '../state.ts'
import { authConfiguration } from './auth-configuration.ts'
import { authorize } from './authorize.ts'
import { submitDecision } from './decide.ts'
import { discovery } from './discovery.ts'
import { identity, userinfo } from './identity.ts'
import { introspect } from './introspect.ts'
import { revoke } from './revoke.ts'
import { jwks } from './signing-key.ts'
import { token } from './token.ts'

const ENDPOINTS: Record<string, (state: State, incoming: Incoming) => Reply> = {
  '/services/oauth2/authorize': authorize,
  '/services/oauth2/token': token,
  '/services/oauth2/introspect': introspect,
  '/services/oauth2/revoke': revoke,
  '/services/oauth2/userinfo': userinfo,
  '/.well-known/openid-configuration': (_state, incoming) => discovery(incoming),
  '/.well-known/auth-configuration': authConfiguration,
  '/id/keys': () => jwks(),
  [CONSENT_PATH]: submitDecision,
  '/setup/secur/RemoteAccessErrorPage.apexp': errorScreen,
}

/** The reply of an OAuth or identity endpoint; undefined when the path is none. */
export function answerOauth(state: State, incoming: Incoming): Reply | undefined {
  if (Object.hasOwn(ENDPOINTS, incoming.path)) return ENDPOINTS[incoming.path]?.(state, incoming)
  return /^\/id\/[^/]+\/[^/]+\/?$/.test(incoming.path) ? identity(state, incoming) : undefined
}

function errorScreen(state: State, incoming: Incoming): Reply {
  const error = incoming.query.get('error') ?? ''
  const entry = Object.values(pageErrors).find((one) => one.error === error)
  return html(200, remoteAccessErrorPage(state, entry?.onScreen ?? error, incoming.query.get('error_description') ?? ''))
}
