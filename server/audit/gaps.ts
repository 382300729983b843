import type { KeyObject } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { flawOf } from './chain.ts'
import { toRow } from './store.ts'

export const GAP_ACKNOWLEDGED = 'audit.gap_acknowledged'
const MOST_READ = 1_000

/** Rows of a chain, both ends included. */
export interface Gap {
  chain: string
  from: number
  to: number
}

export interface AcknowledgedGap extends Gap {
  reason: string
  by: string
  /** ISO 8601. */
  at: string
}

/** What somebody with the audit's key has said about rows that are missing; the newest 1,000 times. Rows that do not verify count for nothing. */
export async function acknowledgedGaps(kysely: Kysely<unknown>, key: KeyObject): Promise<AcknowledgedGap[]> {
  const { rows } = await sql<Parameters<typeof toRow>[0]>`
    select * from audit_event where action = ${sql.lit(GAP_ACKNOWLEDGED)} order by at desc limit ${MOST_READ}`.execute(kysely)
  return rows
    .map(toRow)
    .filter((row) => flawOf(key, { seq: row.seq - 1, hash: row.previousHash }, row) === undefined)
    .flatMap(({ actor, subject, at }) =>
      (subject['gaps'] as Gap[]).map((gap) => ({
        ...gap,
        reason: String(subject['reason']),
        by: String(actor['id']),
        at: at.toISOString(),
      })),
    )
}

/** What is left of a gap without those that were acknowledged, and which of them it touches. */
export function unacknowledged(gap: Gap, acknowledged: readonly AcknowledgedGap[]): { left: Gap[]; touched: AcknowledgedGap[] } {
  const touched = acknowledged.filter((one) => one.chain === gap.chain && one.from <= gap.to && one.to >= gap.from)
  let left = [gap]
  for (const { from, to } of touched) {
    left = left.flatMap((part) => {
      if (to < part.from || from > part.to) return [part]
      const sides = [
        { ...part, to: from - 1 },
        { ...part, from: to + 1 },
      ]
      return sides.filter((side) => side.from <= side.to)
    })
  }
  return { left, touched }
}
