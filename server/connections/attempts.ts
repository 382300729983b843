import type { Need } from './freshness.ts'

/** What a running attempt tells those who might join it. */
export interface Running {
  force: boolean
  /** Its token request has left, or is about to: a token that it brings may have been asked for before a later call began. */
  requested: boolean
}

export type Start<R> = (need: Need, running: Running) => Promise<R>

/**
 * At most one attempt a grant in this process. Ordinary callers join whatever runs. A caller who forces joins only an attempt that is forced too and
 * has not sent its request yet; else one further attempt follows the running one, shared by all who forced meanwhile.
 */
export function createAttempts<R>(): { join(grantId: string, need: Need, start: Start<R>): Promise<R> } {
  const running = new Map<string, { state: Running; promise: Promise<R> }>()
  const waiting = new Map<string, Promise<R>>()

  const begin = (grantId: string, need: Need, start: Start<R>): Promise<R> => {
    const state: Running = { force: isForced(need), requested: false }
    const promise = start(need, state).finally(() => running.delete(grantId))
    running.set(grantId, { state, promise })
    return promise
  }

  const join = (grantId: string, need: Need, start: Start<R>): Promise<R> => {
    const current = running.get(grantId)
    if (!current) return begin(grantId, need, start)
    if (!isForced(need) || (current.state.force && !current.state.requested)) return current.promise
    const next = waiting.get(grantId)
    if (next) return next
    const after = current.promise
      .catch(() => {}) // its own callers hear of it
      .then(() => {
        waiting.delete(grantId)
        return join(grantId, need, start)
      })
    waiting.set(grantId, after)
    return after
  }

  return { join }
}

/** Renewing ahead of time is nobody's doubt about the token: it joins like any other. */
function isForced(need: Need): boolean {
  return need.force && need.ahead !== true
}
