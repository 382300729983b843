/** SQL of the table `connection_token`. */
import { sql, type Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'

type Db = Kysely<unknown>

/** Whose end is the token's end. */
export type TokenMaker = { apiKeyId: string } | { signingKeyId: string } | { personSessionId: string }

export interface NewConnectionToken {
  id: string
  environmentId: string
  /** The connection's row. */
  connectionUuid: string
  maker: TokenMaker
  tokenHash: Buffer
  displayName: string | undefined
  hint: string
  limits: Limits | undefined
  expiresAt: Date
}

/** False if the connection, or who makes the token, ended meanwhile. */
export async function insertToken(db: Db, token: NewConnectionToken): Promise<boolean> {
  const { column, rows } = makerOf(token)
  const { numAffectedRows } = await sql`
    with m as (${rows})
    insert into connection_token
      (id, environment_id, connection_id, ${sql.ref(column)}, token_hash, display_name, hint, limits, expires_at)
    select ${token.id}, ${token.environmentId}, c.id, m.id, ${token.tokenHash}, ${token.displayName ?? null}, ${token.hint},
      ${token.limits ? JSON.stringify(token.limits) : null}::jsonb, ${token.expiresAt}
      from connection c, m
     where c.id = ${token.connectionUuid} and c.environment_id = ${token.environmentId}
       for key share of c`.execute(db)
  return numAffectedRows === 1n
}

/** Locked, so that nobody ends while the token is made. */
function makerOf({ maker, environmentId }: NewConnectionToken) {
  if ('apiKeyId' in maker)
    return {
      column: 'api_key_id',
      rows: sql`select id from api_key where id = ${maker.apiKeyId} and environment_id = ${environmentId} for key share`,
    }
  if ('signingKeyId' in maker)
    return {
      column: 'signing_key_id',
      rows: sql`select id from signing_key where id = ${maker.signingKeyId} and environment_id = ${environmentId} for key share`,
    }
  return { column: 'person_session_id', rows: sql`select id from person_session where id = ${maker.personSessionId} for key share` }
}

export interface FoundToken {
  id: string
  environmentId: string
  connectionUuid: string
  limits: Limits | undefined
  expiresAt: Date
  /** Of an API key or, without scopes, of a signing key; undefined: a person made it, whose roles are looked after when they change. */
  key: { id: string; scopes: string[] | undefined; limits: Limits | undefined; expiresAt: Date | undefined } | undefined
  personId: string | undefined
}

/** undefined: unknown, or over, or the key that made it is over. */
export async function findTokenByHash(db: Db, tokenHash: Buffer): Promise<FoundToken | undefined> {
  const { rows } = await sql<{
    id: string
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
    select t.id, t.environment_id, t.connection_id, t.limits, t.expires_at, coalesce(k.id, s.id) as key_id, k.scopes,
           coalesce(k.limits, s.limits) as key_limits, coalesce(k.expires_at, s.expires_at) as key_expires_at, p.person_id
      from connection_token t
      left join api_key k on k.id = t.api_key_id
      left join signing_key s on s.id = t.signing_key_id
      left join person_session p on p.id = t.person_session_id
     where t.token_hash = ${tokenHash} and t.expires_at > hawser_now()
       and coalesce(k.expires_at, s.expires_at, p.expires_at, 'infinity') > hawser_now()`.execute(db)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      environmentId: row.environment_id,
      connectionUuid: row.connection_id,
      limits: row.limits ?? undefined,
      expiresAt: row.expires_at,
      key:
        row.key_id === null
          ? undefined
          : {
              id: row.key_id,
              scopes: row.scopes ?? undefined,
              limits: row.key_limits ?? undefined,
              expiresAt: row.key_expires_at ?? undefined,
            },
      personId: row.person_id ?? undefined,
    }
  )
}

/** Tokens that still work and that a signing key's JWTs were exchanged for. */
export async function countExchanged(db: Db, signingKeyId: string, connectionUuid: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from connection_token
     where signing_key_id = ${signingKeyId} and connection_id = ${connectionUuid} and expires_at > hawser_now()`.execute(db)
  return rows[0]!.n
}

/** True: there was one of that id. */
export async function deleteToken(db: Db, environmentId: string, id: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from connection_token where id = ${id} and environment_id = ${environmentId}`.execute(db)
  return numAffectedRows === 1n
}

/** How many of them still worked. */
export async function deleteTokensOf(db: Db, environmentId: string, connectionUuid: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with gone as (
      delete from connection_token where connection_id = ${connectionUuid} and environment_id = ${environmentId} returning expires_at
    ) select count(*) filter (where expires_at > hawser_now())::int as n from gone`.execute(db)
  return rows[0]!.n
}

export async function countTokensOfKey(db: Db, apiKeyId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from connection_token where api_key_id = ${apiKeyId} and expires_at > hawser_now()`.execute(db)
  return rows[0]!.n
}

/** Some of those that are over; the rest goes with the next clean-up. */
export async function deleteOldTokens(db: Db): Promise<void> {
  await sql`
    delete from connection_token where id in (
      select id from connection_token where expires_at < hawser_now() - interval '1 hour' order by expires_at limit 50000)`.execute(db)
}

/** One statement for all of a flush. Never moves a time backwards. */
export async function recordTokenUse(db: Db, uses: { id: string; at: Date }[]): Promise<void> {
  await sql`
    update connection_token t set last_used_at = u.at
      from unnest(${sql.val(uses.map((use) => use.id))}::uuid[], ${sql.val(uses.map((use) => use.at))}::timestamptz[]) as u(id, at)
     where t.id = u.id and (t.last_used_at is null or t.last_used_at < u.at)`.execute(db)
}
