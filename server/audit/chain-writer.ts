import type { Kysely } from 'kysely'
import type { Clock } from '#lib/clock.ts'
import { chainRows, GENESIS, type AuditEntry, type Head } from './chain.ts'
import { headOf, insertRows, newestHeads } from './store.ts'

/** Rows in one INSERT. */
export const BATCH_ROWS = 500
/** More than that waiting means that the database does not keep up: then nothing may be disclosed. */
const MAX_WAITING_ROWS = 20_000
const ANCHOR_EVERY_MS = 3_600_000
const ANCHORED_CHAINS = 20
const NO_ENVIRONMENT = '00000000-0000-0000-0000-000000000000'

export interface ChainWriter {
  /** Resolves once all rows are committed. Rejects if they may not be; then they are not written later either, unless the outcome was unknown. */
  append(entries: readonly AuditEntry[], signal?: AbortSignal): Promise<void>
}

interface Waiting {
  entries: readonly AuditEntry[]
  signal: AbortSignal | undefined
  done: PromiseWithResolvers<void>
}

/**
 * Writes one chain, one INSERT at a time. What comes while one is under way goes together into the next: under load a commit carries many rows,
 * and nobody waits for a timer.
 */
export function createChainWriter(kysely: Kysely<unknown>, chain: string, clock: Clock): ChainWriter {
  let waiting: Waiting[] = []
  let waitingRows = 0
  let running = false
  let head: Head | undefined
  let anchoredAt = -Infinity

  const takeBatch = (): Waiting[] => {
    let rows = 0
    let taken = 0
    while (taken < waiting.length && (taken === 0 || rows + waiting[taken]!.entries.length <= BATCH_ROWS)) {
      rows += waiting[taken]!.entries.length
      taken += 1
    }
    waitingRows -= rows
    return waiting.splice(0, taken).filter((item) => {
      if (item.signal?.aborted) item.done.reject(item.signal.reason)
      return !item.signal?.aborted
    })
  }

  const write = async (entries: AuditEntry[]) => {
    const now = clock.now()
    head ??= (await headOf(kysely, chain)) ?? GENESIS
    const anchors = now - anchoredAt >= ANCHOR_EVERY_MS ? [await anchor(kysely, chain, now)] : []
    const rows = chainRows(chain, head, [...anchors, ...entries])
    await insertRows(kysely, rows)
    head = rows.at(-1)!
    if (anchors.length > 0) anchoredAt = now
  }

  const run = async () => {
    while (waiting.length > 0) {
      const batch = takeBatch()
      if (batch.length === 0) continue
      try {
        await write(batch.flatMap((item) => item.entries))
        for (const item of batch) item.done.resolve()
      } catch (error) {
        // Whether these rows were committed is unknown; should they still appear, the primary key stops a second row with their number.
        head = undefined
        for (const item of batch) item.done.reject(error)
      }
    }
    running = false
  }

  return {
    append(entries, signal) {
      if (waitingRows + entries.length > MAX_WAITING_ROWS) return Promise.reject(new Error('too many audit rows are waiting'))
      const done = Promise.withResolvers<void>()
      waiting.push({ entries, signal, done })
      waitingRows += entries.length
      if (!running) {
        running = true
        // Callers of this turn of the event loop still join.
        setImmediate(() => void run())
      }
      return done.promise
    },
  }
}

/** Holds the ends of other chains, so that rows cut off an end show. */
async function anchor(kysely: Kysely<unknown>, chain: string, now: number): Promise<AuditEntry> {
  const heads = await newestHeads(kysely, chain, ANCHORED_CHAINS)
  return {
    environmentId: NO_ENVIRONMENT,
    at: new Date(now),
    actor: { kind: 'server' },
    action: 'audit.anchor',
    subject: { heads: heads.map((head) => ({ chain: head.chain, seq: head.seq, hash: head.hash.toString('hex') })) },
    count: 1,
  }
}
