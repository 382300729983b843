import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { diagnosis } from '@hawser/api/values.ts'
import * as routes from '@hawser/api/issues.ts'
import { handler, type Handler } from '#http/handler.ts'
import { reconnectHintOf } from './reconnect-hint.ts'
import { listIssuesBy, type FoundIssue } from './store.ts'

const PAGE = 50

export function listIssues(deps: { db: Kysely<unknown> }): Handler {
  return handler(routes.listIssues, async ({ query, principal }) => {
    const limit = query.limit ?? PAGE
    const found = await listIssuesBy(deps.db, {
      environmentId: principal.environmentId,
      state: query.state ?? 'open',
      kind: query.kind,
      integrationKey: query.integration,
      connectionId: query.connectionId,
      limits: principal.limits,
      before: query.before,
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    return { issues: page.map(answerOf), next: found.length > limit ? (page.at(-1)?.id ?? null) : null }
  })
}

function answerOf({ connection, ...issue }: FoundIssue) {
  const { connectionId, integrationKey, provider, endUser } = connection
  const told = issue.diagnosis as z.output<typeof diagnosis> | null
  const reconnect = issue.closedAt ? undefined : reconnectHintOf(told, connectionId, integrationKey)
  return {
    id: issue.id,
    kind: issue.kind,
    connection_id: connectionId,
    provider_config_key: integrationKey,
    provider,
    end_user: endUser,
    diagnosis: told,
    opened_at: issue.openedAt.toISOString(),
    last_seen_at: issue.lastSeenAt.toISOString(),
    closed_at: issue.closedAt?.toISOString() ?? null,
    count: issue.count,
    ...(reconnect ? { reconnect } : {}),
  }
}
