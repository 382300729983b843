/**
 * Token requests in lines: after an outage thousands of connections want new tokens at once, and a provider that has just come back answers with 429
 * or goes down again. How many are under way is counted by host, so that one customer's org that hangs holds up nobody else's; how many begin within a
 * second is counted by provider, since the hosts of all customers' orgs lead to the same one. First come, first served; jobs, for which nobody waits,
 * only when no caller does.
 */
import { fail } from '@hawser/api/errors.ts'
import type { Timers } from './timers.ts'

export interface TokenTurns {
  /**
   * Resolves when it is this request's turn; the function gives the place back (once). Throws `refresh_timeout` if the turn does not come within
   * `waitMs`: nothing was sent then, and nothing is held against the grant.
   */
  take(place: { host: string; provider: string }, wanted: Wanted): Promise<() => void>
}

interface Wanted {
  forJob: boolean
  waitMs: number
}

export interface TurnLimits {
  /** Requests to one host at once. */
  atOnce: number
  /** Requests to one provider that may begin within a second. */
  perSecond: number
}

interface Waiter {
  begin(): void
}

interface Line {
  underWay: number
  /** When the last requests began, ms, oldest first; at most `perSecond`. */
  begun: number[]
  callers: Set<Waiter>
  jobs: Set<Waiter>
  wake: (() => void) | undefined
}

const SECOND_MS = 1_000

interface Time {
  now(): number
  timers: Timers
}

export function createTokenTurns({ atOnce, perSecond, ...time }: TurnLimits & Time): TokenTurns {
  const hosts = createLines({ ...time, atOnce, perSecond: Number.POSITIVE_INFINITY })
  const providers = createLines({ ...time, atOnce: Number.POSITIVE_INFINITY, perSecond })
  return {
    async take({ host, provider }, { forJob, waitMs }) {
      const since = time.now()
      const leaveHost = await hosts(host, { forJob, waitMs })
      try {
        const leaveProvider = await providers(provider, { forJob, waitMs: Math.max(0, waitMs - (time.now() - since)) })
        return () => {
          leaveProvider()
          leaveHost()
        }
      } catch (error) {
        leaveHost()
        throw error
      }
    },
  }
}

type TakePlace = (name: string, wanted: Wanted) => Promise<() => void>

function createLines({ atOnce, perSecond, now, timers }: TurnLimits & Time): TakePlace {
  const lines = new Map<string, Line>()

  const advance = (name: string, line: Line) => {
    line.wake?.()
    line.wake = undefined
    while (line.underWay < atOnce) {
      const queue = line.callers.size > 0 ? line.callers : line.jobs
      const [next] = queue
      if (!next) break
      while (line.begun.length > 0 && now() - line.begun[0]! >= SECOND_MS) line.begun.shift()
      if (line.begun.length >= perSecond) {
        line.wake = timers.after(Math.max(1, line.begun[0]! + SECOND_MS - now()), () => {
          line.wake = undefined
          advance(name, line)
        })
        return
      }
      queue.delete(next)
      line.underWay += 1
      if (perSecond < Number.POSITIVE_INFINITY) line.begun.push(now())
      next.begin()
    }
    const isIdle = line.underWay === 0 && line.callers.size + line.jobs.size === 0
    // Its last second still counts for the next one in line.
    if (isIdle && line.begun.every((at) => now() - at >= SECOND_MS)) lines.delete(name)
  }

  return (name, { forJob, waitMs }) => {
    const line: Line = lines.get(name) ?? { underWay: 0, begun: [], callers: new Set(), jobs: new Set(), wake: undefined }
    lines.set(name, line)
    const queue = forJob ? line.jobs : line.callers
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const waiter: Waiter = {
      begin() {
        stopWaiting()
        resolve(
          once(() => {
            line.underWay -= 1
            advance(name, line)
          }),
        )
      },
    }
    const stopWaiting = timers.after(waitMs, () => {
      if (!queue.delete(waiter)) return
      reject(fail('refresh_timeout', { retryAfter: 2, message: 'Many connections are being renewed at this provider. Try again.' }))
    })
    queue.add(waiter)
    advance(name, line)
    return promise
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}
