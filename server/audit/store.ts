import { sql, type Kysely } from 'kysely'
import type { AuditRow, Head } from './chain.ts'

/** Fails, and writes nothing, if one of the places in the chain is taken. */
export async function insertRows(kysely: Kysely<unknown>, rows: readonly AuditRow[]): Promise<void> {
  const column = <T>(read: (row: AuditRow) => T) => rows.map(read)
  await sql`insert into audit_event (chain, seq, environment_id, at, actor, action, subject, count, previous_hash, hash)
    select chain, seq, environment_id, at, actor, action, subject, count, decode(previous_hash, 'hex'), decode(hash, 'hex')
    from unnest(
      ${column((row) => row.chain)}::uuid[],
      ${column((row) => row.seq)}::bigint[],
      ${column((row) => row.environmentId)}::uuid[],
      ${column((row) => row.at.toISOString())}::timestamptz[],
      ${column((row) => JSON.stringify(row.actor))}::jsonb[],
      ${column((row) => row.action)}::text[],
      ${column((row) => JSON.stringify(row.subject))}::jsonb[],
      ${column((row) => row.count)}::integer[],
      ${column((row) => row.previousHash.toString('hex'))}::text[],
      ${column((row) => row.hash.toString('hex'))}::text[]
    ) as row (chain, seq, environment_id, at, actor, action, subject, count, previous_hash, hash)`.execute(kysely)
}

export async function headOf(kysely: Kysely<unknown>, chain: string): Promise<Head | undefined> {
  const { rows } = await sql<Head>`select seq, hash from audit_event where chain = ${chain} order by seq desc limit 1`.execute(kysely)
  return rows[0]
}

/** The last rows of the newest `limit` chains besides `own`, by one step of the index each. Chain ids grow with time (uuidv7). */
export async function newestHeads(kysely: Kysely<unknown>, own: string, limit: number): Promise<(Head & { chain: string })[]> {
  const { rows } = await sql<Head & { chain: string }>`
    with recursive chains (chain, n) as (
      (select chain, 1 from audit_event where chain <> ${own} order by chain desc limit 1)
      union all
      select (select chain from audit_event where chain < chains.chain and chain <> ${own} order by chain desc limit 1), n + 1
      from chains where chain is not null and n < ${limit}
    )
    select head.chain, head.seq, head.hash from chains
    cross join lateral (select chain, seq, hash from audit_event where chain = chains.chain order by seq desc limit 1) head`.execute(kysely)
  return rows
}

/** Rows of one chain in order, for `verifyChain`. */
export async function readChain(kysely: Kysely<unknown>, chain: string, afterSeq: number, limit: number): Promise<AuditRow[]> {
  const { rows } = await sql<{
    chain: string
    seq: number
    environment_id: string
    at: Date
    actor: Record<string, unknown>
    action: string
    subject: Record<string, unknown>
    count: number
    previous_hash: Buffer
    hash: Buffer
  }>`select * from audit_event where chain = ${chain} and seq > ${afterSeq} order by seq limit ${limit}`.execute(kysely)
  return rows.map(({ environment_id, previous_hash, ...same }) => ({ ...same, environmentId: environment_id, previousHash: previous_hash }))
}
