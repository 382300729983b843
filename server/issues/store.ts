/** SQL of the table `issue`: what is wrong with a connection at the moment. At most one open row for each connection and kind. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Limits } from '@hawser/api/limits.ts'
import type { Subject } from '#events/record-own-event.ts'

export interface StoredIssue {
  id: string
  connectionId: string
  kind: string
  diagnosis: unknown
  count: number
  openedAt: Date
  lastSeenAt: Date
  closedAt: Date | null
  /** Of the activity: where it was seen last. */
  operationId: string | undefined
}

interface IssueRow {
  id: string
  connection_id: string
  kind: string
  diagnosis: unknown
  count: number
  opened_at: Date
  last_seen_at: Date
  closed_at: Date | null
  operation_id: string | null
}

export interface NewIssue {
  id: string
  environmentId: string
  connectionId: string
  kind: string
  diagnosis: unknown
  operationId?: string | undefined
}

const columns = sql.raw('id, connection_id, kind, diagnosis, count, opened_at, last_seen_at, closed_at, operation_id')

function toIssue(row: IssueRow): StoredIssue {
  return {
    id: row.id,
    connectionId: row.connection_id,
    kind: row.kind,
    diagnosis: row.diagnosis,
    count: row.count,
    openedAt: row.opened_at,
    lastSeenAt: row.last_seen_at,
    closedAt: row.closed_at,
    operationId: row.operation_id ?? undefined,
  }
}

/** Opens the issue (then `count` is 1), or counts one more sighting of the open one; the newest diagnosis wins. `db` may be a transaction. */
export async function insertOrCount(db: Kysely<unknown>, issue: NewIssue): Promise<StoredIssue> {
  const diagnosis = issue.diagnosis === undefined || issue.diagnosis === null ? null : JSON.stringify(issue.diagnosis)
  const { rows } = await sql<IssueRow>`
    insert into issue (id, environment_id, connection_id, kind, diagnosis, operation_id)
    values (${issue.id}, ${issue.environmentId}, ${issue.connectionId}, ${issue.kind}, ${diagnosis}::jsonb, ${issue.operationId ?? null}::uuid)
    on conflict (connection_id, kind) where closed_at is null
    do update set count = issue.count + 1, last_seen_at = hawser_now(), diagnosis = excluded.diagnosis,
      operation_id = coalesce(excluded.operation_id, issue.operation_id)
    returning ${columns}`.execute(db)
  return toIssue(rows[0]!)
}

/** `kinds` undefined: all of them. `leaveLocked`: not those that another transaction is at. Returns those that were open. */
export async function closeOpen(
  db: Kysely<unknown>,
  connectionIds: readonly string[],
  kinds: readonly string[] | undefined,
  { leaveLocked = false }: { leaveLocked?: boolean } = {},
): Promise<StoredIssue[]> {
  const ofKinds = kinds === undefined ? sql`` : sql`and kind = any(${[...kinds]}::text[])`
  const { rows } = await sql<IssueRow>`
    with open as (
      select id from issue where connection_id = any(${[...connectionIds]}::uuid[]) and closed_at is null ${ofKinds}
      order by id for update ${leaveLocked ? sql`skip locked` : sql``})
    update issue set closed_at = hawser_now() where id in (select id from open) returning ${columns}`.execute(db)
  return rows.map(toIssue)
}

/** Open issues of these connections, the latest first; a connection has one of each kind at most. */
export async function openOf(db: Kysely<unknown>, connectionIds: readonly string[]): Promise<StoredIssue[]> {
  const { rows } = await sql<IssueRow>`
    select ${columns} from issue
    where connection_id = any(${[...connectionIds]}::uuid[]) and closed_at is null
    order by opened_at desc, id`.execute(db)
  return rows.map(toIssue)
}

