import { restErrorReply } from './data/rest-refusal.ts'
import { restErrors } from './error-table.ts'
import type { Incoming } from './incoming.ts'
import type { Knobs } from './knobs.ts'
import { plainPage } from './pages/error-page.ts'
import { html, text, type Reply } from './reply.ts'
import type { State } from './state.ts'

function inScope(knobs: Knobs, incoming: Incoming): boolean {
  if (knobs.faultsApplyTo === 'all') return true
  const isToken = incoming.path === '/services/oauth2/token'
  return knobs.faultsApplyTo === 'token' ? isToken : /^\/services\/(data|apexrest)(\/|$)/.test(incoming.path)
}

/** How long this answer is held back, in ms. */
export function latencyOf(state: State, incoming: Incoming): number {
  return inScope(state.knobs, incoming) ? state.knobs.latencyMs : 0
}

/** The fault that a knob asks for instead of an answer; each counted knob is used up by one. */
export function faultOf(state: State, incoming: Incoming): Reply | undefined {
  const { knobs } = state
  const { org } = incoming.site
  if (org !== null && state.clock.now() < org.copyingUntil) {
    return html(503, plainPage(state, 'Sandbox copy', 'This sandbox is being refreshed. Please try again later.'))
  }
  if (!inScope(knobs, incoming)) return undefined
  if (knobs.dropBeforeTimes > 0) {
    knobs.dropBeforeTimes -= 1
    return { ...text(0, ''), cut: true }
  }
  if (knobs.fail503Times > 0) {
    knobs.fail503Times -= 1
    return restErrorReply(restErrors.serverUnavailable)
  }
  if (state.clock.now() < knobs.outageUntil) return restErrorReply(restErrors.serverUnavailable)
  if (knobs.htmlErrorTimes > 0) {
    knobs.htmlErrorTimes -= 1
    return html(500, plainPage(state, 'An internal server error has occurred', 'An error has occurred while processing your request.'))
  }
  if (knobs.garbageTimes > 0) {
    knobs.garbageTimes -= 1
    return text(200, '\u0000\u0001{"access_token":', 'application/json;charset=UTF-8')
  }
  return undefined
}
