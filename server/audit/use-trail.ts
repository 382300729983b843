import type { KeyObject } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { fail } from '@hawser/api/errors.ts'
import type { Clock } from '#lib/clock.ts'
import type { NamedHead } from './anchors.ts'
import type { PersonRow } from './persons.ts'
import { createRowsUnderWay } from './rows-under-way.ts'
import { insertPersons } from './store.ts'
import type { KeyUse, OwnUse, Use } from './use-counters.ts'
import type { UseJournal } from './use-journal.ts'
import { createUseMinutes } from './use-minutes.ts'

/** Without a journal: rows in memory beyond which no credential may be used. */
const MOST_UNKEPT = 20_000
const TOUCH_EVERY_MS = 10_000
/** Counts that are not on the disk yet wait for it. */
const PERSONS_WAIT_MS = 100

export interface UseTrailDeps {
  kysely: Kysely<unknown>
  key: KeyObject
  clock: Clock
  log: Pick<Logger, 'warn' | 'info'>
  /** Id of its chain. */
  chain: string
  /** Undefined: counts become rows at once, and rows wait in memory while the database is away. */
  local: { journal: UseJournal; folder: string; maxOpenBytes: number } | undefined
  personOf(use: Use): PersonRow | undefined
  /** The end of this process's other chain, which the first row names. */
  otherHead: () => NamedHead | undefined
}

export interface UseTrail {
  /** Counts in memory. Throws `audit_unavailable` while no trace of a use could be kept. */
  used(use: KeyUse | OwnUse): void
  /**
   * Puts what was counted on the disk, and makes rows of the minutes that are over (`all`: of this one, too); returns when they are on the disk, or
   * wait in memory. Never rejects.
   */
  keep(all?: boolean): Promise<void>
  /** Gives the database what it does not have yet. Never rejects. */
  send(): Promise<void>
  /** What is on the disk and not in the database stays there for the next start. */
  close(): Promise<void>
  /** The last row that survives a crash. */
  readonly head: NamedHead | undefined
}

/**
 * One row for each minute of a key and a connection. Until the minute is over its counts are synced to the disk; then its rows get their places in
 * a chain of their own, once: so they can be written twice without being there twice, first to the local journal, then to the database, whenever
 * that is there.
 */
export function createUseTrail(deps: UseTrailDeps): UseTrail {
  const { kysely, clock, log, chain, local } = deps
  const rows = createRowsUnderWay(kysely, chain, local?.journal)
  /** Named by uses, and not in the database yet. */
  const unstored = new Set<PersonRow>()
  let blocked = false
  let away = false
  let touchedAt = 0
  let keeping: Promise<void> = Promise.resolve()
  let sending: Promise<void> | undefined

  const minutes = createUseMinutes({
    ...{ key: deps.key, clock, chain, rows, otherHead: deps.otherHead },
    disk: local && { folder: local.folder, maxBytes: local.maxOpenBytes },
    personOf(use) {
      const person = deps.personOf(use)
      if (person?.stored === false) unstored.add(person)
      return person
    },
    warnOfDisk: (error) => log.warn({ err: error, rows: rows.unkept }, 'uses of credentials could not be put on the local disk'),
  })

  const blockIfNeeded = () => {
    blocked = away && rows.unkept > (local ? 0 : MOST_UNKEPT)
  }

  const keepNow = async (all: boolean) => {
    if (clock.now() - touchedAt >= TOUCH_EVERY_MS) {
      touchedAt = clock.now()
      await local?.journal.touch().catch(() => {})
      await minutes.touch()
    }
    // Else the first row of a person could not name him.
    if (unstored.size > 0 && !away && (all || minutes.isOver())) await within(PERSONS_WAIT_MS, storePersons())
    await minutes.keep(all)
    blockIfNeeded()
  }

  const storePersons = async () => {
    const persons = [...unstored]
    await insertPersons(kysely, persons)
    for (const person of persons) {
      person.stored = true
      unstored.delete(person)
    }
  }

  const sendNow = async () => {
    try {
      // Before the rows that name them.
      await storePersons()
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
      minutes.count(use)
    },
    keep(all = false) {
      return (keeping = keeping.then(() => keepNow(all)))
    },
    async send() {
      if (rows.empty && unstored.size === 0) return
      await (sending ??= sendNow().finally(() => (sending = undefined)))
    },
    async close() {
      await keeping
      await minutes.close()
      await local?.journal.close()
    },
    get head() {
      return rows.head
    },
  }
}

/** The work goes on afterwards; whether it succeeds is seen where it is needed. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work.catch(() => {}), late.promise])
  clearTimeout(timer)
}
