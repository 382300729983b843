/** SQL of the outbox as people see it. */
import { sql, type Kysely } from 'kysely'
import type { Try } from './store.ts'

type Db = Kysely<unknown>
export type DeliveryState = 'waiting' | 'delivered' | 'given_up'

export interface StoredDelivery {
  id: string
  type: string
  connection_name: string | null
  integration_key: string | null
  url: string
  attempts: number
  created_at: Date
  delivered_at: Date | null
  given_up_at: Date | null
  next_attempt_at: Date | null
  replayed_at: Date | null
  last_status: number | null
  last_error: string | null
}

export interface WholeDelivery extends StoredDelivery {
  payload: Record<string, unknown>
  tries: Try[]
}

/** The payload says whose it is also when the connection is gone. */
const columns = sql.raw(`e.id, e.type, coalesce(e.payload ->> 'connectionId', e.payload -> 'data' ->> 'connection_id') as connection_name,
  coalesce(e.payload ->> 'providerConfigKey', e.payload -> 'data' ->> 'provider_config_key') as integration_key, e.url, e.attempts, e.created_at,
  e.delivered_at, e.given_up_at, e.next_attempt_at, e.replayed_at, (e.tries -> -1 ->> 'status')::int as last_status, e.last_error`)

const WAITING = sql`e.delivered_at is null and e.given_up_at is null`

export interface DeliveryFilter {
  environmentId: string
  state?: DeliveryState | undefined
  type?: string | undefined
  /** A connection's id. */
  connection?: string | undefined
  from?: Date | undefined
  /** Exclusive. */
  to?: Date | undefined
  /** Those that come after this one in the list. */
  before?: string | undefined
  limit: number
}

/** Latest first. */
export async function listBy(db: Db, filter: DeliveryFilter): Promise<StoredDelivery[]> {
  const { environmentId, state } = filter
  const conditions = [sql`e.environment_id = ${environmentId} and e.type <> 'alert'`]
  if (state === 'waiting') conditions.push(WAITING)
  if (state === 'delivered') conditions.push(sql`e.delivered_at is not null`)
  if (state === 'given_up') conditions.push(sql`e.given_up_at is not null`)
  if (filter.type !== undefined) conditions.push(sql`e.type = ${filter.type}`)
  if (filter.connection !== undefined)
    conditions.push(sql`e.connection_id = any(array(
      select id from connection where environment_id = ${environmentId} and connection_id = ${filter.connection} limit 100))`)
  if (filter.from !== undefined) conditions.push(sql`e.created_at >= ${filter.from}`)
  if (filter.to !== undefined) conditions.push(sql`e.created_at < ${filter.to}`)
  if (filter.before !== undefined) conditions.push(sql`e.id < ${filter.before}::uuid`)
  const { rows } = await sql<StoredDelivery>`
    select ${columns} from event e where ${sql.join(conditions, sql` and `)} order by e.id desc limit ${filter.limit}`.execute(db)
  return rows
}

export async function findDelivery(db: Db, environmentId: string, id: string): Promise<WholeDelivery | undefined> {
  const { rows } = await sql<WholeDelivery>`
    select ${columns}, e.payload, e.tries from event e
    where e.id = ${id} and e.environment_id = ${environmentId} and e.type <> 'alert'`.execute(db)
  return rows[0]
}

const URL_NOW = sql`coalesce(
  nullif((select c.webhook_url_override from connection c where c.id = e.connection_id), ''),
  (select n.webhook_url from environment n where n.id = e.environment_id), e.url)`
const AGAIN = sql`delivered_at = null, given_up_at = null, attempts = 0, last_error = null, next_attempt_at = null, replayed_at = hawser_now(), url = ${URL_NOW}`

/** Undefined if it waits to be sent as it is, or is gone. */
export async function setWaitingAgain(db: Db, environmentId: string, id: string): Promise<StoredDelivery | undefined> {
  const { rows } = await sql<StoredDelivery>`
    update event e set ${AGAIN}
    where e.id = ${id} and e.environment_id = ${environmentId} and e.type <> 'alert' and not (${WAITING}) returning ${columns}`.execute(db)
  return rows[0]
}

export interface GivenUpRange {
  environmentId: string
  from: Date
  /** Exclusive. */
  to: Date
  type: string | undefined
}

const givenUp = ({ environmentId, from, to, type }: GivenUpRange) => sql`e.environment_id = ${environmentId} and e.type <> 'alert'
  and e.given_up_at is not null and e.created_at >= ${from} and e.created_at < ${to} ${type === undefined ? sql`` : sql`and e.type = ${type}`}`

/** Earliest first; returns their ids. */
export async function setGivenUpWaitingAgain(db: Db, range: GivenUpRange, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with wanted as (select e.id from event e where ${givenUp(range)} order by e.id limit ${limit} for update skip locked)
    update event e set ${AGAIN} from wanted where e.id = wanted.id returning e.id`.execute(db)
  return rows.map((row) => row.id)
}

export async function countGivenUp(db: Db, range: GivenUpRange): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from event e where ${givenUp(range)}`.execute(db)
  return rows[0]!.count
}
