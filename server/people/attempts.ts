/** How often somebody may try a password or a code. In memory, per process; the second factor counts in the database besides. */
import { fail } from '@hawser/api/errors.ts'
import { subscriberOf } from '#http/client-address.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'

const WINDOW_MS = 15 * 60_000
const MOST_KNOWN = 50_000
/** An office behind one address has more people than one. */
const OF_AN_ADDRESS = 100
/** Of one account from one address: a person who mistypes, or somebody who guesses. */
const OF_BOTH = 10
/** Of one account from everywhere: what many machines together may guess. High enough that a few strangers cannot lock a person out. */
const OF_AN_ACCOUNT = 200

export interface Attempts {
  /**
   * Counts one attempt before it is made, so that many at once count too. Returns how to give it back when it was right. Throws `too_many_request`, for
   * known and unknown accounts alike.
   */
  take(account: string, address: string): () => void
}

export function createAttempts(clock: Clock): Attempts {
  const counts = createLru<string, { count: number; since: number }>({ maxEntries: MOST_KNOWN })
  const current = (name: string) => {
    const found = counts.get(name)
    if (found && clock.now() - found.since < WINDOW_MS) return found
    const fresh = { count: 0, since: clock.now() }
    counts.set(name, fresh)
    return fresh
  }
  return {
    take(account, address) {
      const from = subscriberOf(address)
      const taken = (
        [
          [`address ${from}`, OF_AN_ADDRESS],
          [`both ${account} ${from}`, OF_BOTH],
          [`account ${account}`, OF_AN_ACCOUNT],
        ] as const
      ).map(([name, most]) => ({ counter: current(name), most }))
      const full = taken.find(({ counter, most }) => counter.count >= most)
      if (full) throw fail('too_many_request', { retryAfter: (full.counter.since + WINDOW_MS - clock.now()) / 1000 })
      for (const { counter } of taken) counter.count++
      return () => {
        for (const { counter } of taken) counter.count--
      }
    },
  }
}
