/** Slows down who guesses API keys: so many unknown ones a minute and address, then none is looked up for the rest of that minute. */
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'

const WINDOW_MS = 60_000
const MAX_FAILURES = 60
const MAX_ADDRESSES = 50_000

export interface GuessLimit {
  /** Throws `too_many_request`. */
  check(address: string): void
  failed(address: string): void
}

export function createGuessLimit(clock: Clock): GuessLimit {
  const failures = createLru<string, { count: number; since: number }>({ maxEntries: MAX_ADDRESSES })
  const current = (guesser: string) => {
    const found = failures.get(guesser)
    return found && clock.now() - found.since < WINDOW_MS ? found : undefined
  }
  return {
    check(address) {
      const found = current(guesserAt(address))
      if (found && found.count >= MAX_FAILURES)
        throw fail('too_many_request', { retryAfter: (found.since + WINDOW_MS - clock.now()) / 1000 })
    },
    failed(address) {
      const guesser = guesserAt(address)
      const found = current(guesser)
      if (found) found.count += 1
      else failures.set(guesser, { count: 1, since: clock.now() })
    },
  }
}

/** One subscriber has a whole /64 of IPv6 addresses, and an IPv4 address may come in its IPv6 form. */
function guesserAt(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address
  const [head = '', tail = ''] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const behind = address.includes('::') ? tail.split(':').filter((group) => group !== '') : []
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - behind.length) }, () => '0')
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':')
}
