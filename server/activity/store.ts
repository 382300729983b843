/** SQL of the table `activity`. */
import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { ActorKind, OperationKind } from './operation.ts'
import type { ActivityRow, Detail } from './row-of.ts'

type Db = Kysely<unknown>

/** Name and type of each column. `json` is parsed by PostgreSQL several times faster than as many arrays are written here. */
const COLUMNS: Readonly<Record<keyof ActivityRow, string>> = {
  id: 'uuid',
  environment_id: 'uuid',
  kind: 'text',
  action: 'text',
  failed: 'boolean',
  status: 'smallint',
  duration_ms: 'integer',
  integration_key: 'text',
  connection_uuid: 'uuid',
  connection_name: 'text',
  end_user_id: 'text',
  actor_kind: 'text',
  actor_id: 'text',
  method: 'text',
  host: 'text',
  path: 'text',
  error_code: 'text',
  error_title: 'text',
  detail: 'jsonb',
}
const names = sql.raw(Object.keys(COLUMNS).join(', '))
const typed = sql.raw(
  Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(', '),
)

export async function insertRows(db: Db, rows: readonly ActivityRow[]): Promise<void> {
  await sql`insert into activity (${names}) select ${names} from json_to_recordset(${JSON.stringify(rows)}::json) as r (${typed})`.execute(
    db,
  )
}

export interface ActivityFilter {
  environmentId: string
  kinds?: readonly string[] | undefined
  failed?: boolean | undefined
  integrationKey?: string | undefined
  /** Row uuids; empty: those that are called `connectionName`, which is of none that exists. */
  connections?: readonly string[] | undefined
  connectionName?: string | undefined
  endUserId?: string | undefined
  search?: string | undefined
  /** Ids: from (inclusive), and before or after another row's. */
  from?: string | undefined
  before?: string | undefined
  after?: string | undefined
  limit: number
}

export interface ListedRow {
  id: string
  kind: OperationKind
  action: string
  failed: boolean
  status: number | null
  duration_ms: number | null
  integration_key: string | null
  connection_name: string | null
  end_user_id: string | null
  actor_kind: ActorKind
  actor_id: string | null
  method: string | null
  host: string | null
  path: string | null
  error_code: string | null
  error_title: string | null
}

export interface FoundPage {
  rows: ListedRow[]
  /** The last row that was looked at, where the page ended there and not for want of rows. */
  lookedUntil: string | undefined
}

/** What no index serves is looked for in so many rows, then the page ends; a text in fewer, since each row's has to be put together. */
export const MOST_LOOKED_AT = 100_000
export const MOST_SEARCHED = 50_000

const SHOWN = `a.id, a.kind, a.action, a.failed, a.status, a.duration_ms, a.integration_key, a.end_user_id, a.actor_kind, a.actor_id,
  a.method, a.host, a.path, a.error_code, a.error_title, coalesce(a.connection_name, c.connection_id) as connection_name`
const shown = sql.raw(SHOWN)

/** Latest first; with `after`, earliest first. */
export async function listRows(db: Db, filter: ActivityFilter): Promise<FoundPage> {
  const order = sql.raw(filter.after === undefined ? 'desc' : 'asc')
  const served = sql.join(servedByIndex(filter), sql` and `)
  const rest = lookedFor(filter)
  const most = filter.search === undefined ? MOST_LOOKED_AT : MOST_SEARCHED
  const page =
    rest.length === 0
      ? sql`select * from activity where ${served} order by id ${order} limit ${filter.limit}`
      : sql`select * from (select * from activity where ${served} order by id ${order} limit ${most}) looked
          where ${sql.join(rest, sql` and `)} order by id ${order} limit ${filter.limit}`
  const { rows } = await sql<ListedRow>`
    select ${shown} from (${page}) a left join connection c on c.id = a.connection_uuid order by a.id ${order}`.execute(db)
  if (rest.length === 0 || rows.length === filter.limit) return { rows, lookedUntil: undefined }
  const { rows: last } = await sql<{ id: string }>`
    select id from activity where ${served} order by id ${order} offset ${most - 1} limit 1`.execute(db)
  return { rows, lookedUntil: last[0]?.id }
}

function servedByIndex({ environmentId, kinds, failed, connections, from, before, after }: ActivityFilter): RawBuilder<unknown>[] {
  const conditions = [sql`environment_id = ${environmentId}`]
  if (from !== undefined) conditions.push(sql`id >= ${from}::uuid`)
  if (before !== undefined) conditions.push(sql`id < ${before}::uuid`)
  if (after !== undefined) conditions.push(sql`id > ${after}::uuid`)
  if (failed === true) conditions.push(sql`failed`)
  if (kinds !== undefined && !kinds.includes('call')) conditions.push(sql`kind <> 'call' and kind = any(${[...kinds]}::text[])`)
  if (connections?.length === 1) conditions.push(sql`connection_uuid = ${connections[0]}::uuid`)
  else if (connections !== undefined && connections.length > 1) conditions.push(sql`connection_uuid = any(${[...connections]}::uuid[])`)
  return conditions
}

function lookedFor(filter: ActivityFilter): RawBuilder<unknown>[] {
  const { kinds, failed, connections, connectionName, integrationKey, endUserId, search } = filter
  const conditions: RawBuilder<unknown>[] = []
  if (failed === false) conditions.push(sql`not failed`)
  if (kinds?.includes('call')) conditions.push(sql`kind = any(${[...kinds]}::text[])`)
  if (connections?.length === 0) conditions.push(sql`connection_name = ${connectionName}`)
  if (integrationKey !== undefined) conditions.push(sql`integration_key = ${integrationKey}`)
  if (endUserId !== undefined) conditions.push(sql`end_user_id = ${endUserId}`)
  if (search !== undefined)
    conditions.push(
      sql`strpos(lower(concat_ws(' ', path, host, error_code, connection_name, end_user_id, actor_id) collate "C"), lower(${search}::text collate "C")) > 0`,
    )
  return conditions
}

export async function findRow(db: Db, environmentId: string, id: string): Promise<(ListedRow & { detail: Detail | null }) | undefined> {
  const { rows } = await sql<ListedRow & { detail: Detail | null }>`
    select ${shown}, a.detail from activity a left join connection c on c.id = a.connection_uuid
    where a.environment_id = ${environmentId} and a.id = ${id} limit 1`.execute(db)
  return rows[0]
}

/** At most 100; of several integrations each may have one of the name. */
export async function connectionsNamed(db: Db, environmentId: string, connectionId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from connection where environment_id = ${environmentId} and connection_id = ${connectionId} limit 100`.execute(db)
  return rows.map((row) => row.id)
}

/** Of an end user who has to be forgotten: his rows stay as counts of what was done, without his id. Returns how many named him. */
export async function forgetEndUser(db: Db, environmentId: string, endUserId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    update activity set end_user_id = null where environment_id = ${environmentId} and end_user_id = ${endUserId}`.execute(db)
  return Number(numAffectedRows ?? 0)
}
