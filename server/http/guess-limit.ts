/** Slows down who guesses credentials: so many unknown ones a minute and address, then none is looked up for the rest of that minute. */
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import { subscriberOf } from './client-address.ts'

const WINDOW_MS = 60_000
const MAX_FAILURES = 60
const MAX_ADDRESSES = 50_000

export interface GuessLimit {
  /** Throws `too_many_request`. */
  check(address: string): void
  failed(address: string): void
}

export function createGuessLimit(clock: Clock, mostFailures = MAX_FAILURES): GuessLimit {
  const failures = createLru<string, { count: number; since: number }>({ maxEntries: MAX_ADDRESSES })
  const current = (guesser: string) => {
    const found = failures.get(guesser)
    const age = found ? clock.now() - found.since : Infinity
    // A clock that was set back must not lock anybody out for as long.
    return age >= 0 && age < WINDOW_MS ? found : undefined
  }
  return {
    check(address) {
      const found = current(subscriberOf(address))
      if (found && found.count >= mostFailures)
        throw fail('too_many_request', { retryAfter: (found.since + WINDOW_MS - clock.now()) / 1000 })
    },
    failed(address) {
      const guesser = subscriberOf(address)
      const found = current(guesser)
      if (found) found.count += 1
      else failures.set(guesser, { count: 1, since: clock.now() })
    },
  }
}
