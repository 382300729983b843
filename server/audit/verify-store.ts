import { sql, type Kysely } from 'kysely'
import type { Claim } from './anchors.ts'
import type { PersonRow } from './persons.ts'

export interface CheckedClaim {
  chain: string
  seq: number
  claimed: string
  /** Of the row that is there, in hex; null: none is. */
  found: string | null
}

/** Beside each claim what the table holds in its place. */
export async function rowsClaimed(kysely: Kysely<unknown>, claims: readonly Claim[]): Promise<CheckedClaim[]> {
  if (claims.length === 0) return []
  const { rows } = await sql<CheckedClaim>`
    select claim.chain, claim.seq, claim.hash as claimed, encode(row.hash, 'hex') as found
    from unnest(${claims.map(({ chain }) => chain)}::uuid[], ${claims.map(({ seq }) => seq)}::bigint[], ${claims.map(({ hash }) => hash)}::text[])
      as claim (chain, seq, hash)
    left join audit_event row on row.chain = claim.chain and row.seq = claim.seq`.execute(kysely)
  return rows
}

/** The last place before `seq` in a chain that holds a row, or up to which rows were removed after their time; 0: none. */
export async function lastBefore(kysely: Kysely<unknown>, chain: string, seq: number): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    (select seq from audit_event where chain = ${chain} and seq < ${seq} order by seq desc limit 1)
    union all (select seq from audit_checkpoint where chain = ${chain} and seq < ${seq})
    order by seq desc limit 1`.execute(kysely)
  return rows[0]?.seq ?? 0
}

/** By digest in hex; those that are gone are missing. */
export async function personsOf(kysely: Kysely<unknown>, digests: readonly string[]): Promise<Map<string, Omit<PersonRow, 'stored'>>> {
  if (digests.length === 0) return new Map()
  const { rows } = await sql<{
    digest: Buffer
    environment_id: string
    end_user_id: string | null
    address: string | null
    salt: Buffer
    created_at: Date
  }>`select * from audit_person where digest = any(${digests.map((digest) => Buffer.from(digest, 'hex'))}::bytea[])`.execute(kysely)
  return new Map(
    rows.map((row) => [
      row.digest.toString('hex'),
      {
        digest: row.digest,
        salt: row.salt,
        createdAt: row.created_at,
        environmentId: row.environment_id,
        endUserId: row.end_user_id ?? undefined,
        address: row.address ?? undefined,
      },
    ]),
  )
}

/** Of the digests, those that a row says were erased. */
export async function erasedAmong(kysely: Kysely<unknown>, digests: readonly string[]): Promise<Set<string>> {
  if (digests.length === 0) return new Set()
  const { rows } = await sql<{ digest: string }>`
    select digest from unnest(${[...digests]}::text[]) as digest
    where exists (select from audit_event where action = 'audit.person_erased' and subject -> 'persons' ? digest)`.execute(kysely)
  return new Set(rows.map((row) => row.digest))
}
