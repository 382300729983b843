/** Hashing a password takes a core for 60 ms and 32 MiB, on purpose. So many at once, so many in line, and others are sent away. */
import { fail } from '@hawser/api/errors.ts'

export interface Turns {
  /** Throws `too_many_request` when the line is full. */
  take<T>(work: () => Promise<T>): Promise<T>
}

export function createTurns({ atOnce, inLine }: { atOnce: number; inLine: number }): Turns {
  const waiting: (() => void)[] = []
  let running = 0
  return {
    async take(work) {
      if (running >= atOnce) {
        if (waiting.length >= inLine) throw fail('too_many_request', { retryAfter: 2 })
        // Whoever ends hands the place over, so that nobody who comes later can take it first.
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running++
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else running--
      }
    },
  }
}
