import { sql, type Kysely, type RawBuilder } from 'kysely'
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

/** Connections of one name, one an integration. */
const MOST_CONNECTIONS = 200

/** Latest first. Each filter has an index that gives the rows in this order, so that a page costs the same in a long trail. */
export async function listRows(kysely: Kysely<unknown>, filter: AuditFilter): Promise<AuditRow[]> {
  const { environmentId, connection } = filter
  const own = sql`environment_id = ${environmentId}`
  const ofPeople = sql`(${own} or environment_id = ${NO_ENVIRONMENT} and actor ->> 'kind' in ('person', 'visitor', 'command_line'))`
  const conditions = [filter.ofPeople ? ofPeople : own]
  if (filter.from) conditions.push(sql`at >= ${filter.from}`)
  if (filter.to) conditions.push(sql`at < ${filter.to}`)
  if (filter.action !== undefined) conditions.push(sql`action = ${filter.action}`)
  if (filter.actorId !== undefined) conditions.push(sql`actor ->> 'id' = ${filter.actorId}`)
  if (filter.integrationKey !== undefined)
    // The index is one of rows that have one; so below.
    conditions.push(sql`subject ? 'integration' and subject ->> 'integration' = ${filter.integrationKey}`)
  if (filter.after) conditions.push(sql`(at, chain, seq) < (${filter.after.at}, ${filter.after.chain}::uuid, ${filter.after.seq}::bigint)`)
  if (connection !== undefined) conditions.push(sql`subject ? 'connection' and subject ->> 'connection' = named.id`)
  const page = sql`
    select * from audit_event where ${sql.join(conditions, sql` and `)}
    order by at desc, chain desc, seq desc limit ${filter.limit}`
  const { rows } = await (
    connection === undefined ? page : sql`${pageOfEach(page, environmentId, connection)} limit ${filter.limit}`
  ).execute(kysely)
  return (rows as Parameters<typeof toRow>[0][]).map(toRow)
}

/** A page for each connection of that name, or with that uuid, as one. With a list of ids PostgreSQL would sort all their rows, or read all others. */
function pageOfEach(page: RawBuilder<unknown>, environmentId: string, connection: string): RawBuilder<unknown> {
  return sql`
    select row.* from (
      (select id::text from connection where environment_id = ${environmentId} and connection_id = ${connection} limit ${MOST_CONNECTIONS})
      union select ${connection.toLowerCase()}::text
    ) named (id)
    cross join lateral (${page}) row
    order by row.at desc, row.chain desc, row.seq desc`
}
