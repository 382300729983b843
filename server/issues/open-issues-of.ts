import type { Kysely } from 'kysely'
import { openOf, type StoredIssue } from './store.ts'

/** Open issues by connection (row uuid); connections without one are missing from the map. */
export async function openIssuesOf(db: Kysely<unknown>, connectionIds: readonly string[]): Promise<Map<string, StoredIssue[]>> {
  const byConnection = new Map<string, StoredIssue[]>()
  if (connectionIds.length === 0) return byConnection
  for (const issue of await openOf(db, connectionIds)) {
    const known = byConnection.get(issue.connectionId)
    if (known) known.push(issue)
    else byConnection.set(issue.connectionId, [issue])
  }
  return byConnection
}
