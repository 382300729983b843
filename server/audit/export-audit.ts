import { sql, type Kysely } from 'kysely'
import { NO_ENVIRONMENT } from './anchors.ts'
import type { AuditRow } from './chain.ts'
import { digestIn } from './list-audit.ts'
import { chainsAfter, toRow } from './store.ts'
import { personsOf } from './verify-store.ts'

const ROWS_A_PAGE = 1_000
const CHAINS_A_PAGE = 200

/**
 * All rows as JSON, one a line, chain after chain, each in its order: with what their hashes are made of, and beside it the person that a row is
 * about, unless erased. `from` inclusive, `to` exclusive.
 */
export async function* exportAudit(kysely: Kysely<unknown>, from: Date | undefined, to: Date | undefined): AsyncGenerator<string> {
  for (let after = NO_ENVIRONMENT; ;) {
    const chains = await chainsAfter(kysely, after, CHAINS_A_PAGE)
    for (const chain of chains) yield* exportChain(kysely, chain, from, to)
    if (chains.length < CHAINS_A_PAGE) return
    after = chains.at(-1)!
  }
}

async function* exportChain(kysely: Kysely<unknown>, chain: string, from: Date | undefined, to: Date | undefined): AsyncGenerator<string> {
  const begins = from ? sql`and at >= ${from}` : sql``
  const ends = to ? sql`and at < ${to}` : sql``
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const { rows } = await sql<Parameters<typeof toRow>[0]>`
      select * from audit_event where chain = ${chain} and seq > ${after} ${begins} ${ends} order by seq limit ${ROWS_A_PAGE}`.execute(
      kysely,
    )
    const page = rows.map(toRow)
    const persons = await personsOf(kysely, [...new Set(page.map(digestIn).filter((digest) => digest !== undefined))])
    for (const row of page) {
      const person = persons.get(digestIn(row) ?? '')
      yield lineOf(row, person && { end_user: person.endUserId ?? null, address: person.address ?? null })
    }
    if (page.length < ROWS_A_PAGE) return
    after = page.at(-1)!.seq
  }
}

function lineOf({ environmentId, previousHash, hash, at, ...same }: AuditRow, person: Record<string, unknown> | undefined): string {
  return JSON.stringify({
    ...same,
    at: at.toISOString(),
    environment_id: environmentId,
    previous_hash: previousHash.toString('hex'),
    hash: hash.toString('hex'),
    ...(person ? { person } : {}),
  })
}
