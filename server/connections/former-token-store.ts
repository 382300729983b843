/**
 * SQL of the table `former_refresh_token`: which refresh tokens a grant no longer lives on. With rotation, a token that is used a second time ends the
 * newer one with it (Salesforce, V: "Re-using an old refresh token"; RFC 9700, 4.14.2); an old export of another system holds just such tokens.
 */
import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { StoredConnection, StoredGrant } from './connection.ts'
import { connectionColumns, grantColumns, toConnection, toGrant, type ConnectionColumns, type GrantColumns } from './connection-row.ts'

type Db = Kysely<unknown>

/** Newest of each kind that a grant remembers: of those that were brought in, whose copies are old, and of those that came by its refreshes. */
const KEPT = 20

export interface TokenChange {
  grantId: string
  /** Of the refresh token from now on; undefined: it is not marked, since another grant holds the same. */
  fingerprint: Buffer | undefined
  /** Of the refresh token that was sent. */
  sentFingerprint?: Buffer | undefined
}

/**
 * An UPDATE of `"grant" g` with new tokens, which notes in the same statement what they replace: the token in the row, and the one that was sent where that
 * is another. Undefined: `where` does not hold, and nothing was written.
 */
export async function updateTokens(
  db: Db,
  { grantId, fingerprint, sentFingerprint }: TokenChange,
  update: { set: RawBuilder<unknown>; where: RawBuilder<unknown> },
): Promise<StoredGrant | undefined> {
  const now = sql`${fingerprint ?? null}::bytea`
  const sent = sql`${sentFingerprint ?? null}::bytea`
  const { rows } = await sql<GrantColumns>`
    with held as (select id, fingerprint, brought from "grant" where id = ${grantId} for no key update),
    g as (
      update "grant" g set ${update.set}, fingerprint = ${now}, brought = held.brought and held.fingerprint is not distinct from ${now}
      from held where g.id = held.id and (${update.where})
      returning g.*, held.fingerprint as former, held.brought as former_brought),
    noted as (
      insert into former_refresh_token as f (grant_id, fingerprint, environment_id, brought)
      select distinct on (t.fingerprint) g.id, t.fingerprint, g.environment_id, t.brought
      from g, lateral (values (g.former, g.former_brought), (${sent}, g.former is null and g.former_brought)) as t (fingerprint, brought)
      where t.fingerprint is not null and t.fingerprint is distinct from ${now}
      order by t.fingerprint, t.brought desc
      on conflict (grant_id, fingerprint) do update
        set superseded = false, replaced_at = excluded.replaced_at, brought = f.brought or excluded.brought),
    forgotten as (
      delete from former_refresh_token f using g, (${beyondKept(grantId)}) old
      where f.grant_id = g.id and f.fingerprint = old.fingerprint and f.fingerprint is distinct from g.former and f.fingerprint is distinct from ${sent}),
    current_again as (delete from former_refresh_token f using g where f.grant_id = g.id and f.fingerprint = ${now})
    select ${grantColumns} from g`.execute(db)
  return rows[0] && toGrant(rows[0])
}

function beyondKept(grantId: string) {
  return sql`
    select fingerprint from (
      select fingerprint, row_number() over (partition by brought order by replaced_at desc, fingerprint) as place
      from former_refresh_token where grant_id = ${grantId}) kept
    where place >= ${KEPT}`
}

/**
 * A connection goes from one grant to another: what the first lived on, and had lived on, would put an older grant back in the place of the newer. Call it
 * before the first is deleted.
 */
export async function supersedeTokens(db: Db, from: string, to: string): Promise<void> {
  await sql`
    insert into former_refresh_token (grant_id, fingerprint, environment_id, brought, superseded, replaced_at)
    select next.id, t.fingerprint, next.environment_id, t.brought, true, t.replaced_at
    from "grant" next, (
      select fingerprint, brought, hawser_now() as replaced_at from "grant" where id = ${from} and fingerprint is not null
      union all select fingerprint, brought, replaced_at from former_refresh_token where grant_id = ${from}) t
    where next.id = ${to} and t.fingerprint is distinct from next.fingerprint
    on conflict (grant_id, fingerprint) do nothing`.execute(db)
  await sql`delete from former_refresh_token where grant_id = ${to} and fingerprint in (${beyondKept(to)})`.execute(db)
}

