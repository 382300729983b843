import { sql, type Kysely } from 'kysely'

/** The database itself or a transaction. */
type Executor = Kysely<unknown>

export async function environmentOfEvent(
  executor: Executor,
  environmentId: string,
): Promise<{ name: string; webhookUrl: string | null } | undefined> {
  const { rows } = await sql<{ name: string; webhook_url: string | null }>`
    select name, webhook_url from environment where id = ${environmentId}`.execute(executor)
  return rows[0] && { name: rows[0].name, webhookUrl: rows[0].webhook_url }
}

export interface NewEvent {
  id: string
  environmentId: string
  /** The row's uuid. */
  connectionId: string | null
  type: string
  /** JSON text. */
  payload: string
  url: string
}

export async function insertEvent(executor: Executor, event: NewEvent): Promise<void> {
  await sql`insert into event (id, environment_id, connection_id, type, payload, url)
    values (${event.id}, ${event.environmentId}, ${event.connectionId}, ${event.type}, ${event.payload}::jsonb, ${event.url})`.execute(
    executor,
  )
}

/** An event for people: its URL is the server's setting, which is a secret and stays out of the database. */
export async function insertAlert(
  executor: Executor,
  alert: { id: string; environmentId: string; connectionId: string | null; payload: string },
): Promise<void> {
  await sql`insert into event (id, environment_id, connection_id, type, payload, url)
    values (${alert.id}, ${alert.environmentId}, ${alert.connectionId}, 'alert', ${alert.payload}::jsonb, '')`.execute(executor)
}

export interface ClaimedAlert {
  id: string
  payload: unknown
  /** This one included. */
  attempts: number
  createdAt: Date
}

/** Alerts that wait, oldest first; nobody else gets them for `claimMs`. */
export async function claimAlerts(executor: Executor, { limit, claimMs }: { limit: number; claimMs: number }): Promise<ClaimedAlert[]> {
  const { rows } = await sql<{ id: string; payload: unknown; attempts: number; created_at: Date }>`
    with waiting as (
      select id from event
      where type = 'alert' and delivered_at is null and given_up_at is null and (not_before is null or not_before <= hawser_now())
      order by created_at, id limit ${limit} for update skip locked),
    claimed as (
      update event e set attempts = e.attempts + 1, not_before = hawser_now() + make_interval(secs => ${claimMs / 1000}::double precision)
      from waiting where e.id = waiting.id returning e.id, e.payload, e.attempts, e.created_at)
    select * from claimed order by created_at, id`.execute(executor)
  return rows.map((row) => ({ id: row.id, payload: row.payload, attempts: row.attempts, createdAt: row.created_at }))
}

export async function setAlertsDelivered(executor: Executor, ids: readonly string[]): Promise<void> {
  await sql`update event set delivered_at = hawser_now(), last_error = null where id = any(${[...ids]}::uuid[])`.execute(executor)
}

export async function setAlertsGivenUp(executor: Executor, ids: readonly string[], error: string): Promise<void> {
  await sql`update event set given_up_at = hawser_now(), last_error = ${error} where id = any(${[...ids]}::uuid[])`.execute(executor)
}

export async function postponeAlerts(executor: Executor, ids: readonly string[], waitMs: number, error: string): Promise<void> {
  await sql`update event set not_before = hawser_now() + make_interval(secs => ${waitMs / 1000}::double precision), last_error = ${error}
    where id = any(${[...ids]}::uuid[])`.execute(executor)
}

export interface WaitingEvent {
  id: string
  environmentId: string
  environmentName: string
  connectionId: string | null
  type: string
  payload: unknown
  url: string
  attempts: number
  /** Or when it was sent again by hand. */
  createdAt: Date
  webhookDataKey: Buffer
  webhookKey: Buffer
}

/** Undefined if the event is settled already, or gone with its environment. */
export async function findWaitingEvent(executor: Executor, id: string): Promise<WaitingEvent | undefined> {
  const { rows } = await sql<{
    id: string
    environment_id: string
    name: string
    connection_id: string | null
    type: string
    payload: unknown
    url: string
    attempts: number
    created_at: Date
    webhook_data_key: Buffer
    webhook_key: Buffer
  }>`select e.id, e.environment_id, n.name, e.connection_id, e.type, e.payload, e.url, e.attempts,
      coalesce(e.replayed_at, e.created_at) as created_at, n.webhook_data_key, n.webhook_key
    from event e join environment n on n.id = e.environment_id
    where e.id = ${id} and e.type <> 'alert' and e.delivered_at is null and e.given_up_at is null`.execute(executor)
  const row = rows[0]
  return (
    row && {
      id: row.id,
      environmentId: row.environment_id,
      environmentName: row.name,
      connectionId: row.connection_id,
      type: row.type,
      payload: row.payload,
      url: row.url,
      attempts: row.attempts,
      createdAt: row.created_at,
      webhookDataKey: row.webhook_data_key,
      webhookKey: row.webhook_key,
    }
  )
}

/** One attempt to deliver, as it is kept. */
export interface Try {
  at: string
  status: number | null
  duration_ms: number
  error: { code: string; title: string } | null
  /** What the receiver said, up to 1 KiB. */
  answer: string | null
}

/** The last 20. */
const withTry = (tried: Try) =>
  sql`tries = (case when jsonb_array_length(tries) >= 20 then tries - 0 else tries end) || ${JSON.stringify(tried)}::jsonb`

export async function setDelivered(executor: Executor, id: string, tried: Try): Promise<void> {
  await sql`update event set delivered_at = hawser_now(), attempts = attempts + 1, last_error = null, next_attempt_at = null, ${withTry(tried)}
    where id = ${id} and delivered_at is null and given_up_at is null`.execute(executor)
}

/** False if the event has been settled in the meantime. */
export async function setGivenUp(executor: Executor, id: string, error: string, tried: Try): Promise<boolean> {
  const { numAffectedRows } = await sql`update event set given_up_at = hawser_now(), attempts = attempts + 1, last_error = ${error},
      next_attempt_at = null, ${withTry(tried)}
    where id = ${id} and delivered_at is null and given_up_at is null`.execute(executor)
  return numAffectedRows === 1n
}

/** False if the event has been settled in the meantime. */
export async function countFailedAttempt(executor: Executor, id: string, error: string, tried: Try, nextAt: Date): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update event set attempts = attempts + 1, last_error = ${error}, next_attempt_at = ${nextAt}, ${withTry(tried)}
    where id = ${id} and delivered_at is null and given_up_at is null`.execute(executor)
  return numAffectedRows === 1n
}

/** At most `limit` settled events; returns how many went. */
export async function deleteSettledEvents(
  executor: Executor,
  ageMs: { delivered: number; givenUp: number },
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`delete from event where id in (
    select id from event
    where delivered_at < hawser_now() - make_interval(secs => ${ageMs.delivered / 1000}::double precision)
       or given_up_at < hawser_now() - make_interval(secs => ${ageMs.givenUp / 1000}::double precision)
    limit ${limit})`.execute(executor)
  return Number(numAffectedRows ?? 0)
}

/** Events whose job was lost: they would wait for ever. Returns how many there were. */
export async function giveUpOverdueEvents(executor: Executor, ageMs: number): Promise<number> {
  const { numAffectedRows } = await sql`update event set given_up_at = hawser_now(), last_error = coalesce(last_error, 'never tried')
    where delivered_at is null and given_up_at is null
      and coalesce(replayed_at, created_at) < hawser_now() - make_interval(secs => ${ageMs / 1000}::double precision)`.execute(executor)
  return Number(numAffectedRows ?? 0)
}
