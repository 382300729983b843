/** How many texts a caller may have explained: an end user's session needs a few, and each costs some milliseconds of this process. */
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import { actorOf, type Principal } from '#http/principal.ts'

const WINDOW_MS = 60_000
const MOST_OF_A_SESSION = 20
const MOST_OF_A_KEY = 300
const MOST_CALLERS = 10_000

export type PasteLimit = (principal: Principal) => void

/** In this process only. Throws `too_many_request`. */
export function createPasteLimit(clock: Clock): PasteLimit {
  const counts = createLru<string, { count: number; since: number }>({ maxEntries: MOST_CALLERS })
  return (principal) => {
    const isSession = principal.kind === 'session'
    const { kind, id } = actorOf(principal)
    const caller = `${kind} ${id}`
    const found = counts.get(caller)
    if (!found || clock.now() - found.since >= WINDOW_MS) {
      counts.set(caller, { count: 1, since: clock.now() })
      return
    }
    if (found.count >= (isSession ? MOST_OF_A_SESSION : MOST_OF_A_KEY))
      throw fail('too_many_request', { retryAfter: (found.since + WINDOW_MS - clock.now()) / 1000 })
    found.count += 1
  }
}
