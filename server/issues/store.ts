/** SQL of the table `issue`: what is wrong with a connection at the moment. At most one open row for each connection and kind. */
import { sql } from 'kysely'
import type { Kysely } from 'kysely'

export interface StoredIssue {
  id: string
  connectionId: string
  kind: string
  diagnosis: unknown
  count: number
  openedAt: Date
  lastSeenAt: Date
}

interface IssueRow {
  id: string
  connection_id: string
  kind: string
  diagnosis: unknown
  count: number
  opened_at: Date
  last_seen_at: Date
}

export interface NewIssue {
  id: string
  environmentId: string
  connectionId: string
  kind: string
  diagnosis: unknown
}

/** Opens the issue, or counts one more sighting of the open one; the newest diagnosis wins. `db` may be a transaction. */
export async function insertOrCount(db: Kysely<unknown>, issue: NewIssue): Promise<void> {
  const diagnosis = issue.diagnosis === undefined || issue.diagnosis === null ? null : JSON.stringify(issue.diagnosis)
  await sql`
    insert into issue (id, environment_id, connection_id, kind, diagnosis)
    values (${issue.id}, ${issue.environmentId}, ${issue.connectionId}, ${issue.kind}, ${diagnosis}::jsonb)
    on conflict (connection_id, kind) where closed_at is null
    do update set count = issue.count + 1, last_seen_at = hawser_now(), diagnosis = excluded.diagnosis`.execute(db)
}

/** `kinds` undefined: all of them. Returns how many were open. */
export async function closeOpen(
  db: Kysely<unknown>,
  connectionIds: readonly string[],
  kinds: readonly string[] | undefined,
): Promise<number> {
  const ofKinds = kinds === undefined ? sql`` : sql`and kind = any(${[...kinds]}::text[])`
  const { numAffectedRows } = await sql`
    update issue set closed_at = hawser_now()
    where connection_id = any(${[...connectionIds]}::uuid[]) and closed_at is null ${ofKinds}`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** Open issues of these connections, the latest first; a connection has one of each kind at most. */
export async function openOf(db: Kysely<unknown>, connectionIds: readonly string[]): Promise<StoredIssue[]> {
  const { rows } = await sql<IssueRow>`
    select id, connection_id, kind, diagnosis, count, opened_at, last_seen_at from issue
    where connection_id = any(${[...connectionIds]}::uuid[]) and closed_at is null
    order by opened_at desc, id`.execute(db)
  return rows.map((row) => ({
    id: row.id,
    connectionId: row.connection_id,
    kind: row.kind,
    diagnosis: row.diagnosis,
    count: row.count,
    openedAt: row.opened_at,
    lastSeenAt: row.last_seen_at,
  }))
}
