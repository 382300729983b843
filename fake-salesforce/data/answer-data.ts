import { restErrors } from '../error-table.ts'
import type { Incoming } from '../incoming.ts'
import { plainPage } from '../pages/error-page.ts'
import { html, redirect, replyOf, type Reply } from '../reply.ts'
import type { Org, State } from '../state.ts'
import { apexrest } from './apexrest.ts'
import { segmentsOf } from './call.ts'
import { countCall, versionList, versionState } from './resources.ts'
import { refuseRest } from './rest-refusal.ts'
import { routeVersion } from './route-version.ts'
import { sessionOf, type Session } from './session.ts'
import { soapFault } from './soap.ts'

/** The reply to a path under `/services/data`, `/services/apexrest` or `/services/Soap`; undefined for other paths. */
export function answerData(state: State, incoming: Incoming): Reply | undefined {
  const { path, site } = incoming
  if (/^\/services\/soap\//i.test(path)) return soapFault()
  if (!/^\/services\/(data|apexrest)(\/|$)/.test(path)) return undefined
  const reply = replyOf(() => answer(state, incoming))
  return site.org === null || site.role !== 'org' ? reply : withLimitInfo(reply, site.org)
}

function withLimitInfo(reply: Reply, org: Org): Reply {
  return { ...reply, headers: { ...reply.headers, 'sforce-limit-info': `api-usage=${org.limits.used}/${org.limits.max}` } }
}

function answer(state: State, incoming: Incoming): Reply {
  const { site, path } = incoming
  if (site.role === 'login' || site.role === 'test') throw refuseRest(restErrors.urlNotReset)
  // The user interface's hosts never answer JSON.
  if (site.role === 'lightning') return redirect(site.org === null ? '/' : `${state.origins.org(site.org.key)}/?ec=302`)
  if (site.org === null || site.role !== 'org') return html(200, plainPage(state, 'Log in', 'This host is for people, not for programs.'))
  if (/^\/services\/data\/?$/.test(path)) return versionList()
  const next = state.nextAnswers.rest.shift()
  if (next !== undefined) throw refuseRest({ ...next, confidence: '?' })
  const session = usableSession(state, incoming, site.org)
  if (path.startsWith('/services/apexrest/')) return apexrest(incoming)
  return versioned(state, incoming, session)
}

/** The checks of a session in Salesforce's order. */
function usableSession(state: State, incoming: Incoming, org: Org): Session {
  const session = sessionOf(state, incoming.headers)
  // A token of another org is what a proxy sends that mixes up its connections' hosts.
  if (session === undefined || session.org !== org) throw refuseRest(restErrors.sessionExpired)
  if (!session.token.scope.includes('api') && !session.token.scope.includes('full')) throw refuseRest(restErrors.noApiScope)
  if (!countCall(state, org.key)) throw refuseRest(restErrors.limitExceeded)
  if (!org.apiEnabled) throw refuseRest(restErrors.apiDisabledForOrg)
  if (!session.user.apiEnabled) throw refuseRest(restErrors.apiDisabledForUser)
  return session
}

function versioned(state: State, incoming: Incoming, { org, user }: Session): Reply {
  const [, , , version = '', ...rest] = incoming.path.replace(/\/+$/, '').split('/')
  const known = versionState(version)
  if (known === 'retired') throw refuseRest(restErrors.versionRetired)
  if (known === 'unknown') throw refuseRest(restErrors.notFound)
  const segments = rest.length === 0 ? [] : segmentsOf(rest.join('/'))
  const { method, query, headers, body } = incoming
  return routeVersion({ state, org, user, method, base: `/services/data/${version}`, segments, query, headers, body })
}
