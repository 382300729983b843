import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'
import type { StoredConnection } from './connection.ts'
import { connectionColumns, toConnection, type ConnectionColumns } from './connection-row.ts'

export interface ListFilter {
  environmentId: string
  connectionId?: string | undefined
  /** Part of the connection's id or of its end user's name or address, whatever the case. */
  search?: string | undefined
  endUserId?: string | undefined
  endUserOrganizationId?: string | undefined
  integrationKeys?: readonly string[] | undefined
  /** All of them must be there. */
  tags?: Record<string, string> | undefined
  /** What the caller may see. */
  limits?: Limits | undefined
  limit: number
  offset: number
}

export interface ListedConnection {
  connection: StoredConnection
  integrationKey: string
  provider: string
}

type ListedColumns = ConnectionColumns & { i_unique_key: string; i_provider: string }

/** Newest first. The page is found first, by the narrow index where there is no filter; only its rows are read whole and joined. */
export async function list(db: Kysely<unknown>, filter: ListFilter): Promise<ListedConnection[]> {
  const conditions = [sql`c.environment_id = ${filter.environmentId}`]
  if (filter.connectionId !== undefined) conditions.push(sql`c.connection_id = ${filter.connectionId}`)
  if (filter.endUserId !== undefined) conditions.push(sql`c.end_user ->> 'id' = ${filter.endUserId}`)
  if (filter.endUserOrganizationId !== undefined)
    conditions.push(sql`c.end_user -> 'organization' ->> 'id' = ${filter.endUserOrganizationId}`)
  if (filter.integrationKeys !== undefined)
    conditions.push(sql`c.integration_id in (
      select id from integration where environment_id = ${filter.environmentId} and unique_key = any(${[...filter.integrationKeys]}::text[]))`)
  if (filter.tags !== undefined) conditions.push(sql`c.tags @> ${JSON.stringify(filter.tags)}::jsonb`)
  const { integrations, connections } = filter.limits ?? {}
  if (integrations !== undefined)
    conditions.push(sql`c.integration_id in (
      select id from integration where environment_id = ${filter.environmentId} and unique_key = any(${integrations}::text[]))`)
  if (connections?.ids !== undefined) conditions.push(sql`c.connection_id = any(${connections.ids}::text[])`)
  if (connections?.tags !== undefined) conditions.push(sql`c.tags @> ${JSON.stringify(connections.tags)}::jsonb`)
  if (filter.search !== undefined) {
    const part = `%${filter.search.replace(/[\\%_]/g, (wildcard) => `\\${wildcard}`)}%`
    conditions.push(
      sql`(c.connection_id ilike ${part} or c.end_user ->> 'display_name' ilike ${part} or c.end_user ->> 'email' ilike ${part})`,
    )
  }
  const { rows } = await sql<ListedColumns>`
    select ${connectionColumns}, i.unique_key as i_unique_key, i.provider as i_provider
    from (
      select c.number from connection c where ${sql.join(conditions, sql` and `)}
      order by c.number desc limit ${filter.limit} offset ${filter.offset}
    ) page
    join connection c on c.number = page.number join integration i on i.id = c.integration_id
    order by c.number desc`.execute(db)
  return rows.map((row) => ({ connection: toConnection(row), integrationKey: row.i_unique_key, provider: row.i_provider }))
}
