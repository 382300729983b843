import type { Kysely } from 'kysely'
import * as routes from '@hawser/api/activity.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Clock } from '#lib/clock.ts'
import { connectionsNamed, findRow, listRows, type ActivityFilter, type ListedRow } from './store.ts'
import { firstIdAt, timeOfId } from './times-of-ids.ts'

const PAGE = 50
/** Other nodes write what they have recorded within this time; until then `latest` stays behind. */
const OVERLAP_MS = 3_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export interface ListActivityDeps {
  db: Kysely<unknown>
  clock: Clock
  /** Writes what this process still has in memory. */
  flush: () => Promise<void>
}

type Query = Parameters<Parameters<typeof handler<typeof routes.listActivity>>[1]>[0]['query']

export function listActivity(deps: ListActivityDeps): Handler {
  return handler(routes.listActivity, async ({ query, principal }) => {
    await deps.flush()
    const { environmentId } = principal
    const limit = query.limit ?? PAGE
    const settled = firstIdAt(deps.clock.now() - OVERLAP_MS)
    if (query.search !== undefined && UUID.test(query.search)) {
      const found = await findRow(deps.db, environmentId, query.search)
      if (found) return { operations: [shownOperation(found)], next: null, latest: settled }
    }
    const { rows, lookedUntil } = await listRows(deps.db, await filterOf(deps.db, environmentId, query, limit + 1))
    const page = rows.slice(0, limit)
    const isFull = rows.length > limit
    const last = isFull ? page.at(-1)!.id : lookedUntil
    const operations = page.map(shownOperation)
    if (query.after === undefined) return { operations, next: last ?? null, latest: settled }
    return { operations, next: null, latest: last ?? later(query.after, settled) }
  })
}

async function filterOf(db: Kysely<unknown>, environmentId: string, query: Query, limit: number): Promise<ActivityFilter> {
  const { connection, cursor, to, from } = query
  const end = to === undefined ? undefined : firstIdAt(Date.parse(to))
  return {
    environmentId,
    kinds: query.kind?.split(','),
    failed: query.outcome === undefined ? undefined : query.outcome === 'failure',
    integrationKey: query.integration,
    connections: connection === undefined ? undefined : await connectionsNamed(db, environmentId, connection),
    connectionName: connection,
    endUserId: query.end_user,
    search: query.search,
    from: from === undefined ? undefined : firstIdAt(Date.parse(from)),
    before: cursor === undefined || end === undefined ? (cursor ?? end) : cursor < end ? cursor : end,
    after: query.after,
    limit,
  }
}

function later(one: string, other: string): string {
  return one > other ? one : other
}

export function shownOperation(row: ListedRow) {
  return {
    id: row.id,
    at: new Date(timeOfId(row.id)).toISOString(),
    kind: row.kind,
    action: row.action,
    outcome: row.failed ? ('failure' as const) : ('success' as const),
    status: row.status,
    duration_ms: row.duration_ms,
    integration: row.integration_key,
    connection_id: row.connection_name,
    end_user_id: row.end_user_id,
    actor: { kind: row.actor_kind, id: row.actor_id },
    method: row.method,
    host: row.host,
    path: row.path,
    error: row.error_code === null ? null : { code: row.error_code, title: row.error_title },
  }
}
