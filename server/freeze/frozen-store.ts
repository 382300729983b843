/** SQL of the table `frozen`. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { newId } from '#lib/ids.ts'

type Db = Kysely<unknown>

/** More are refused: every node keeps them all in memory. */
export const MOST_FROZEN = 100_000

/** Row uuids; with neither, the whole environment. */
export interface FrozenPlace {
  environmentId: string
  integrationId?: string | undefined
  connectionId?: string | undefined
}

export interface Frozen extends FrozenPlace {
  reason: string
  frozenAt: Date
}

interface Row {
  environment_id: string
  integration_id: string | null
  connection_id: string | null
  reason: string
  frozen_at: Date
}

export async function listFrozen(db: Db): Promise<Frozen[]> {
  const { rows } = await sql<Row>`
    select environment_id, integration_id, connection_id, reason, frozen_at from frozen limit ${MOST_FROZEN}`.execute(db)
  return rows.map(toFrozen)
}

/** Undefined if too much is frozen already. */
export async function insertFrozen(db: Db, place: FrozenPlace, reason: string): Promise<Frozen | undefined> {
  const { rows } = await sql<Row>`
    insert into frozen (id, environment_id, integration_id, connection_id, reason)
    select ${newId()}, ${place.environmentId}::uuid, ${place.integrationId ?? null}::uuid, ${place.connectionId ?? null}::uuid, ${reason}
    where (select count(*) from frozen) < ${MOST_FROZEN}
    on conflict (environment_id, integration_id, connection_id) do update set reason = excluded.reason
    returning environment_id, integration_id, connection_id, reason, frozen_at`.execute(db)
  return rows[0] && toFrozen(rows[0])
}

export async function deleteFrozen(db: Db, place: FrozenPlace): Promise<void> {
  await sql`
    delete from frozen where environment_id = ${place.environmentId}
      and integration_id is not distinct from ${place.integrationId ?? null}::uuid
      and connection_id is not distinct from ${place.connectionId ?? null}::uuid`.execute(db)
}

/** Row uuids of what callers name; undefined where it does not exist in the environment. */
export async function integrationIdOf(db: Db, environmentId: string, key: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from integration where environment_id = ${environmentId} and unique_key = ${key}`.execute(db)
  return rows[0]?.id
}

export async function connectionIdOf(
  db: Db,
  integrationId: string,
  connectionId: string,
): Promise<{ id: string; tags: Record<string, string> } | undefined> {
  const { rows } = await sql<{ id: string; tags: Record<string, string> }>`
    select id, tags from connection where integration_id = ${integrationId} and connection_id = ${connectionId}`.execute(db)
  return rows[0]
}

function toFrozen(row: Row): Frozen {
  return {
    environmentId: row.environment_id,
    integrationId: row.integration_id ?? undefined,
    connectionId: row.connection_id ?? undefined,
    reason: row.reason,
    frozenAt: row.frozen_at,
  }
}
