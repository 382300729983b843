import type { Logger } from 'pino'
import type { Clock } from '#lib/clock.ts'

const FLUSH_MS = 30_000
const MAX_REMEMBERED = 10_000

export interface KeyUse {
  note(keyId: string): void
  flush(): Promise<void>
  close(): Promise<void>
}

/** Remembers when each key (or token) was last used, in memory, and has it written now and then: a call never waits for it. */
export function createKeyUse(record: (uses: { id: string; at: Date }[]) => Promise<void>, clock: Clock, log: Logger): KeyUse {
  let uses = new Map<string, number>()
  const timer = setInterval(() => void flush(), FLUSH_MS)
  timer.unref()

  async function flush(): Promise<void> {
    if (uses.size === 0) return
    const flushed = uses
    uses = new Map()
    try {
      await record([...flushed].map(([id, at]) => ({ id, at: new Date(at) })))
    } catch (error) {
      log.warn({ err: error }, 'last uses of keys were not written')
      for (const [id, at] of flushed) if (!uses.has(id) && uses.size < MAX_REMEMBERED) uses.set(id, at)
    }
  }

  return {
    note: (keyId) => {
      if (uses.size < MAX_REMEMBERED || uses.has(keyId)) uses.set(keyId, clock.now())
    },
    flush,
    close: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}
