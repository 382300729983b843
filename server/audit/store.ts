/** SQL of the audit's tables, as far as writing needs it; reading is in the stores of its own (`read-store.ts`, `list-store.ts`). */
import { sql, type Kysely } from 'kysely'
import type { AuditRow, Head } from './chain.ts'
import type { PersonRow } from './persons.ts'

type Db = Kysely<unknown>

const PERSONS_AT_ONCE = 500

export interface ChainHead extends Head {
  chain: string
  action: string
}

const column = <R, T>(rows: readonly R[], read: (row: R) => T) => rows.map(read)

const rowsOf = (rows: readonly AuditRow[]) => sql`
  select chain, seq, environment_id, at, actor, action, subject, count, decode(previous_hash, 'hex'), decode(hash, 'hex')
  from unnest(
    ${column(rows, (row) => row.chain)}::uuid[],
    ${column(rows, (row) => row.seq)}::bigint[],
    ${column(rows, (row) => row.environmentId)}::uuid[],
    ${column(rows, (row) => row.at.toISOString())}::timestamptz[],
    ${column(rows, (row) => JSON.stringify(row.actor))}::jsonb[],
    ${column(rows, (row) => row.action)}::text[],
    ${column(rows, (row) => JSON.stringify(row.subject))}::jsonb[],
    ${column(rows, (row) => row.count)}::integer[],
    ${column(rows, (row) => row.previousHash.toString('hex'))}::text[],
    ${column(rows, (row) => row.hash.toString('hex'))}::text[]
  ) as row (chain, seq, environment_id, at, actor, action, subject, count, previous_hash, hash)`

const target = sql.raw('audit_event (chain, seq, environment_id, at, actor, action, subject, count, previous_hash, hash)')

const personsOf = (persons: readonly PersonRow[]) => sql`
  insert into audit_person (digest, environment_id, end_user_id, address, salt, created_at)
  select decode(digest, 'hex'), environment_id, end_user_id, address, decode(salt, 'hex'), created_at
  from unnest(
    ${column(persons, (person) => person.digest.toString('hex'))}::text[],
    ${column(persons, (person) => person.environmentId)}::uuid[],
    ${column(persons, (person) => person.endUserId ?? null)}::text[],
    ${column(persons, (person) => person.address ?? null)}::text[],
    ${column(persons, (person) => person.salt.toString('hex'))}::text[],
    ${column(persons, (person) => person.createdAt.toISOString())}::timestamptz[]
  ) as person (digest, environment_id, end_user_id, address, salt, created_at)
  on conflict do nothing`

/** Fails, and writes nothing, if one of the places in the chain is taken. */
export async function insertRows(db: Db, rows: readonly AuditRow[], persons: readonly PersonRow[]): Promise<void> {
  const withPersons = persons.length > 0 ? sql`with persons as (${personsOf(persons)})` : sql``
  await sql`${withPersons} insert into ${target} ${rowsOf(rows)}`.execute(db)
}

/** Those that are there already are left out. */
export async function insertPersons(db: Db, persons: readonly PersonRow[]): Promise<void> {
  for (let start = 0; start < persons.length; start += PERSONS_AT_ONCE)
    await personsOf(persons.slice(start, start + PERSONS_AT_ONCE)).execute(db)
}

/** For rows that got their places before: those that are there already are left out. */
export async function insertMissingRows(db: Db, rows: readonly AuditRow[]): Promise<void> {
  await sql`insert into ${target} ${rowsOf(rows)} on conflict (chain, seq) do nothing`.execute(db)
}

/** The end of a chain; of one whose rows have all been removed after their time, what the checkpoint says. */
export async function headOf(db: Db, chain: string): Promise<Head | undefined> {
  const { rows } = await sql<Head>`
    select seq, hash from audit_event where chain = ${chain}
    union all select seq, hash from audit_checkpoint where chain = ${chain}
    order by seq desc limit 1`.execute(db)
  return rows[0]
}

/** The last rows of the newest `limit` chains, by one step of the index each. Chain ids grow with time (uuidv7). */
export async function newestHeads(db: Db, limit: number): Promise<ChainHead[]> {
  const { rows } = await sql<ChainHead>`
    with recursive chains (chain, n) as (
      (select chain, 1 from audit_event order by chain desc limit 1)
      union all
      select (select chain from audit_event where chain < chains.chain order by chain desc limit 1), n + 1
      from chains where chain is not null and n < ${limit}
    )
    select head.chain, head.seq, head.hash, head.action from chains
    cross join lateral (select chain, seq, hash, action from audit_event where chain = chains.chain order by seq desc limit 1) head`.execute(
    db,
  )
  return rows
}

interface StoredRow {
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
}

export function toRow({ environment_id, previous_hash, ...same }: StoredRow): AuditRow {
  return { ...same, environmentId: environment_id, previousHash: previous_hash }
}

/** Rows of one chain in order. */
export async function readChain(db: Db, chain: string, afterSeq: number, limit: number): Promise<AuditRow[]> {
  const { rows } = await sql<StoredRow>`
    select * from audit_event where chain = ${chain} and seq > ${afterSeq} order by seq limit ${limit}`.execute(db)
  return rows.map(toRow)
}

/** Ids of chains after one, in order; with rows or at least a checkpoint. */
export async function chainsAfter(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ chain: string }>`
    with recursive chains (chain, n) as (
      (select chain, 1 from audit_event where chain > ${after} order by chain limit 1)
      union all
      select (select chain from audit_event where chain > chains.chain order by chain limit 1), n + 1
      from chains where chain is not null and n < ${limit}
    )
    (select chain from chains where chain is not null)
    union (select chain from audit_checkpoint where chain > ${after} order by chain limit ${limit})
    order by chain limit ${limit}`.execute(db)
  return rows.map((row) => row.chain)
}