/** A sign-in has brought this token: by the provider's own word it is in use. */
export async function forgetFormer(db: Db, environmentId: string, fingerprint: Buffer): Promise<void> {
  await sql`delete from former_refresh_token where environment_id = ${environmentId} and fingerprint = ${fingerprint}`.execute(db)
}

/** Who has a newer refresh token in place of the one that was asked about. */
export interface NewerToken {
  replacedAt: Date
  connection: StoredConnection
  integrationKey: string
}

/**
 * Undefined: this token was never replaced here. One that was replaced by a refresh counts wherever it comes in; one that a later sign-in or import made
 * way for only where it would come back into the same connection, `into`.
 */
export async function newerToken(
  db: Db,
  asked: { environmentId: string; fingerprint: Buffer; into: { integrationId: string; connectionId: string | undefined } | undefined },
): Promise<NewerToken | undefined> {
  const { integrationId, connectionId } = asked.into ?? {}
  const { rows } = await sql<ConnectionColumns & { replaced_at: Date; unique_key: string }>`
    select ${connectionColumns}, f.replaced_at, i.unique_key
    from former_refresh_token f join connection c on c.grant_id = f.grant_id join integration i on i.id = c.integration_id
    where f.environment_id = ${asked.environmentId} and f.fingerprint = ${asked.fingerprint}
      and (not f.superseded or (c.integration_id = ${integrationId ?? null}::uuid and c.connection_id = ${connectionId ?? null}::text))
    order by f.superseded, c.id limit 1`.execute(db)
  const row = rows[0]
  return row && { replacedAt: row.replaced_at, connection: toConnection(row), integrationKey: row.unique_key }
}

/** Of a grant's own family: what its refreshes have replaced. */
export async function formerOf(db: Db, grantId: string): Promise<Buffer[]> {
  const { rows } = await sql<{ fingerprint: Buffer }>`
    select fingerprint from former_refresh_token where grant_id = ${grantId} and not superseded order by fingerprint`.execute(db)
  return rows.map((row) => row.fingerprint)
}

/**
 * Whether another grant of the environment, in whatever integration, lives on one of these tokens or on a successor. Grants that were revoked here do not
 * count.
 */
export async function heldElsewhere(
  db: Db,
  family: { environmentId: string; fingerprints: readonly Buffer[]; exceptGrantId?: string | undefined },
): Promise<boolean> {
  const { environmentId, fingerprints } = family
  if (fingerprints.length === 0) return false
  const another = sql`o.id is distinct from ${family.exceptGrantId ?? null}::uuid and o.failure #>> '{diagnosis,code}' is distinct from 'revoked-here'`
  const any = sql`any(${[...fingerprints]}::bytea[])`
  const { rows } = await sql<{ held: boolean }>`
    select exists (
        select from integration i join "grant" o on o.environment_id = i.environment_id and o.integration_id = i.id and o.fingerprint = ${any}
        where i.environment_id = ${environmentId} and ${another})
      or exists (
        select from former_refresh_token f join "grant" o on o.id = f.grant_id
        where f.environment_id = ${environmentId} and f.fingerprint = ${any} and not f.superseded and ${another}) as held`.execute(db)
  return rows[0]!.held
}

/**
 * Whether another grant of the same integration has replaced this refresh token of `"grant" g`. One row a token is the rule; rows without a mark (see
 * `updateTokens`) are the exception. Elsewhere one token may be used in several integrations on purpose, at providers that leave former ones alone.
 */
export function replacedByAnother(fingerprint: Buffer): RawBuilder<unknown> {
  return sql`exists (
    select from former_refresh_token f join "grant" o on o.id = f.grant_id
    where f.environment_id = g.environment_id and f.fingerprint = ${fingerprint} and not f.superseded
      and o.id <> g.id and o.integration_id = g.integration_id)`
}

export async function isReplacedByAnother(db: Db, grantId: string, fingerprint: Buffer): Promise<boolean> {
  const { rows } = await sql`select from "grant" g where g.id = ${grantId} and ${replacedByAnother(fingerprint)}`.execute(db)
  return rows.length > 0
}
