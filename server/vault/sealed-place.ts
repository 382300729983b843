/** Where wrapped data keys lie: what a rotation of an environment's key has to visit. */
import { sql, type Kysely } from 'kysely'

export interface SealedRow {
  /** Unique within the place. */
  key: string
  /** With `rowId`: what the data key is bound to. */
  label: string
  rowId: string
  dataKey: Buffer
}

export interface SealedPlace {
  name: string
  /** Rows of the environment with data keys of an older generation, by `key`, after `after`. */
  older(db: Kysely<unknown>, of: { environmentId: string; generation: number; after: string; limit: number }): Promise<SealedRow[]>
  /** Replaces the data keys that are still the ones that were read, passing by rows that somebody else holds; returns how many it replaced. */
  replace(db: Kysely<unknown>, rows: readonly (SealedRow & { again: Buffer })[]): Promise<number>
  /** How many `older` would return without a limit. */
  countOlder(db: Kysely<unknown>, of: { environmentId: string; generation: number }): Promise<number>
}

const FIRST_UUID = '00000000-0000-0000-0000-000000000000'

export interface SealedColumn {
  table: string
  /** Of the data key. */
  column: string
  label: string
  /** Column of the environment's uuid, `environment_id` unless given. */
  environment?: string
}

/** A column of a table whose data keys are bound to the row's `id`. Names come from our code alone. */
export function sealedColumn({ table, column, label, environment = 'environment_id' }: SealedColumn): SealedPlace {
  const [from, dataKey, environmentId] = [sql.id(table), sql.id(column), sql.id(environment)]
  const isOlder = (of: { environmentId: string; generation: number }) =>
    sql`t.${environmentId} = ${of.environmentId} and data_key_generation(t.${dataKey}) < ${of.generation}`
  return {
    name: `${table}.${column}`,
    async older(db, of) {
      const { rows } = await sql<{ id: string; data_key: Buffer }>`
        select t.id, t.${dataKey} as data_key from ${from} t where ${isOlder(of)} and t.id > ${of.after || FIRST_UUID} order by t.id limit ${of.limit}`.execute(
        db,
      )
      return rows.map((row) => ({ key: row.id, label, rowId: row.id, dataKey: row.data_key }))
    },
    async replace(db, rows) {
      // Waiting for one row while holding others could close a circle with transactions that lock in another order.
      const { numAffectedRows } = await sql`
        with free as (select t.id from ${from} t where t.id = any(${rows.map((row) => row.key)}::uuid[]) order by t.id for no key update skip locked)
        update ${from} t set ${dataKey} = u.again
        from unnest(${rows.map((row) => row.key)}::uuid[], ${rows.map((row) => row.dataKey)}::bytea[], ${rows.map((row) => row.again)}::bytea[])
          as u (id, was, again) join free on free.id = u.id
        where t.id = u.id and t.${dataKey} = u.was`.execute(db)
      return Number(numAffectedRows ?? 0n)
    },
    async countOlder(db, of) {
      const { rows } = await sql<{ count: number }>`select count(*) as count from ${from} t where ${isOlder(of)}`.execute(db)
      return rows[0]!.count
    },
  }
}
