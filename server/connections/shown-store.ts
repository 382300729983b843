/** SQL of what `GET /connections/:id` shows. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { StoredConnection } from './connection.ts'
import { connectionColumns, toConnection, type ConnectionColumns } from './connection-row.ts'

export interface ShownConnection {
  connection: StoredConnection
  hasIssues: boolean
  /** Of the grant as it is now. */
  oauthClientId: string | undefined
  /** The client id, where the client is the customer's own. */
  ownClientId: string | undefined
}

/** By row uuid, in one statement. */
export async function shownConnections(db: Kysely<unknown>, ids: readonly string[]): Promise<Map<string, ShownConnection>> {
  const { rows } = await sql<ConnectionColumns & { has_issues: boolean; oauth_client_id: string | null; own_client_id: string | null }>`
    select ${connectionColumns}, o.id as oauth_client_id, case when o.connection_id is not null then o.client_id end as own_client_id,
      exists (select from issue where connection_id = c.id and closed_at is null) as has_issues
    from connection c left join "grant" g on g.id = c.grant_id left join oauth_client o on o.id = g.oauth_client_id
    where c.id = any(${[...ids]}::uuid[])`.execute(db)
  return new Map(
    rows.map((row) => [
      row.c_id,
      {
        connection: toConnection(row),
        hasIssues: row.has_issues,
        oauthClientId: row.oauth_client_id ?? undefined,
        ownClientId: row.own_client_id ?? undefined,
      },
    ]),
  )
}

/** Pairs of row uuid and ms since 1970, in the order of the uuids, in which the rows are locked. */
export async function writeFetches(db: Kysely<unknown>, notes: readonly (readonly [string, number])[]): Promise<void> {
  const ids = notes.map(([id]) => id)
  await sql`
    with locked as (select id from connection where id = any(${ids}::uuid[]) order by id for no key update)
    update connection c set last_fetched_at = greatest(c.last_fetched_at, n.at)
    from unnest(${ids}::uuid[], ${notes.map(([, at]) => new Date(at))}::timestamptz[]) as n (id, at), locked
    where c.id = n.id and locked.id = n.id`.execute(db)
}
