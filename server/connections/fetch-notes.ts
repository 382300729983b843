import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { writeFetches } from './shown-store.ts'
import type { Timers } from './timers.ts'

const FLUSH_MS = 10_000
const BATCH = 1_000
const MOST_UNWRITTEN = 5_000

export interface FetchNotes {
  /** In memory only. `at`: ms since 1970. */
  note(connectionId: string, at: number): void
  flush(): Promise<void>
  close(): Promise<void>
}

/** Remembers when connections (row uuids) were fetched, and writes that every 10 s in one statement; a crash loses that much of it. */
export function createFetchNotes(deps: { db: Kysely<unknown>; timers: Timers; log: Logger }): FetchNotes {
  let unwritten = new Map<string, number>()
  let stopTimer: (() => void) | undefined
  let closed = false

  const write = async () => {
    stopTimer?.()
    stopTimer = undefined
    // In one order, so that nodes never wait for each other in a circle.
    const notes = [...unwritten].toSorted(([a], [b]) => (a < b ? -1 : 1))
    unwritten = new Map()
    for (let start = 0; start < notes.length; start += BATCH) await writeFetches(deps.db, notes.slice(start, start + BATCH))
  }
  const flush = () => write().catch((error: unknown) => deps.log.debug({ err: error }, 'fetches of connections were not written'))

  return {
    note(connectionId, at) {
      if (closed) return
      unwritten.set(connectionId, at)
      if (unwritten.size >= MOST_UNWRITTEN) void flush()
      else stopTimer ??= deps.timers.after(FLUSH_MS, () => void flush())
    },
    flush,
    async close() {
      closed = true
      await flush()
    },
  }
}
