import type { KeyObject } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { NO_ENVIRONMENT } from './anchors.ts'
import type { Head } from './chain.ts'
import { macOfCheckpoint, removeThrough } from './checkpoint.ts'
import { DIGEST_LIFE_MS } from './persons.ts'
import type { Audit } from './record-disclosure.ts'
import { chainsAfter } from './store.ts'

const DAY_MS = 86_400_000
const CHAINS_A_PAGE = 200
/** In one statement, and how many of them in one run: a first retention on a large table must not hold it, or the job, for minutes. */
const PORTION_ROWS = 10_000
const MOST_PORTIONS = 200

export interface PruneOptions {
  kysely: Kysely<unknown>
  key: KeyObject
  audit: Pick<Audit, 'changed'>
  /** Infinity: nothing is ever removed. */
  keepMs: number
  now: number
}

/**
 * Removes rows that are older than `keepMs`, by whole days, always from the beginning of a chain; a checkpoint says where the rest begins.
 * Returns how many: two million at most, the rest in the next run. Run it on one node at a time.
 */
export async function pruneAudit({ kysely, key, audit, keepMs, now }: PruneOptions): Promise<number> {
  if (keepMs === Infinity) return 0
  const before = new Date(Math.floor((now - keepMs) / DAY_MS) * DAY_MS)
  let removed = 0
  let portions = 0
  let rest = false
  for (let after = NO_ENVIRONMENT; ;) {
    const chains = await chainsAfter(kysely, after, CHAINS_A_PAGE)
    for (const chain of chains) {
      for (let more = true; more;) {
        const last = portions < MOST_PORTIONS ? await lastBefore(kysely, chain, before) : undefined
        rest ||= portions >= MOST_PORTIONS
        if (!last) break
        portions += 1
        removed += await removeThrough(kysely, { chain, seq: last.seq, hash: last.hash, mac: macOfCheckpoint(key, chain, last) })
        more = last.more
      }
    }
    if (chains.length < CHAINS_A_PAGE) break
    after = chains.at(-1)!
  }
  // A digest serves for a day; rows that hold it may still be there while not all of their time are removed.
  if (!rest) await sql`delete from audit_person where created_at < ${new Date(before.getTime() - DIGEST_LIFE_MS)}`.execute(kysely)
  if (removed === 0) return 0
  const subject = { rows: removed, before: before.toISOString() }
  await audit.changed({ environmentId: NO_ENVIRONMENT, actor: { kind: 'server' }, action: 'audit.pruned', subject })
  return removed
}

/** The last of the rows at the chain's beginning that are older; none of them is younger, whatever the clock did. */
async function lastBefore(kysely: Kysely<unknown>, chain: string, before: Date): Promise<(Head & { more: boolean }) | undefined> {
  const { rows } = await sql<Head & { at: Date }>`
    select seq, hash, at from audit_event where chain = ${chain} order by seq limit ${PORTION_ROWS + 1}`.execute(kysely)
  const younger = rows.findIndex((row) => row.at >= before)
  const last = rows[Math.min(younger === -1 ? rows.length : younger, PORTION_ROWS) - 1]
  return last && { seq: last.seq, hash: last.hash, more: younger === -1 && rows.length > PORTION_ROWS }
}
