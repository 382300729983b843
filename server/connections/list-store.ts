import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'
import type { StoredConnection } from './connection.ts'
import { connectionColumns, toConnection, type ConnectionColumns } from './connection-row.ts'

export interface ListFilter {
  environmentId: string
  connectionId?: string | undefined
  /** Part of the connection's id, of its end user's id, name or address, of the organisation's id or name, or of the org's id, whatever the case. */
  search?: string | undefined
  endUserId?: string | undefined
  endUserOrganizationId?: string | undefined
  integrationKeys?: readonly string[] | undefined
  /** All of them must be there. */
  tags?: Record<string, string> | undefined
  /** What the caller may see. */
  limits?: Limits | undefined
  state?: ConnectionState | undefined
  /** The number of the row before. */
  before?: number | undefined
  limit: number
  offset: number
}

export interface ListedConnection {
  connection: StoredConnection
  integrationKey: string
  provider: string
  state: ConnectionState
}

export type ConnectionState = 'ok' | 'broken' | 'frozen'

type ListedColumns = ConnectionColumns & { i_unique_key: string; i_provider: string; state: ConnectionState }

// One look into a small table, whatever the connection.
const frozen = sql`exists (select from frozen f where f.environment_id = c.environment_id
  and (f.connection_id = c.id or f.integration_id = c.integration_id or (f.connection_id is null and f.integration_id is null)))`

async function conditionsOf(db: Kysely<unknown>, filter: Omit<ListFilter, 'limit' | 'offset'>): Promise<RawBuilder<unknown>> {
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
    const part = `%${filter.search.toLowerCase().replace(/[\\%_]/g, (wildcard) => `\\${wildcard}`)}%`
    conditions.push(sql`c.search_text like ${part}`)
  }
  if (filter.state !== undefined)
    conditions.push(conditionOfState(filter.environmentId, filter.state, await frozenThere(db, filter.environmentId)))
  if (filter.before !== undefined) conditions.push(sql`c.number < ${filter.before}::bigint`)
  return sql.join(conditions, sql` and `)
}

/** What is frozen in an environment. */
interface FrozenThere {
  all: boolean
  integrations: boolean
  connections: boolean
}

async function frozenThere(db: Kysely<unknown>, environmentId: string): Promise<FrozenThere> {
  const { rows } = await sql<FrozenThere>`
    select coalesce(bool_or(integration_id is null and connection_id is null), false) as all,
      coalesce(bool_or(integration_id is not null), false) as integrations, coalesce(bool_or(connection_id is not null), false) as connections
    from frozen where environment_id = ${environmentId}`.execute(db)
  return rows[0]!
}

/** Only what there is takes part: usually nothing is frozen, and PostgreSQL would look for it once a row. */
function conditionOfState(environmentId: string, state: ConnectionState, there: FrozenThere): RawBuilder<unknown> {
  // One term stands alone: PostgreSQL makes a join of it, but not of a part of an "or".
  const terms = [
    ...(there.all ? [sql`true`] : []),
    ...(there.integrations
      ? [
          sql`c.integration_id in (select integration_id from frozen where environment_id = ${environmentId} and integration_id is not null)`,
        ]
      : []),
    ...(there.connections
      ? [sql`c.id in (select connection_id from frozen where environment_id = ${environmentId} and connection_id is not null)`]
      : []),
  ]
  const stopped = terms.length === 0 ? sql`false` : sql.join(terms, sql` or `)
  const dead = sql`select id from "grant" where environment_id = ${environmentId} and broken_at is not null`
  if (state === 'frozen') return sql`(${stopped})`
  if (state === 'broken') return sql`c.grant_id in (${dead}) and not (${stopped})`
  return sql`(c.grant_id is null or c.grant_id not in (${dead})) and not (${stopped})`
}

/** Newest first. The page is found first, by the narrow index where there is no filter; only its rows are read whole and joined. */
export async function list(db: Kysely<unknown>, filter: ListFilter): Promise<ListedConnection[]> {
  const conditions = await conditionsOf(db, filter)
  const { rows } = await sql<ListedColumns>`
    select ${connectionColumns}, i.unique_key as i_unique_key, i.provider as i_provider,
      case when ${frozen} then 'frozen' when g.broken_at is not null then 'broken' else 'ok' end as state
    from (
      select c.number from connection c where ${conditions}
      order by c.number desc limit ${filter.limit} offset ${filter.offset}
    ) page
    join connection c on c.number = page.number join integration i on i.id = c.integration_id left join "grant" g on g.id = c.grant_id
    order by c.number desc`.execute(db)
  return rows.map((row) => ({
    connection: toConnection(row),
    integrationKey: row.i_unique_key,
    provider: row.i_provider,
    state: row.state,
  }))
}

/** How many fit; more than `most` are not counted. */
export async function count(db: Kysely<unknown>, filter: Omit<ListFilter, 'limit' | 'offset'>, most: number): Promise<number> {
  const conditions = await conditionsOf(db, filter)
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select 1 from connection c where ${conditions} limit ${most + 1}) found`.execute(db)
  return rows[0]!.count
}
