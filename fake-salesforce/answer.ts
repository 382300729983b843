import { answerData } from './data/answer-data.ts'
import type { Incoming } from './incoming.ts'
import { answerOauth } from './oauth/answer-oauth.ts'
import { plainPage } from './pages/error-page.ts'
import { practicePage } from './pages/practice-page.ts'
import { PRACTICE_ORG } from './practice/practice-org.ts'
import { html, redirect, type Reply } from './reply.ts'
import type { State } from './state.ts'

/** The reply to any request that is not for the control API. */
export function answer(state: State, incoming: Incoming): Reply {
  const { site } = incoming
  if (site.role === 'unrouted') {
    // Browsers are sent on; that a POST is lost on this way is the client's trouble, as it is at Salesforce.
    if (site.org !== null) return redirect(`${site.origin}${incoming.path}${incoming.query.size === 0 ? '' : `?${incoming.query}`}`)
    // What Salesforce Edge answers for a host that it does not know.
    return html(420, plainPage(state, 'Unknown host', 'There is no routing information for this host.'))
  }
  if (site.org?.deleted === true) return html(200, plainPage(state, 'Data Not Available', 'site under construction'))
  if (incoming.path === '/services/oauth2/token') return answerOauth(state, incoming) ?? notFound(state)
  if (site.role === 'setup' || site.role === 'lightning') return answerUserInterface(state, incoming)
  return answerOauth(state, incoming) ?? answerData(state, incoming) ?? home(state, incoming)
}

/** Setup and Lightning hosts are for browsers: pages and redirects, never JSON. */
function answerUserInterface(state: State, incoming: Incoming): Reply {
  const { site } = incoming
  const fromData = answerData(state, incoming)
  if (fromData !== undefined) return fromData
  if (site.role === 'lightning' && site.org !== null) return redirect(`${state.origins.org(site.org.key)}/?ec=302`)
  return html(200, plainPage(state, 'Log in', 'This host is for people, not for programs.'))
}

function home(state: State, incoming: Incoming): Reply {
  if (incoming.path !== '/') return notFound(state)
  if (state.isPractice && incoming.site.org?.key === PRACTICE_ORG) return html(200, practicePage(state))
  return html(200, plainPage(state, incoming.site.org?.name ?? 'Log in', 'There is nothing to see here; connect an app instead.'))
}

function notFound(state: State): Reply {
  return html(404, plainPage(state, 'URL No Longer Exists', 'You have attempted to reach a URL that no longer exists.'))
}
