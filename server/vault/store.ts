/** SQL of the table `vault`, of the environments' wrapped keys, and of their rotations. */
import { sql, type Kysely } from 'kysely'

type Db = Kysely<unknown>

export async function vaultRow(db: Db): Promise<{ keyId: string; secret: Buffer | null } | undefined> {
  const { rows } = await sql<{ key_id: string; secret: Buffer | null }>`select key_id, secret from vault`.execute(db)
  return rows[0] && { keyId: rows[0].key_id, secret: rows[0].secret }
}

/** Until the transaction ends. */
export async function lockVaultRow(db: Db): Promise<{ keyId: string; secret: Buffer | null } | undefined> {
  const { rows } = await sql<{ key_id: string; secret: Buffer | null }>`select key_id, secret from vault for update`.execute(db)
  return rows[0] && { keyId: rows[0].key_id, secret: rows[0].secret }
}

/** Of several nodes that start together the first one's secret stays; returns what is stored. */
export async function keepSecret(db: Db, wrapped: Buffer): Promise<Buffer> {
  await sql`update vault set secret = ${wrapped} where secret is null`.execute(db)
  return (await vaultRow(db))!.secret!
}

export async function replaceVaultKey(db: Db, keyId: string, secret: Buffer | null): Promise<void> {
  await sql`update vault set key_id = ${keyId}, secret = ${secret}`.execute(db)
}

export interface EnvironmentKey {
  id: string
  name: string
  wrapped: Buffer
}

export async function environmentKeys(db: Db): Promise<EnvironmentKey[]> {
  const { rows } = await sql<EnvironmentKey>`select id, name, wrapped_key as wrapped from environment order by name limit 10000`.execute(db)
  return rows
}

export async function environmentKey(db: Db, environmentId: string): Promise<Buffer | undefined> {
  const { rows } = await sql<{ wrapped: Buffer }>`select wrapped_key as wrapped from environment where id = ${environmentId}`.execute(db)
  return rows[0]?.wrapped
}

/** Keeps others from adding rows of the environment until the transaction ends. */
export async function lockEnvironment(db: Db, environmentId: string): Promise<void> {
  await sql`select from environment where id = ${environmentId} for update`.execute(db)
}

/** False if somebody else has changed it since it was read. */
export async function replaceEnvironmentKey(db: Db, environmentId: string, was: Buffer, wrapped: Buffer): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update environment set wrapped_key = ${wrapped} where id = ${environmentId} and wrapped_key = ${was}`.execute(db)
  return numAffectedRows === 1n
}

export async function refuseOlderKeys(db: Db, environmentId: string, generation: number): Promise<void> {
  await sql`update environment set oldest_key_generation = ${generation} where id = ${environmentId}`.execute(db)
}

export interface Rotation {
  generation: number
  announcedAt: Date
  switchedAt: Date | null
  finishedAt: Date | null
  rewrapped: number
  /** ms that have passed since, by the database's clock; null: not yet. */
  sinceAnnouncedMs: number
  sinceSwitchedMs: number | null
}

export async function insertRotation(db: Db, environmentId: string, generation: number): Promise<void> {
  await sql`insert into vault_rotation (environment_id, generation) values (${environmentId}, ${generation})`.execute(db)
}

/** The latest of an environment. */
export async function latestRotation(db: Db, environmentId: string): Promise<Rotation | undefined> {
  const { rows } = await sql<{
    generation: number
    announced_at: Date
    switched_at: Date | null
    finished_at: Date | null
    rewrapped: number
    since_announced: number
    since_switched: number | null
  }>`
    select generation, announced_at, switched_at, finished_at, rewrapped,
      (extract(epoch from hawser_now() - announced_at) * 1000)::double precision as since_announced,
      (extract(epoch from hawser_now() - switched_at) * 1000)::double precision as since_switched
    from vault_rotation where environment_id = ${environmentId} order by generation desc limit 1`.execute(db)
  const row = rows[0]
  return (
    row && {
      generation: row.generation,
      announcedAt: row.announced_at,
      switchedAt: row.switched_at,
      finishedAt: row.finished_at,
      rewrapped: row.rewrapped,
      sinceAnnouncedMs: row.since_announced,
      sinceSwitchedMs: row.since_switched,
    }
  )
}

export async function noteRotation(
  db: Db,
  environmentId: string,
  generation: number,
  noted: 'switched' | 'finished' | { rewrapped: number },
): Promise<void> {
  const set =
    noted === 'switched'
      ? sql`switched_at = hawser_now()`
      : noted === 'finished'
        ? sql`finished_at = hawser_now()`
        : sql`rewrapped = rewrapped + ${noted.rewrapped}`
  await sql`update vault_rotation set ${set} where environment_id = ${environmentId} and generation = ${generation}`.execute(db)
}
