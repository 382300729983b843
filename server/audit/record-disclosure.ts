import type { KeyObject } from 'node:crypto'
import { fail } from '@hawser/api/errors.ts'
import { requestOrigin } from '#http/request-origin.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import { createAnchors, NO_ENVIRONMENT, type NamedHead } from './anchors.ts'
import { createChainWriter, type WrittenEntry } from './chain-writer.ts'
import { createHeadNotes } from './head-notes.ts'
import { createPersons, type Persons } from './persons.ts'
import { adoptUses } from './adopt-uses.ts'
import { createUseJournal } from './use-journal.ts'
import type { KeyUse, OwnUse, Use } from './use-counters.ts'
import { createUseTrail } from './use-trail.ts'

const DISCLOSURE_DEADLINE_MS = 5_000
/** With the write itself, a killed process loses the uses of less than a second. */
const KEEP_EVERY_MS = 800
const ANCHOR_EVERY_MS = 60_000
/** Of the disk that uses may fill: rows that wait for the database, and the counts of a minute (now and then of two). */
const JOURNAL_SHARE = 3 / 4
const OPEN_SHARE = 1 / 8

export interface Disclosure {
  environmentId: string
  /** Who, e.g. `{ kind: 'key', id }`. From where, and the request's id, are added here. */
  actor: Record<string, unknown>
  /** `credentials.read`, `connection.deleted` … */
  action: string
  /** What, by ids: no secrets, no personal data. */
  subject: Record<string, unknown>
  /** Whose account it is about; kept beside the row, where it can be erased. */
  endUserId?: string | undefined
  /** Of the connection in the subject. Not kept here, only by the activity: it may be anybody's name. */
  connectionName?: string | undefined
}

export interface Audit {
  /**
   * Await before handing out a credential: resolves when the row is committed. Throws `credentials_unavailable` if it cannot be written within 5 s:
   * what leaves no trace must not happen. Never call it inside a transaction: it takes a connection of the same pool.
   */
  disclosed(disclosure: Disclosure): Promise<void>
  /** The same, for changes: await before the answer. */
  changed(change: Disclosure): Promise<void>
  /**
   * Counts a call with a connection's credentials; costs no statement. Within a second the counts are synced to the local disk; when the minute is
   * over rows of them are given to the database. Throws `audit_unavailable` when the database is away and the disk takes no more.
   */
  used(use: KeyUse | OwnUse): void
  /** Makes rows of the counted uses now, as far as the database takes them, and names the ends of other chains if a minute has passed. */
  flush(): Promise<void>
  /** After an erasure: later rows carry another digest. */
  forgetPersons(): void
  close(): Promise<void>
}

export interface AuditOptions {
  /** Of `openAuditKey`. */
  key: KeyObject
  /** On the local disk; without one uses wait in memory while the database is away, and cut-off ends are seen later. */
  journal?: { folder: string; maxBytes: number } | undefined
  deadlineMs?: number
}

/** Two chains for each process: one of disclosures and changes, and one of uses once there are any. */
export function createAudit(
  kit: Pick<Kit, 'db' | 'clock' | 'log'>,
  { key, journal: local, deadlineMs = DISCLOSURE_DEADLINE_MS }: AuditOptions,
): Audit {
  const { clock, log } = kit
  const { kysely } = kit.db
  const persons = createPersons()
  const notes = local && createHeadNotes(local.folder)
  const [chain, useChain] = [newId(clock.now()), newId(clock.now())]
  const anchors = createAnchors(kysely, chain, notes, () => clock.now())
  const writer = createChainWriter(kysely, key, chain, anchors.opening)
  const ownHead = (): NamedHead | undefined => writer.head && { chain, seq: writer.head.seq, hash: writer.head.hash }
  const journal = local && createUseJournal(local.folder, useChain, local.maxBytes * JOURNAL_SHARE)
  const trail = createUseTrail({
    ...{ kysely, key, clock, log, chain: useChain, otherHead: ownHead },
    local: journal && { journal, folder: local.folder, maxOpenBytes: local.maxBytes * OPEN_SHARE },
    personOf: ({ environmentId, endUserId }: Use) =>
      endUserId === undefined ? undefined : persons.rowOf({ environmentId, endUserId, address: undefined }, clock.now()),
  })
  let keeping: Promise<void> = Promise.resolve()
  let housekeeping: Promise<void> | undefined
  let houseKeptAt = clock.now()
  let closed = false

  const disclosed = async (disclosure: Disclosure) => {
    if (closed) throw fail('credentials_unavailable', { internal: 'the audit is closed' })
    const deadline = new AbortController()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      deadline.abort(new Error('the audit row was not written in time'))
      late.reject(deadline.signal.reason)
    }, deadlineMs)
    try {
      await Promise.race([writer.append([entryOf(disclosure, persons, clock.now())], deadline.signal), late.promise])
    } catch (error) {
      throw fail('credentials_unavailable', { internal: 'the audit row could not be written', cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  const keepHouse = async () => {
    for (const damaged of local ? await adoptUses({ kysely, key, log, folder: local.folder, ownChain: useChain }) : [])
      await writer.append([serverEntry('audit.journal_damaged', { ...damaged }, clock.now())])
    const anchor = await anchors.next()
    if (anchor) await writer.append([anchor])
    await notes?.sweep(Date.now())
  }

  const noteHeads = async () => {
    const heads = [ownHead(), trail.head].filter((head) => head !== undefined)
    await notes?.write(heads).catch((error: unknown) => log.warn({ err: error }, 'the ends of the audit chains were not noted on disk'))
  }

  const keep = (all: boolean): Promise<void> =>
    (keeping = keeping.then(async () => {
      await trail.keep(all)
      await noteHeads()
    }))

  const keepHouseIfDue = () => {
    if (clock.now() - houseKeptAt < ANCHOR_EVERY_MS || closed) return
    houseKeptAt = clock.now()
    housekeeping ??= keepHouse()
      .catch((error: unknown) => log.warn({ err: error }, 'the audit chains were not anchored'))
      .finally(() => (housekeeping = undefined))
  }

  const tick = async () => {
    await keep(false)
    void trail.send()
    keepHouseIfDue()
  }

  const flush = async () => {
    await keep(true)
    await trail.send()
    keepHouseIfDue()
    await housekeeping
  }

  const timer = setInterval(() => void tick(), KEEP_EVERY_MS)
  timer.unref()

  return {
    disclosed,
    changed: disclosed,
    used: trail.used,
    flush,
    forgetPersons: persons.forget,
    async close() {
      closed = true
      clearInterval(timer)
      await housekeeping
      await flush()
      await trail.close()
    },
  }
}

/** Adds from where it was asked. */
function entryOf({ environmentId, actor, action, subject, endUserId }: Disclosure, persons: Persons, now: number): WrittenEntry {
  const origin = requestOrigin()
  const byKey = actor['kind'] === 'key'
  const address = byKey ? undefined : origin?.address
  const person = endUserId === undefined && address === undefined ? undefined : persons.rowOf({ environmentId, endUserId, address }, now)
  const from = origin && { ...(byKey ? { address: origin.address } : {}), request_id: origin.requestId }
  return {
    environmentId,
    at: new Date(now),
    actor: { ...actor, ...from },
    action,
    subject: person ? { ...subject, person: person.digest.toString('hex') } : subject,
    count: 1,
    person,
  }
}

function serverEntry(action: string, subject: Record<string, unknown>, now: number): WrittenEntry {
  return { environmentId: NO_ENVIRONMENT, at: new Date(now), actor: { kind: 'server' }, action, subject, count: 1 }
}