/** At most `limit` issues that were closed longer ago than `ageMs`; returns how many went. */
export async function deleteClosedIssues(db: Kysely<unknown>, ageMs: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from issue where id in (
    select id from issue where closed_at < hawser_now() - make_interval(secs => ${ageMs / 1000}::double precision) limit ${limit})`.execute(
    db,
  )
  return Number(numAffectedRows ?? 0)
}

interface SubjectRow {
  id: string
  environment_id: string
  connection_id: string
  unique_key: string
  provider: string
  tags: Record<string, string>
  end_user: Subject['endUser']
  webhook_url_override: string | null
}

/** Whose issues they are, by connection (row uuid). */
export async function subjectsOf(db: Kysely<unknown>, connectionIds: readonly string[]): Promise<Map<string, Subject>> {
  const { rows } = await sql<SubjectRow>`
    select c.id, c.environment_id, c.connection_id, i.unique_key, i.provider, c.tags, c.end_user, c.webhook_url_override
    from connection c join integration i on i.id = c.integration_id where c.id = any(${[...connectionIds]}::uuid[])`.execute(db)
  const subjects = rows.map((row) => ({
    environmentId: row.environment_id,
    id: row.id,
    connectionId: row.connection_id,
    integrationKey: row.unique_key,
    provider: row.provider,
    tags: row.tags,
    endUser: row.end_user,
    webhookUrlOverride: row.webhook_url_override,
  }))
  return new Map(subjects.map((subject) => [subject.id, subject]))
}

export interface IssueFilter {
  environmentId: string
  state: 'open' | 'closed' | 'all'
  kind?: string | undefined
  integrationKey?: string | undefined
  connectionId?: string | undefined
  /** What the caller may see. */
  limits?: Limits | undefined
  /** Those that come after this issue's row in the list. */
  before?: string | undefined
  limit: number
}

export interface FoundIssue extends StoredIssue {
  connection: { connectionId: string; integrationKey: string; provider: string; endUser: Subject['endUser'] }
}

/** Latest first. */
export async function listIssuesBy(db: Kysely<unknown>, filter: IssueFilter): Promise<FoundIssue[]> {
  const { environmentId } = filter
  const conditions = [sql`s.environment_id = ${environmentId}`]
  if (filter.state !== 'all') conditions.push(filter.state === 'open' ? sql`s.closed_at is null` : sql`s.closed_at is not null`)
  if (filter.kind !== undefined) conditions.push(sql`s.kind = ${filter.kind}`)
  if (filter.integrationKey !== undefined) conditions.push(sql`i.unique_key = ${filter.integrationKey}`)
  if (filter.connectionId !== undefined) conditions.push(sql`c.connection_id = ${filter.connectionId}`)
  const { integrations, connections } = filter.limits ?? {}
  if (integrations !== undefined) conditions.push(sql`i.unique_key = any(${integrations}::text[])`)
  if (connections?.ids !== undefined) conditions.push(sql`c.connection_id = any(${connections.ids}::text[])`)
  if (connections?.tags !== undefined) conditions.push(sql`c.tags @> ${JSON.stringify(connections.tags)}::jsonb`)
  if (filter.before !== undefined)
    conditions.push(
      sql`(s.opened_at, s.id) < (select b.opened_at, b.id from issue b where b.id = ${filter.before} and b.environment_id = ${environmentId})`,
    )
  const { rows } = await sql<IssueRow & { name: string; unique_key: string; provider: string; end_user: Subject['endUser'] }>`
    select s.id, s.connection_id, s.kind, s.diagnosis, s.count, s.opened_at, s.last_seen_at, s.closed_at, s.operation_id,
      c.connection_id as name, i.unique_key, i.provider, c.end_user
    from issue s join connection c on c.id = s.connection_id join integration i on i.id = c.integration_id
    where ${sql.join(conditions, sql` and `)} order by s.opened_at desc, s.id desc limit ${filter.limit}`.execute(db)
  return rows.map((row) => ({
    ...toIssue(row),
    connection: { connectionId: row.name, integrationKey: row.unique_key, provider: row.provider, endUser: row.end_user },
  }))
}
