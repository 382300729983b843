import type { KeyObject } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import { ANCHOR, NO_ENVIRONMENT, type Claim, type NamedHead } from './anchors.ts'
import { chainRows, GENESIS, type AuditEntry, type AuditRow, type Head } from './chain.ts'
import { createRowsUnderWay } from './rows-under-way.ts'
import { createUseCounters, entryOfUse, type Use } from './use-counters.ts'
import type { UseJournal } from './use-journal.ts'

/** Without a journal: rows in memory beyond which no credential may be used. */
const MOST_UNKEPT = 20_000
const TOUCH_EVERY_MS = 10_000

export interface UseTrailDeps {
  kysely: Kysely<unknown>
  key: KeyObject
  clock: Clock
  log: Pick<Logger, 'warn' | 'info'>
  /** Id of its chain. */
  chain: string
  /** Undefined: rows wait in memory while the database is away. */
  journal: UseJournal | undefined
  /** The end of this process's other chain, which the first row names. */
  otherHead: () => NamedHead | undefined
}

export interface UseTrail {
  /** Counts in memory. Throws `audit_unavailable` while no trace of a use could be kept. */
  used(use: Use): void
  /** Makes rows of what was counted and puts them into the journal; returns when they are on the disk, or wait in memory. Never rejects. */
  keep(): Promise<void>
  /** Gives the database what it does not have yet. Never rejects. */
  send(): Promise<void>
  /** The last row that survives a crash. */
  readonly head: NamedHead | undefined
}

/**
 * Uses get their places in a chain of their own once, in this process: so they can be written twice without being there twice, first to the
 * local journal, then to the database, whenever that is there.
 */
export function createUseTrail({ kysely, key, clock, log, chain, journal, otherHead }: UseTrailDeps): UseTrail {
  const counters = createUseCounters()
  const rows = createRowsUnderWay(kysely, chain, journal)
  let head: Head = GENESIS
  let blocked = false
  let away = false
  let touchedAt = 0
  let sending: Promise<void> | undefined

  const newRows = (): AuditRow[] => {
    const now = clock.now()
    const entries = counters.take().map((counter) => entryOfUse(counter, now))
    if (entries.length === 0) return []
    const opening = head.seq === 0 ? [openingEntry(otherHead(), now)] : []
    const made = chainRows(key, chain, head, [...opening, ...entries])
    head = made.at(-1)!
    return made
  }

  const blockIfNeeded = () => {
    blocked = away && rows.unkept > (journal ? 0 : MOST_UNKEPT)
  }

  const sendNow = async () => {
    try {
      await rows.send()
      if (away) log.info('the database has taken the uses of credentials that waited')
      away = false
    } catch (error) {
      if (!away) log.warn({ err: error }, 'uses of credentials wait for the database')
      away = true
    }
    blockIfNeeded()
  }

  return {
    used(use) {
      if (blocked) throw fail('audit_unavailable')
      counters.count(use, clock.now())
    },
    async keep() {
      const now = clock.now()
      if (journal && now - touchedAt >= TOUCH_EVERY_MS) {
        touchedAt = now
        await journal.touch().catch(() => {})
      }
      await rows.keep(newRows()).catch((error: unknown) => {
        log.warn({ err: error, rows: rows.unkept }, 'uses of credentials could not be put into the local journal')
      })
      blockIfNeeded()
    },
    async send() {
      if (rows.empty) return
      await (sending ??= sendNow().finally(() => (sending = undefined)))
    },
    get head() {
      return rows.head
    },
  }
}

function openingEntry(other: NamedHead | undefined, now: number): AuditEntry {
  const heads = other ? [{ chain: other.chain, seq: other.seq, hash: other.hash.toString('hex') } satisfies Claim] : []
  return { environmentId: NO_ENVIRONMENT, at: new Date(now), actor: { kind: 'server' }, action: ANCHOR, subject: { heads }, count: 1 }
}
