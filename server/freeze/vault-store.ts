/** SQL of the table `vault`. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { VaultRow } from './judge-vault.ts'

type Db = Kysely<unknown>

export interface SeenRow extends VaultRow {
  /** When a server was last up on this database, by the database's clock; ms since 1970. */
  seenAt: number
}

/** Undefined where the key was never noted: nobody has opened this database as a store. */
export async function readVault(db: Db): Promise<SeenRow | undefined> {
  const { rows } = await sql<Columns>`select epoch, generation, home, seen_at from vault`.execute(db)
  return rows[0] && toRow(rows[0])
}

/**
 * Says that a server of this epoch lives, and returns what stands in the row then. Undefined: the epoch is another one by now, or the database is
 * older than what was `seen`; nothing was written.
 */
export async function beat(db: Db, { epoch, generation }: { epoch: string; generation: number }): Promise<SeenRow | undefined> {
  const { rows } = await sql<Columns>`
    update vault set generation = generation + 1, seen_at = hawser_now() where epoch = ${epoch} and generation >= ${generation}
    returning epoch, generation, home, seen_at`.execute(db)
  return rows[0] && toRow(rows[0])
}

/** Takes a database into use that nobody has used yet. Undefined: somebody else was quicker. */
export async function adopt(db: Db, { epoch, home }: { epoch: string; home: string }): Promise<SeenRow | undefined> {
  const { rows } = await sql<Columns>`
    update vault set epoch = ${epoch}, home = ${home}, generation = 1, seen_at = hawser_now() where generation = 0
    returning epoch, generation, home, seen_at`.execute(db)
  return rows[0] && toRow(rows[0])
}

/** From now on nobody who knew the database under its former epoch refreshes from it. The generation goes on from where anybody can have seen it. */
export async function takeOver(db: Db, { epoch, home, above }: { epoch: string; home: string; above: number }): Promise<SeenRow> {
  const { rows } = await sql<Columns>`
    update vault set epoch = ${epoch}, home = ${home}, generation = greatest(generation, ${above}) + 1, seen_at = hawser_now()
    returning epoch, generation, home, seen_at`.execute(db)
  return toRow(rows[0]!)
}

/**
 * Which cluster and which database this is: `<system identifier>/<oid>`. A restored dump is another database, a copied folder of PostgreSQL's is not.
 * `?` where the account may not ask for the identifier.
 */
export async function homeOf(db: Db): Promise<string> {
  const { rows } = await sql<{ oid: string; may: boolean }>`
    select oid::text as oid, has_function_privilege('pg_catalog.pg_control_system()', 'execute') as may
    from pg_database where datname = current_database()`.execute(db)
  const { oid, may } = rows[0]!
  if (!may) return `?/${oid}`
  const { rows: clusters } = await sql<{ id: string }>`select system_identifier::text as id from pg_control_system()`.execute(db)
  return `${clusters[0]!.id}/${oid}`
}

interface Columns {
  epoch: string
  generation: number
  home: string | null
  seen_at: Date
}

function toRow({ epoch, generation, home, seen_at }: Columns): SeenRow {
  return { epoch, generation, home, seenAt: seen_at.getTime() }
}
