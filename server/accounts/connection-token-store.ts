/** SQL of the table `connection_token`. */
import { sql, type Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'

export interface NewConnectionToken {
  id: string
  environmentId: string
  /** The connection's row. */
  connectionUuid: string
  /** Whose end is the token's end. */
  maker: { keyId: string } | { personSessionId: string }
  tokenHash: Buffer
  limits: Limits | undefined
  expiresAt: Date
}

/** False if the connection, or who makes the token, ended meanwhile. */
export async function insertToken(db: Kysely<unknown>, token: NewConnectionToken): Promise<boolean> {
  const byKey = 'keyId' in token.maker
  const maker =
    'keyId' in token.maker
      ? sql`select id from api_key where id = ${token.maker.keyId} and environment_id = ${token.environmentId} for key share`
      : sql`select id from person_session where id = ${token.maker.personSessionId} for key share`
  const { numAffectedRows } = await sql`
    with m as (${maker})
    insert into connection_token (id, environment_id, connection_id, ${sql.ref(byKey ? 'api_key_id' : 'person_session_id')}, token_hash, limits, expires_at)
    select ${token.id}, ${token.environmentId}, c.id, m.id, ${token.tokenHash}, ${token.limits ? JSON.stringify(token.limits) : null}::jsonb, ${token.expiresAt}
      from connection c, m
     where c.id = ${token.connectionUuid} and c.environment_id = ${token.environmentId}
       for key share of c`.execute(db)
  return numAffectedRows === 1n
}

export interface FoundToken {
  environmentId: string
  connectionUuid: string
  limits: Limits | undefined
  expiresAt: Date
  /** The key that made it; undefined: a person did, whose roles are looked after when they change. */
  key: { id: string; scopes: string[]; limits: Limits | undefined; expiresAt: Date | undefined } | undefined
  personId: string | undefined
}

/** undefined: unknown, or over, or the key that made it is over. */
export async function findTokenByHash(db: Kysely<unknown>, tokenHash: Buffer): Promise<FoundToken | undefined> {
  const { rows } = await sql<{
    environment_id: string
    connection_id: string
    limits: Limits | null
    expires_at: Date
    key_id: string | null
    scopes: string[] | null
    key_limits: Limits | null
    key_expires_at: Date | null
    person_id: string | null
  }>`
    select t.environment_id, t.connection_id, t.limits, t.expires_at,
           k.id as key_id, k.scopes, k.limits as key_limits, k.expires_at as key_expires_at, s.person_id
      from connection_token t
      left join api_key k on k.id = t.api_key_id
      left join person_session s on s.id = t.person_session_id
     where t.token_hash = ${tokenHash} and t.expires_at > hawser_now() 
       and (k.expires_at is null or k.expires_at > hawser_now()) and (s.expires_at is null or s.expires_at > hawser_now())`.execute(db)
  const row = rows[0]
  return (
    row && {
      environmentId: row.environment_id,
      connectionUuid: row.connection_id,
      limits: row.limits ?? undefined,
      expiresAt: row.expires_at,
      key:
        row.key_id === null
          ? undefined
          : { id: row.key_id, scopes: row.scopes ?? [], limits: row.key_limits ?? undefined, expiresAt: row.key_expires_at ?? undefined },
      personId: row.person_id ?? undefined,
    }
  )
}

/** Some of those that are over; the rest goes with the next clean-up. */
export async function deleteOldTokens(db: Kysely<unknown>): Promise<void> {
  await sql`
    delete from connection_token where id in (
      select id from connection_token where expires_at < hawser_now() - interval '1 hour' order by expires_at limit 50000)`.execute(db)
}
