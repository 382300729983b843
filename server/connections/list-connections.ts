import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { listedAnswer } from './connection-answer.ts'
import { lowerCaseNames } from './end-user-tags.ts'
import { list } from './list-store.ts'

/** What a list without `limit` holds at most. */
const MOST_LISTED = 10_000

export function listConnections(deps: ConnectionDeps): Handler {
  return handler(routes.listConnections, async ({ query, principal }) => {
    const limit = query.limit ?? MOST_LISTED
    const found = await list(deps.db, {
      environmentId: principal.environmentId,
      connectionId: query.connectionId,
      search: query.search,
      endUserId: query.endUserId,
      endUserOrganizationId: query.endUserOrganizationId,
      integrationKeys: query.integrationId
        ?.split(',')
        .map((key) => key.trim())
        .filter((key) => key !== ''),
      tags: query.tags && lowerCaseNames(query.tags),
      limits: principal.limits,
      limit,
      offset: (query.page ?? 0) * limit,
    })
    const issues = await openIssuesOf(
      deps.db,
      found.map((listed) => listed.connection.id),
    )
    return { connections: found.map((listed) => listedAnswer({ ...listed, issues: issues.get(listed.connection.id) ?? [] })) }
  })
}
