import { fail } from '@hawser/api/errors.ts'
import type { Kit } from '../kit.ts'
import { newId } from '#lib/ids.ts'
import { BATCH_ROWS, createChainWriter } from './chain-writer.ts'
import { createUseCounters, entryOfUse } from './use-counters.ts'

const DISCLOSURE_DEADLINE_MS = 5_000
const FLUSH_EVERY_MS = 1_000

export interface Disclosure {
  environmentId: string
  /** Who, e.g. `{ kind: 'key', id }`. */
  actor: Record<string, unknown>
  /** `credentials.read`, `connection.deleted` … */
  action: string
  /** What, by ids: no secrets, no personal data. */
  subject: Record<string, unknown>
}

export interface Audit {
  /**
   * Await before handing out a credential: resolves when the row is committed. Throws `credentials_unavailable` if it cannot be written within 5 s:
   * what leaves no trace must not happen. Never call it inside a transaction: it takes a connection of the same pool.
   */
  disclosed(disclosure: Disclosure): Promise<void>
  /** The same, for changes: await before the answer. */
  changed(change: Disclosure): Promise<void>
  /** Counts a call through the proxy; costs no statement. Written each second as one row per key, connection and minute. */
  used(keyId: string, environmentId: string, connectionId: string): void
  /** Writes the counted uses now. */
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * One chain of rows for each process. Use counts of the last second are lost when the process is killed, and they wait in memory while the database
 * is away; a local journal that is synced to disk does not exist yet.
 */
export function createAudit(kit: Pick<Kit, 'db' | 'clock' | 'log'>, deadlineMs = DISCLOSURE_DEADLINE_MS): Audit {
  const { clock, log } = kit
  const writer = createChainWriter(kit.db.kysely, newId(clock.now()), clock)
  const uses = createUseCounters()
  let flushing: Promise<void> | undefined
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
      await Promise.race([writer.append([{ ...disclosure, at: new Date(clock.now()), count: 1 }], deadline.signal), late.promise])
    } catch (error) {
      throw fail('credentials_unavailable', { internal: 'the audit row could not be written', cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  const writeUses = async () => {
    const taken = uses.take()
    for (let start = 0; start < taken.length; start += BATCH_ROWS) {
      try {
        await writer.append(taken.slice(start, start + BATCH_ROWS).map((counter) => entryOfUse(counter, clock.now())))
      } catch (error) {
        // Should the database have committed them all the same, these uses are counted twice: rather that than not at all.
        uses.putBack(taken.slice(start))
        log.warn({ err: error, counters: uses.size }, 'uses of credentials could not be written yet')
        return
      }
    }
  }
  const flush = () => (flushing ??= writeUses().finally(() => (flushing = undefined)))
  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS)
  timer.unref()

  return {
    disclosed,
    changed: disclosed,
    used: (keyId, environmentId, connectionId) => uses.count(keyId, environmentId, connectionId, clock.now()),
    flush,
    async close() {
      closed = true
      clearInterval(timer)
      await flushing
      await flush()
    },
  }
}
