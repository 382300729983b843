import type { Kysely } from 'kysely'
import type { NamedHead } from './anchors.ts'
import type { AuditRow } from './chain.ts'
import { insertMissingRows } from './store.ts'
import type { UseJournal } from './use-journal.ts'

/** Rows in one INSERT. */
const BATCH_ROWS = 500
/** Rows in memory beyond which the journal alone holds them. */
const MOST_IN_MEMORY = 20_000

export interface RowsUnderWay {
  /** Takes further rows, and puts all that are not on the disk there. Rejects if the disk does not take them: they stay in memory then. */
  keep(rows: readonly AuditRow[]): Promise<void>
  /** Gives the database all rows that it does not have. Rejects with its error. */
  send(): Promise<void>
  /** The last row that survives a crash. */
  readonly head: NamedHead | undefined
  /** Rows that a crash would lose. */
  readonly unkept: number
  readonly empty: boolean
}

/**
 * Rows of one chain from their making until the database has them. They may be sent twice, which the database ignores. In memory and in the
 * journal; in the journal alone when they become many, and read from there.
 */
export function createRowsUnderWay(kysely: Kysely<unknown>, chain: string, journal: UseJournal | undefined): RowsUnderWay {
  /** Not in the journal. */
  let unkept: AuditRow[] = []
  /** In the journal, and still in memory. */
  let kept: AuditRow[] = []
  /** The journal holds rows that memory does not. */
  let spilled = false
  let head: NamedHead | undefined
  let last: Promise<unknown> = Promise.resolve()

  /** Nothing is put into the journal meanwhile. */
  const exclusively = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  const safe = (row: AuditRow) => {
    if ((head?.seq ?? 0) < row.seq) head = { chain, seq: row.seq, hash: row.hash }
  }

  const keepAll = async () => {
    if (!journal || unkept.length === 0) return
    const rows = unkept
    await journal.append(rows)
    const end = rows.at(-1)!
    safe(end)
    unkept = unkept.filter((row) => row.seq > end.seq)
    if (spilled) return
    kept.push(...rows)
    spilled = kept.length > MOST_IN_MEMORY
    if (spilled) kept = []
  }

  const insert = async (rows: readonly AuditRow[]) => {
    for (let start = 0; start < rows.length; start += BATCH_ROWS) await insertMissingRows(kysely, rows.slice(start, start + BATCH_ROWS))
  }

  /** In order, until nothing is left in it. */
  const sendJournal = async (from: UseJournal) => {
    for (let offset = 0; spilled;) {
      const { rows, next } = await from.page(offset)
      await insert(rows)
      offset = next
      if (rows.length > 0) continue
      await exclusively(async () => {
        if ((await from.page(offset)).rows.length > 0) return
        await from.clear()
        spilled = false
      })
    }
  }

  const sendMemory = async () => {
    while (kept.length + unkept.length > 0) {
      const batch = (kept.length > 0 ? kept : unkept).slice(0, BATCH_ROWS)
      const end = batch.at(-1)!
      await insert(batch)
      safe(end)
      kept = kept.filter((row) => row.seq > end.seq)
      unkept = unkept.filter((row) => row.seq > end.seq)
    }
  }

  return {
    keep: (rows) => {
      unkept.push(...rows)
      return exclusively(keepAll)
    },
    async send() {
      if (spilled && journal) await sendJournal(journal)
      await sendMemory()
      await exclusively(async () => {
        if (kept.length === 0 && !spilled) await journal?.clear()
      })
    },
    get head() {
      return head
    },
    get unkept() {
      return unkept.length
    },
    get empty() {
      return !spilled && kept.length + unkept.length === 0
    },
  }
}
