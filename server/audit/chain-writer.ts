import type { KeyObject } from 'node:crypto'
import type { Kysely } from 'kysely'
import { chainRows, GENESIS, type AuditEntry, type Head } from './chain.ts'
import type { PersonRow } from './persons.ts'
import { headOf, insertRows } from './store.ts'

/** Rows in one INSERT. */
export const BATCH_ROWS = 500
/** More than that waiting means that the database does not keep up: then nothing may be disclosed. */
const MAX_WAITING_ROWS = 20_000

export interface WrittenEntry extends AuditEntry {
  /** Whom `subject.person` stands for. */
  person?: PersonRow | undefined
}

export interface ChainWriter {
  readonly chain: string
  /** The end of the chain as far as it is known to be committed; undefined before the first row, or after one with an unknown outcome. */
  readonly head: Head | undefined
  /** Resolves once all rows are committed. Rejects if they may not be; then they are not written later either, unless the outcome was unknown. */
  append(entries: readonly WrittenEntry[], signal?: AbortSignal): Promise<void>
}

interface Waiting {
  entries: readonly WrittenEntry[]
  signal: AbortSignal | undefined
  done: PromiseWithResolvers<void>
}

/**
 * Writes one chain, one INSERT at a time. What comes while one is under way goes together into the next: under load a commit carries many rows,
 * and nobody waits for a timer. `opening` makes the chain's first row.
 */
export function createChainWriter(kysely: Kysely<unknown>, key: KeyObject, chain: string, opening: () => Promise<AuditEntry>): ChainWriter {
  let waiting: Waiting[] = []
  let waitingRows = 0
  let running = false
  let head: Head | undefined
  /** The last row that was committed for certain. */
  let committed: Head = GENESIS

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

  const write = async (entries: WrittenEntry[]) => {
    const stored = head ?? (await headOf(kysely, chain)) ?? GENESIS
    // In a database that was set back meanwhile, rows that were there once leave a gap, and no place is given twice.
    const before = stored.seq < committed.seq ? committed : stored
    const first = before.seq === 0 ? [await opening()] : []
    const rows = chainRows(key, chain, before, [...first, ...entries])
    const persons = unstoredPersons(entries)
    await insertRows(kysely, rows, persons)
    for (const person of persons) person.stored = true
    head = rows.at(-1)!
    committed = head
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
    chain,
    get head() {
      return head
    },
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

function unstoredPersons(entries: readonly WrittenEntry[]): PersonRow[] {
  return [...new Set(entries.map(({ person }) => person).filter((person) => person !== undefined && !person.stored))] as PersonRow[]
}
