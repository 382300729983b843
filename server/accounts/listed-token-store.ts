/** The tokens for connections as lists show them: SQL over `connection_token`, its connection and its key. */
import { sql, type Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'

export interface TokenFilter {
  environmentId: string
  id?: string | undefined
  integrationKey?: string | undefined
  connectionId?: string | undefined
  /** An API key or a signing key. */
  madeBy?: string | undefined
  /** Of the calling key: connections that it does not see have no tokens. */
  limits?: Limits | undefined
  /** Those that come after this one in the list. */
  before?: string | undefined
  limit: number
}

export interface ListedToken {
  id: string
  display_name: string | null
  hint: string | null
  connection_id: string
  unique_key: string
  limits: Limits | null
  maker_kind: 'api_key' | 'signing_key' | 'person'
  maker_id: string
  maker_name: string
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
}

/** Those that still work, latest first. */
export async function listTokens(db: Kysely<unknown>, filter: TokenFilter): Promise<ListedToken[]> {
  const { environmentId } = filter
  const conditions = [
    sql`t.environment_id = ${environmentId}`,
    sql`t.expires_at > hawser_now()`,
    sql`coalesce(k.expires_at, s.expires_at, ps.expires_at, 'infinity') > hawser_now()`,
  ]
  if (filter.id !== undefined) conditions.push(sql`t.id = ${filter.id}`)
  if (filter.integrationKey !== undefined) conditions.push(sql`i.unique_key = ${filter.integrationKey}`)
  if (filter.connectionId !== undefined) conditions.push(sql`c.connection_id = ${filter.connectionId}`)
  if (filter.madeBy !== undefined) conditions.push(sql`(t.api_key_id = ${filter.madeBy} or t.signing_key_id = ${filter.madeBy})`)
  const { integrations, connections } = filter.limits ?? {}
  if (integrations !== undefined) conditions.push(sql`i.unique_key = any(${integrations}::text[])`)
  if (connections?.ids !== undefined) conditions.push(sql`c.connection_id = any(${connections.ids}::text[])`)
  if (connections?.tags !== undefined) conditions.push(sql`c.tags @> ${JSON.stringify(connections.tags)}::jsonb`)
  // Ids grow with time, to the millisecond.
  if (filter.before !== undefined) conditions.push(sql`t.id < ${filter.before}`)
  const { rows } = await sql<ListedToken>`
    select t.id, t.display_name, t.hint, c.connection_id, i.unique_key, t.limits, t.created_at, t.last_used_at,
      case when k.id is not null then 'api_key' when s.id is not null then 'signing_key' else 'person' end as maker_kind,
      coalesce(k.id, s.id, p.id) as maker_id, coalesce(k.display_name, s.display_name, p.email) as maker_name,
      least(t.expires_at, k.expires_at, s.expires_at, ps.expires_at) as expires_at
    from connection_token t join connection c on c.id = t.connection_id join integration i on i.id = c.integration_id
      left join api_key k on k.id = t.api_key_id left join signing_key s on s.id = t.signing_key_id
      left join person_session ps on ps.id = t.person_session_id left join person p on p.id = ps.person_id
    where ${sql.join(conditions, sql` and `)} order by t.id desc limit ${filter.limit}`.execute(db)
  return rows
}
