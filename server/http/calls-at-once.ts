/** So many calls under way for each caller, and in all. */
import { fail } from '@hawser/api/errors.ts'

export interface CallsAtOnce {
  /** Throws, and counts nothing: `too_many_request` when this caller has its most under way. */
  enter(caller: string): void
  /** Once for each `enter` that did not throw. */
  leave(caller: string): void
  /** Callers with a call under way. */
  readonly callers: number
}

export function createCallsAtOnce(most: number, what: string): CallsAtOnce {
  const underWay = new Map<string, number>()
  return {
    enter(caller) {
      const count = underWay.get(caller) ?? 0
      if (count >= most) throw fail('too_many_request', { message: `${what} has ${most} calls under way. Try again.`, retryAfter: 1 })
      underWay.set(caller, count + 1)
    },
    leave(caller) {
      const count = underWay.get(caller) ?? 0
      if (count <= 1) underWay.delete(caller)
      else underWay.set(caller, count - 1)
    },
    get callers() {
      return underWay.size
    },
  }
}
