import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '#lib/clock.ts'
import { createLru } from '#lib/lru.ts'
import type { LiveConnection, StoredGrant } from './connection.ts'
import { writeUses, type NotedUse } from './grant-store.ts'
import type { Timers } from './timers.ts'

const FLUSH_MS = 10_000
const MOST_UNWRITTEN = 5_000
const BATCH = 1_000

export interface UseNotes {
  /** After a call that the provider accepted. In memory only. */
  note(live: LiveConnection): void
  /** As far as this node knows, with what others have written. */
  lastUsedAt(grant: StoredGrant): number
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * Remembers when each grant was last used and how long a silence its session survived, and writes that every 10 s in one statement. A crash loses
 * at most that much of it, which costs a refresh more or less, nothing else.
 */
export function createUseNotes(deps: { db: Kysely<unknown>; clock: Clock; timers: Timers; log: Logger }): UseNotes {
  const seen = createLru<string, NotedUse>({ maxEntries: 50_000 })
  let unwritten = new Map<string, NotedUse>()
  let stopTimer: (() => void) | undefined
  let closed = false

  const write = async () => {
    stopTimer?.()
    stopTimer = undefined
    const batch = [...unwritten.values()]
    unwritten = new Map()
    for (let start = 0; start < batch.length; start += BATCH) await writeUses(deps.db, batch.slice(start, start + BATCH))
  }
  const flush = () => write().catch((error: unknown) => deps.log.debug({ err: error }, 'last uses of connections were not written'))

  return {
    note({ grant }) {
      if (!grant || closed) return
      const now = deps.clock.now()
      const known = seen.get(grant.id)
      const silenceMs = now - Math.max(known?.lastUsedAt ?? 0, grant.lastUsedAt, grant.refreshedAt)
      const longestIdleMs = Math.max(known?.longestIdleMs ?? 0, grant.longestIdleMs, silenceMs)
      const noted = { grantId: grant.id, lastUsedAt: now, longestIdleMs }
      seen.set(grant.id, noted)
      unwritten.set(grant.id, noted)
      if (unwritten.size >= MOST_UNWRITTEN) void flush()
      else stopTimer ??= deps.timers.after(FLUSH_MS, () => void flush())
    },
    lastUsedAt: (grant) => Math.max(seen.get(grant.id)?.lastUsedAt ?? 0, grant.lastUsedAt),
    flush,
    async close() {
      closed = true
      await flush()
    },
  }
}
