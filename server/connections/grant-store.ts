/** SQL of the table `grant` outside of a refresh (see `lease-store.ts` for that). */
import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { StoredGrant } from './connection.ts'
import { grantColumns, toGrant, type GrantColumns } from './connection-row.ts'

type Db = Kysely<unknown>

export async function grantById(db: Db, id: string): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`select ${grantColumns} from "grant" g where g.id = ${id}`.execute(db)
  return rows[0] && toGrant(rows[0])
}

/** Those of the grants whose stored version is below the given one. */
export async function grantsBelow(db: Db, given: readonly { grantId: string; version: number }[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select g.id from "grant" g join unnest(${given.map((one) => one.grantId)}::uuid[], ${given.map((one) => one.version)}::bigint[]) as given (id, version)
      on g.id = given.id and g.version < given.version`.execute(db)
  return new Set(rows.map((row) => row.id))
}

export async function lockGrant(db: Db, id: string): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`select ${grantColumns} from "grant" g where g.id = ${id} for update`.execute(db)
  return rows[0] && toGrant(rows[0])
}

/** The row of an equal refresh token, locked. */
export async function lockByFingerprint(
  db: Db,
  environmentId: string,
  integrationId: string,
  fingerprint: Buffer,
): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`
    select ${grantColumns} from "grant" g
    where g.environment_id = ${environmentId} and g.integration_id = ${integrationId} and g.fingerprint = ${fingerprint} for update`.execute(
    db,
  )
  return rows[0] && toGrant(rows[0])
}

export interface NewGrant {
  id: string
  environmentId: string
  integrationId: string
  oauthClientId: string | undefined
  authMode: string
  dataKey: Buffer
  sealed: Buffer
  fingerprint: Buffer | undefined
  expiresAt: Date | undefined
}

/** False if another grant has the same refresh token: nothing was written then. */
export async function insertGrant(db: Db, grant: NewGrant): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into "grant" (id, environment_id, integration_id, oauth_client_id, auth_mode, data_key, credentials, fingerprint, expires_at)
    values (${grant.id}, ${grant.environmentId}, ${grant.integrationId}, ${grant.oauthClientId ?? null}, ${grant.authMode}, ${grant.dataKey},
      ${grant.sealed}, ${grant.fingerprint ?? null}, ${grant.expiresAt ?? null})
    on conflict (environment_id, integration_id, fingerprint) where fingerprint is not null do nothing`.execute(db)
  return (numAffectedRows ?? 0n) > 0n
}

/** New tokens from a sign-in or an import: whatever was wrong with the old ones is over. */
export async function renewGrant(
  db: Db,
  id: string,
  renewed: { oauthClientId: string | undefined; sealed: Buffer; expiresAt: Date | undefined },
): Promise<void> {
  await sql`
    update "grant" set credentials = ${renewed.sealed}, expires_at = ${renewed.expiresAt ?? null}, version = version + 1, brought = true,
      oauth_client_id = ${renewed.oauthClientId ?? null}, refreshed_at = hawser_now(), last_used_at = hawser_now(), failures = 0,
      cooldown_until = null, broken_at = null, failure = null, refresh_started_at = null
    where id = ${id}`.execute(db)
}

/** Deletes the grant, with the key of its tokens, unless a connection still lives on it; returns what it was. */
export async function removeUnheld(db: Db, id: string): Promise<StoredGrant | undefined> {
  const { rows } = await sql<GrantColumns>`
    delete from "grant" g where g.id = ${id} and not exists (select from connection where grant_id = ${id}) returning ${grantColumns}`.execute(
    db,
  )
  return rows[0] && toGrant(rows[0])
}

export async function lockGrantsOfIntegration(db: Db, integrationId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from "grant" where integration_id = ${integrationId} order by id for update`.execute(
    db,
  )
  return rows.map((row) => row.id)
}

/** One row a grant: when it was last used, and the longest time without use that its session survived. */
export interface NotedUse {
  grantId: string
  lastUsedAt: number
  longestIdleMs: number
}

/** Only ever raises the values, so that nodes may report in any order. */
export async function writeUses(db: Db, uses: readonly NotedUse[]): Promise<void> {
  const ids = uses.map((use) => use.grantId)
  await sql`
    with held as (select id from "grant" where id = any(${ids}::uuid[]) order by id for no key update)
    update "grant" g set last_used_at = greatest(g.last_used_at, u.last_used_at), longest_idle_ms = greatest(g.longest_idle_ms, u.longest_idle_ms)
    from held, unnest(${ids}::uuid[], ${uses.map((use) => new Date(use.lastUsedAt))}::timestamptz[],
      ${uses.map((use) => use.longestIdleMs)}::bigint[]) as u (id, last_used_at, longest_idle_ms)
    where g.id = u.id and held.id = u.id`.execute(db)
}

/** A connection (row uuid) that lives on a grant. */
export interface DueGrant {
  environmentId: string
  connectionId: string
}

const renewable = sql`
  g.broken_at is null and g.fingerprint is not null and g.refresh_started_at is null
    and (g.cooldown_until is null or g.cooldown_until < hawser_now()) and (g.lease_until is null or g.lease_until < hawser_now())
    and exists (select from connection where grant_id = g.id)`

/**
 * Grants in use whose tokens end soon, so that the next call does not wait; those that nobody used for a day are renewed by their next call. Left out,
 * here as below: broken and cooling grants, and those with a refresh whose outcome is unknown (only a proof that the access token has stopped working
 * justifies another try). Without a fingerprint there is no refresh token.
 */
export function grantsEndingSoon(db: Db, options: { withinMs: number; limit: number }): Promise<DueGrant[]> {
  return dueGrants(
    db,
    sql`g.expires_at < hawser_now() + ${ms(options.withinMs)} and g.last_used_at > hawser_now() - interval '1 day'`,
    options.limit,
  )
}

/**
 * Grants whose refresh token was not used for long, longest first: providers drop idle ones (Salesforce after 30 days), and an access token that lives
 * by constant use does not count as use of the refresh token. Each has an age of its own between the two at which it is due, by a hash of its id and
 * version: those that were imported in one hour are not renewed in one hour for ever after.
 */
export function grantsLongUnrenewed(db: Db, options: { fromMs: number; toMs: number; limit: number }): Promise<DueGrant[]> {
  const share = sql`(hashtextextended(g.id::text || g.version::text, 0) & 65535)::double precision / 65536`
  return dueGrants(
    db,
    sql`g.refreshed_at < hawser_now() - ${ms(options.fromMs)}
      and g.refreshed_at < hawser_now() - ${ms(options.fromMs)} - ${share} * ${ms(options.toMs - options.fromMs)}`,
    options.limit,
  )
}

/** How many grants a renewal ahead of time is for. */
export async function countRenewable(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from "grant" where broken_at is null and fingerprint is not null`.execute(
    db,
  )
  return rows[0]!.count
}

async function dueGrants(db: Db, due: RawBuilder<unknown>, limit: number): Promise<DueGrant[]> {
  if (limit <= 0) return []
  const { rows } = await sql<{ environment_id: string; connection_id: string }>`
    with due as (select g.id, g.environment_id from "grant" g where ${renewable} and ${due} order by g.refreshed_at limit ${limit})
    select distinct on (due.id) due.environment_id, c.id as connection_id from due join connection c on c.grant_id = due.id
    order by due.id, c.id`.execute(db)
  return rows.map((row) => ({ environmentId: row.environment_id, connectionId: row.connection_id }))
}

function ms(duration: number) {
  return sql`make_interval(secs => ${duration / 1000}::double precision)`
}
