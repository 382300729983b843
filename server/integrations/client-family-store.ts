/** SQL over the rows of `oauth_client` that are credentials of one app: tied by `succeeds`, in whichever direction. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { StoredOAuthClient } from './oauth-client-store.ts'

export interface ListedClient {
  id: string
  clientId: string
  state: StoredOAuthClient['state']
  hasSecret: boolean
  connections: number
  brokenConnections: number
  succeeds: string | null
  createdAt: Date
  retiredAt: Date | null
}

interface ListedRow {
  id: string
  client_id: string
  state: StoredOAuthClient['state']
  has_secret: boolean
  connections: number
  broken: number
  succeeds: string | null
  created_at: Date
  retired_at: Date | null
}

const MOST_LISTED = 200

/** The active one first, then the staged one, then the retired ones from the latest on; at most 200. `id`: this one alone. */
export async function listedClients(db: Kysely<unknown>, integrationId: string, id?: string): Promise<ListedClient[]> {
  const { rows } = await sql<ListedRow>`
    select c.id, c.client_id, c.state, c.secret is not null as has_secret, c.succeeds, c.created_at, c.retired_at, uses.connections, uses.broken
    from oauth_client c
      cross join lateral (
        select count(*)::int as connections, count(*) filter (where g.broken_at is not null)::int as broken
        from "grant" g join connection n on n.grant_id = g.id where g.oauth_client_id = c.id) uses
    where c.integration_id = ${integrationId} and c.connection_id is null and (${id ?? null}::uuid is null or c.id = ${id ?? null}::uuid)
    order by array_position(array['active', 'staged', 'retired'], c.state), c.created_at desc, c.id limit ${MOST_LISTED}`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    clientId: row.client_id,
    state: row.state,
    hasSecret: row.has_secret,
    connections: row.connections,
    brokenConnections: row.broken,
    succeeds: row.succeeds,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  }))
}

/** Why a row cannot go: connections whose tokens it minted (`examples`: five of their ids), and sign-ins that left with it. */
export interface ClientUses {
  connections: number
  sign_ins: number
  examples: string[]
}

export async function usesOf(db: Kysely<unknown>, id: string): Promise<ClientUses> {
  const { rows } = await sql<ClientUses>`
    with held as (
      select n.connection_id, n.number from "grant" g join connection n on n.grant_id = g.id where g.oauth_client_id = ${id})
    select (select count(*)::int from held) as connections,
      (select count(*)::int from pending_oauth where oauth_client_id = ${id} and deadline > hawser_now()) as sign_ins,
      array(select connection_id from held order by number limit 5) as examples`.execute(db)
  return rows[0]!
}

/** Ids of the rows that are credentials of the same app, the given one among them. `union` ends the walk where rows follow each other in a circle. */
const familyOf = (id: string) => sql`
  with recursive family as (
    select id, succeeds from oauth_client where id = ${id}
    union
    select c.id, c.succeeds from oauth_client c join family f on c.succeeds = f.id or c.id = f.succeeds)`

/** The other rows of the same app, the likeliest to work first: active, staged, then the latest retired. */
export async function relativesOf(db: Kysely<unknown>, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    ${familyOf(id)} select c.id from oauth_client c join family f on f.id = c.id where c.id <> ${id}
    order by array_position(array['active', 'staged', 'retired'], c.state), c.retired_at desc nulls last, c.id limit 10`.execute(db)
  return rows.map((row) => row.id)
}

/**
 * The active row of the same app, if the provider has accepted it since `id` was retired: some grant was minted or renewed with it. Without
 * that proof a mistyped secret would be found out only when nothing else is left.
 */
export async function provenSuccessorOf(db: Kysely<unknown>, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    ${familyOf(id)} select c.id from oauth_client c join family f on f.id = c.id
    where c.state = 'active' and c.id <> ${id} and exists (
      select from "grant" g where g.oauth_client_id = c.id and g.broken_at is null
      and g.refreshed_at > (select retired_at from oauth_client where id = ${id}))`.execute(db)
  return rows[0]?.id
}

/** Hands the grants of one row to another of the same app; returns of how many connections. Locked in one order, as all who lock several. */
export async function moveGrants(db: Kysely<unknown>, from: string, to: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with held as (select id from "grant" where oauth_client_id = ${from} order by id for no key update),
    moved as (update "grant" g set oauth_client_id = ${to} from held where g.id = held.id returning g.id)
    select count(*)::int as count from connection n join moved on n.grant_id = moved.id`.execute(db)
  return rows[0]?.count ?? 0
}

/** After a refresh that succeeded with another row of the same app than the one the grant names. */
export async function moveGrant(db: Kysely<unknown>, grantId: string, from: string | undefined, to: string): Promise<void> {
  await sql`
    update "grant" set oauth_client_id = ${to} where id = ${grantId} and oauth_client_id is not distinct from ${from ?? null}::uuid`.execute(
    db,
  )
}

/** Before a row goes from the middle: what followed it now follows its predecessor, so that the app's rows stay together. */
export async function closeRanks(db: Kysely<unknown>, id: string): Promise<void> {
  await sql`
    update oauth_client c set succeeds = gone.succeeds from oauth_client gone
    where gone.id = ${id} and c.succeeds = gone.id and gone.succeeds is distinct from c.id`.execute(db)
}
