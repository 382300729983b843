import { sql, type Kysely } from 'kysely'
import { NO_ENVIRONMENT } from './anchors.ts'
import type { AuditRow } from './chain.ts'
import { toRow } from './store.ts'

/** Where the page before ended. */
export interface Place {
  at: Date
  chain: string
  seq: number
}

export interface AuditFilter {
  environmentId: string
  /** Also what people did that belongs to no environment: sign-ins, invitations. */
  ofPeople?: boolean
  from?: Date | undefined
  /** Exclusive. */
  to?: Date | undefined
  action?: string | undefined
  actorId?: string | undefined
  /** The name of a connection that exists, or the uuid of one. */
  connection?: string | undefined
  integrationKey?: string | undefined
  after?: Place | undefined
  limit: number
}

export async function listRows(kysely: Kysely<unknown>, filter: AuditFilter): Promise<AuditRow[]> {
  const { environmentId, connection } = filter
  const own = sql`environment_id = ${environmentId}`
  const ofPeople = sql`(${own} or environment_id = ${NO_ENVIRONMENT} and actor ->> 'kind' in ('person', 'visitor', 'command_line'))`
  const conditions = [filter.ofPeople ? ofPeople : own]
  if (filter.from) conditions.push(sql`at >= ${filter.from}`)
  if (filter.to) conditions.push(sql`at < ${filter.to}`)
  if (filter.action !== undefined) conditions.push(sql`action = ${filter.action}`)
  if (filter.actorId !== undefined) conditions.push(sql`actor ->> 'id' = ${filter.actorId}`)
  if (filter.integrationKey !== undefined) conditions.push(sql`subject ->> 'integration' = ${filter.integrationKey}`)
  if (connection !== undefined)
    // The index on connections is one of rows that have one.
    conditions.push(sql`subject ? 'connection' and subject ->> 'connection' = any(array(
      select id::text from connection where environment_id = ${environmentId} and connection_id = ${connection} limit 1000) || ${connection.toLowerCase()}::text)`)
  if (filter.after) conditions.push(sql`(at, chain, seq) < (${filter.after.at}, ${filter.after.chain}::uuid, ${filter.after.seq}::bigint)`)
  const { rows } = await sql<Parameters<typeof toRow>[0]>`
    select * from audit_event where ${sql.join(conditions, sql` and `)}
    order by at desc, chain desc, seq desc limit ${filter.limit}`.execute(kysely)
  return rows.map(toRow)
}
