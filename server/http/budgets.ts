/** Budgets that keep tenants and end users apart: what one of them uses up is missing to nobody else. Per process, in memory. */
import type { FastifyInstance } from 'fastify'
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import type { Authenticator } from './authenticate.ts'
import { createCallsAtOnce } from './calls-at-once.ts'
import { subscriberOf } from './client-address.ts'
import type { Principal } from './principal.ts'
import { createRateLimit } from './rate-limit.ts'

/** Calls a minute, and calls at once. */
export interface BudgetSettings {
  apiCallsPerMinute: number
  sessionCallsPerMinute: number
  browserCallsPerMinute: number
  callsAtOnce: number
  keyCallsAtOnce: number
  connectionCallsAtOnce: number
}

/** Of the proxy: how many calls are under way. */
export interface ProxyPlaces {
  /** Throws `too_many_request` (this key's or this connection's budget) or `not_ready` (all of this process is taken); nothing is counted then. */
  enter(keyId: string, connectionId: string): void
  leave(keyId: string, connectionId: string): void
}

export interface Budgets {
  /** The same, with each key's and each connect session's budget of calls. */
  counted(authenticator: Authenticator): Authenticator
  /** Pages and redirects of the sign-in, by the browser's address: here a caller may know no session at all. Call before routes are added. */
  guardBrowsers(app: FastifyInstance): void
  places: ProxyPlaces
}

const BROWSER_PATHS = /^\/(oauth\/(connect\/|callback)|connect-ui|connect\/session$|accounts\/)/

export function createBudgets(clock: Clock, settings: BudgetSettings): Budgets {
  const byKey = createRateLimit(clock, settings.apiCallsPerMinute)
  const bySession = createRateLimit(clock, settings.sessionCallsPerMinute)
  const byAddress = createRateLimit(clock, settings.browserCallsPerMinute)
  const count = <P extends Principal>(principal: P): P => {
    if (principal.kind === 'session') bySession.take(principal.sessionId)
    else byKey.take(principal.kind === 'key' ? principal.keyId : principal.personId)
    return principal
  }
  return {
    counted: (authenticator) => ({
      ...authenticator,
      request: async (request, accepts) => count(await authenticator.request(request, accepts)),
      session: async (token) => count(await authenticator.session(token)),
    }),
    guardBrowsers(app) {
      app.addHook('onRequest', async (request) => {
        if (BROWSER_PATHS.test(request.routeOptions.url ?? '')) byAddress.take(subscriberOf(request.ip))
      })
    },
    places: createPlaces(settings),
  }
}

function createPlaces({ callsAtOnce, keyCallsAtOnce, connectionCallsAtOnce }: BudgetSettings): ProxyPlaces {
  const ofKey = createCallsAtOnce(keyCallsAtOnce, 'This API key')
  const ofConnection = createCallsAtOnce(connectionCallsAtOnce, 'This connection')
  let all = 0
  return {
    enter(keyId, connectionId) {
      if (all >= callsAtOnce)
        throw fail('not_ready', { message: 'The server has as many calls under way as it takes. Try again.', retryAfter: 1 })
      ofConnection.enter(connectionId)
      try {
        ofKey.enter(keyId)
      } catch (error) {
        ofConnection.leave(connectionId)
        throw error
      }
      all++
    },
    leave(keyId, connectionId) {
      all--
      ofKey.leave(keyId)
      ofConnection.leave(connectionId)
    },
  }
}
