import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { listedAnswer } from './connection-answer.ts'
import { lowerCaseNames } from './end-user-tags.ts'
import { count, list } from './list-store.ts'

/** What a list without `limit` holds at most. */
const MOST_LISTED = 10_000
const MOST_COUNTED = 10_000_000
const MOST_COUNTED_OF_SEARCH = 1_000

export function listConnections(deps: ConnectionDeps): Handler {
  return handler(routes.listConnections, async ({ query, principal }) => {
    if (query.cursor !== undefined && query.page !== undefined)
      throw fail('invalid_query_params', { message: 'Give `cursor` or `page`, not both.' })
    const limit = query.limit ?? MOST_LISTED
    const wanted = {
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
      state: query.state,
      limits: principal.limits,
    }
    const before = query.cursor === undefined ? undefined : Number(query.cursor)
    const [found, total] = await Promise.all([
      list(deps.db, { ...wanted, before, limit: limit + 1, offset: (query.page ?? 0) * limit }),
      query.total ? totalOf(deps, wanted) : null,
    ])
    const page = found.slice(0, limit)
    const issues = await openIssuesOf(
      deps.db,
      page.map((listed) => listed.connection.id),
    )
    return {
      connections: page.map((listed) => listedAnswer({ ...listed, issues: issues.get(listed.connection.id) ?? [] })),
      next: query.limit !== undefined && found.length > limit ? String(page.at(-1)!.connection.number) : null,
      total,
    }
  })
}

async function totalOf({ db }: ConnectionDeps, wanted: Parameters<typeof count>[1]): Promise<number | null> {
  const most = wanted.search === undefined ? MOST_COUNTED : MOST_COUNTED_OF_SEARCH
  const found = await count(db, wanted, most)
  return found > most ? null : found
}
