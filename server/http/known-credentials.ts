/** Credentials that this node has seen lately, by their digest: a warm one costs no statement and no tick. */
import { Failure, fail } from '@hawser/api/errors.ts'
import type { Bus } from '#bus/bus.ts'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'

const FRESH_MS = 30_000
const MAX_CACHED = 10_000

export interface KnownCredentialsOptions<V> {
  clock: Clock
  bus: Bus
  /** Tables whose changes make entries wrong. */
  tables: readonly string[]
  /** undefined: there is none, or it is over. */
  find(digest: string): Promise<V | undefined>
  unknown(): Failure
  /** How long an entry is honoured while the database is away, in ms. */
  maxStaleMs: number
}

export interface KnownCredentials<V> {
  /** The entry, asked for again in the background once it is 30 s old; undefined: not known here. */
  warm(digest: string): V | undefined
  /** From the database. Throws `unknown()`, and `credentials_unavailable` while the database is away. */
  load(digest: string): Promise<V>
  /** Here, at once; other nodes hear of a change by the bus. */
  forget(): void
}

export function createKnownCredentials<V>(options: KnownCredentialsOptions<V>): KnownCredentials<V> {
  const { clock } = options
  const cache = createLru<string, V>({ maxEntries: MAX_CACHED, ttlMs: options.maxStaleMs, now: clock.now })
  const loading = new Map<string, Promise<V>>()
  // What was read before the change must not be kept after it.
  const forget = () => {
    cache.clear()
    loading.clear()
  }
  for (const table of options.tables) options.bus.on(table, forget)
  options.bus.onGap(forget)

  function load(digest: string): Promise<V> {
    const running = loading.get(digest)
    if (running) return running
    const promise = options
      .find(digest)
      .then((found) => {
        if (found === undefined) {
          cache.delete(digest)
          throw options.unknown()
        }
        if (loading.get(digest) === promise) cache.set(digest, found)
        return found
      })
      .catch((error: unknown) => {
        throw error instanceof Failure
          ? error
          : fail('credentials_unavailable', { message: 'API keys cannot be checked right now. Try again.', cause: error })
      })
      .finally(() => loading.get(digest) === promise && loading.delete(digest))
    loading.set(digest, promise)
    return promise
  }

  return {
    warm(digest) {
      const known = cache.getStamped(digest)
      if (!known) return undefined
      // A database that is away must not lock out the keys this node knows.
      const age = clock.now() - known.storedAt
      // Negative: the clock was set back, and how old the entry is nobody knows.
      if (age > FRESH_MS || age < 0) load(digest).catch(() => {})
      return known.value
    },
    load,
    forget,
  }
}
