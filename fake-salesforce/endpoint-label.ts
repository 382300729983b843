import { credentialOf } from './data/session.ts'
import type { Incoming } from './incoming.ts'
import { grantTypeLabel } from './oauth/token.ts'
import { CONSENT_PATH } from './pages/consent-page.ts'
import type { LogEntry } from './request-log.ts'
import type { State } from './state.ts'

/** The name under which the log counts a request, e.g. `token:refresh_token`, `authorize`, `data:query`, `data:jobs`. */
export function endpointLabel(incoming: Incoming): string {
  const { path } = incoming
  if (path === '/services/oauth2/token') return `token:${grantTypeLabel(incoming)}`
  const oauth = /^\/services\/oauth2\/(authorize|introspect|revoke|userinfo)$/.exec(path)
  if (oauth?.[1] !== undefined) return oauth[1]
  if (path === CONSENT_PATH) return 'consent'
  if (path === '/.well-known/auth-configuration') return 'auth-configuration'
  if (/^\/id\/[^/]+\/[^/]+\/?$/.test(path)) return 'identity'
  if (path.startsWith('/services/apexrest/')) return 'apexrest'
  if (/^\/services\/soap\//i.test(path)) return 'soap'
  const data = /^\/services\/data(?:\/v[\d.]+(?:\/([A-Za-z]+))?)?/.exec(path)
  if (data !== null) return `data:${data[1] ?? 'root'}`
  return 'other'
}

/** Whether the request's credential opens this site's org; asked before the request changes anything. */
export function bearerKind(state: State, incoming: Incoming): LogEntry['bearer'] {
  const credential = credentialOf(incoming.headers)
  if (credential === null) return 'none'
  const token = state.accessTokens.get(credential)
  if (token === undefined || token.expiresAt <= state.clock.now()) return 'unknown'
  const { org } = incoming.site
  return org === null || org.key === token.orgKey ? 'own' : 'foreign'
}
