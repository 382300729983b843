import type { KeyObject } from 'node:crypto'
import type { Clock } from '#lib/clock.ts'
import { ANCHOR, NO_ENVIRONMENT, type Claim, type NamedHead } from './anchors.ts'
import { chainRows, GENESIS, type AuditEntry, type Head } from './chain.ts'
import { createOpenCounts, type OpenCounts } from './open-counts.ts'
import type { PersonRow } from './persons.ts'
import type { RowsUnderWay } from './rows-under-way.ts'
import { createUseCounters, entryOfUse, MINUTE_MS, restOf } from './use-counters.ts'
import type { Counted, Counter, KeyUse, OwnUse, Use, UseCounters } from './use-counters.ts'

/** A minute's rows are made in portions, between which calls are answered. */
const ROWS_AT_ONCE = 1_000

export interface UseMinutesDeps {
  key: KeyObject
  clock: Clock
  /** Id of the chain that its rows make. */
  chain: string
  rows: RowsUnderWay
  /** Undefined: counts become rows at once. */
  disk: { folder: string; maxBytes: number } | undefined
  personOf(use: Use): PersonRow | undefined
  otherHead: () => NamedHead | undefined
  warnOfDisk(error: unknown): void
}

export interface UseMinutes {
  count(use: KeyUse | OwnUse): void
  /** Not at the same time as itself. Never rejects. */
  keep(all: boolean): Promise<void>
  touch(): Promise<void>
  close(): Promise<void>
  /** Rows would be made by `keep` now. */
  isOver(): boolean
}

interface Minute {
  counters: UseCounters
  file?: OpenCounts | undefined
}

/** Counts each minute, keeps the counts on the disk until it is over, and then makes their rows. */
export function createUseMinutes(deps: UseMinutesDeps): UseMinutes {
  const { clock, chain, disk, personOf, rows, warnOfDisk } = deps
  const places = createPlaces(deps)
  const ended: Minute[] = []
  /** Files whose rows, up to `end`, may not be on the disk in another place yet. */
  let closed: { file: OpenCounts; end: number }[] = []

  const minuteNow = () => Math.floor(clock.now() / MINUTE_MS)
  let open: Minute = { counters: createUseCounters({ minute: minuteNow(), personOf }) }

  const endMinute = (next: number) => {
    if (open.counters.all.length > 0) ended.push(open)
    open = { counters: createUseCounters({ minute: next, personOf }) }
  }

  /** The counts of a minute that goes on. */
  const keepOpen = async (minute: Minute) => {
    const { counters } = minute
    const unkept = counters.unkept()
    if (!disk || unkept.length === 0) return
    // What follows rows that a crash would lose could not be found to be whole.
    await places.opened()
    await rows.keep([])
    minute.file ??= await createOpenCounts(disk.folder, deps.key, { chain, ...places.head, minute: counters.minute }, disk.maxBytes)
    await minute.file.keep(unkept)
  }

  const named = ({ personRow, ...counted }: Counter, rest: Counted): Counted => {
    const known = personRow && (personRow.stored || !disk) ? personRow.digest.toString('hex') : undefined
    return { ...rest, person: counted.person ?? known }
  }

  /** Rows of a minute: first those that the file says, which whoever finds it makes too, then those of what the disk did not get. */
  const makeRows = async ({ counters, file }: Minute) => {
    if (file && (await file.claim().catch(() => false))) {
      const unkept = counters.unkept()
      if (unkept.length > 0) await file.keep(unkept).catch(warnOfDisk)
    }
    const kept = counters.all.flatMap((counter) => counter.kept ?? [])
    const rest = counters.all.flatMap((counter) => {
      const left = restOf(counter)
      return left ? [named(counter, left)] : []
    })
    await places.opened().catch(() => {})
    await places.give([...kept, ...rest].map((counted) => entryOfUse(counted, counters.minute))).catch(warnOfDisk)
    if (file) closed.push({ file, end: places.head.seq })
  }

  const makeAllRows = async () => {
    for (const one of ended.splice(0)) await makeRows(one)
  }

  const dropFiles = async () => {
    const safe = rows.head?.seq ?? 0
    for (const { file, end } of closed) if (end <= safe) await file.remove().catch(() => {})
    closed = closed.filter(({ end }) => end > safe)
  }

  return {
    count(use) {
      const minute = minuteNow()
      if (minute > open.counters.minute) endMinute(minute)
      open.counters.count(use)
    },
    async keep(all) {
      const minute = minuteNow()
      if (all || !disk || minute > open.counters.minute) endMinute(Math.max(minute, open.counters.minute))
      await makeAllRows()
      const current = open
      try {
        await keepOpen(current)
        await rows.keep([])
      } catch (error) {
        warnOfDisk(error)
        // Then they become rows at once, for the database.
        if (open === current) endMinute(current.counters.minute)
        await makeAllRows()
      }
      await dropFiles()
    },
    isOver: () => ended.length > 0 || minuteNow() > open.counters.minute,
    async touch() {
      for (const one of [open.file, ...closed.map(({ file }) => file)]) await one?.touch().catch(() => {})
    },
    async close() {
      for (const file of [open.file, ...closed.map((one) => one.file)]) await file?.close()
    },
  }
}

/** Gives entries their places in the chain of uses. */
function createPlaces({ key, clock, chain, rows, otherHead }: UseMinutesDeps) {
  let head: Head = GENESIS

  /** Rejects with the disk's last error: then rows wait in memory. */
  const give = async (entries: readonly AuditEntry[]) => {
    let failed: { error: unknown } | undefined
    for (let start = 0; start < entries.length; start += ROWS_AT_ONCE) {
      const made = chainRows(key, chain, head, entries.slice(start, start + ROWS_AT_ONCE))
      head = made.at(-1)!
      await rows.keep(made).then(
        () => (failed = undefined),
        (error: unknown) => (failed = { error }),
      )
    }
    if (failed) throw failed.error
  }
  return {
    give,
    /** The first row is there. */
    opened: async () => (head.seq === 0 ? give([openingEntry(otherHead(), clock.now())]) : undefined),
    get head() {
      return head
    },
  }
}

function openingEntry(other: NamedHead | undefined, now: number): AuditEntry {
  const heads = other ? [{ chain: other.chain, seq: other.seq, hash: other.hash.toString('hex') } satisfies Claim] : []
  return { environmentId: NO_ENVIRONMENT, at: new Date(now), actor: { kind: 'server' }, action: ANCHOR, subject: { heads }, count: 1 }
}
