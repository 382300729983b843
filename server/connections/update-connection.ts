import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesConnection } from '#http/principal.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { lowerCaseNames, tagsOfEndUser, toEndUser } from './end-user-tags.ts'
import { integrationNamed } from './integration-named.ts'
import { lockByName, update } from './store.ts'

/** `tags`, over those that come from `end_user`, replace all; an end user alone adds his own to what is there. */
export function updateConnection(deps: ConnectionDeps): Handler {
  return handler(routes.updateConnection, async ({ params, query, body, principal }) => {
    const integration = await integrationNamed(deps, principal, query.provider_config_key)
    const { end_user: endUser, tags, webhook_url_override: webhook } = body
    const generated = endUser ? tagsOfEndUser(endUser) : {}
    const { id, endUserId } = await deps.db.transaction().execute(async (transaction) => {
      const found = await lockByName(transaction, integration.id, params.connectionId)
      const integrationKey = integration.uniqueKey
      if (!found || !seesConnection(principal, { ...found, integrationKey })) throw fail('unknown_connection')
      const kept = tags ? lowerCaseNames(tags) : undefined
      const newTags = kept ? { ...generated, ...kept } : endUser ? { ...found.tags, ...generated } : undefined
      if (newTags && !seesConnection(principal, { ...found, tags: newTags, integrationKey }))
        throw fail('forbidden', { message: 'This key is limited to connections by tags; it cannot change those tags.' })
      await update(transaction, found.id, {
        endUser: endUser && toEndUser(endUser),
        tags: newTags,
        webhookUrlOverride: webhook === '' ? null : webhook,
      })
      return { id: found.id, endUserId: endUser?.id ?? found.endUser?.id }
    })
    deps.cache.drop(id)
    await deps.audit.changed({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'connection.updated',
      subject: { connection: id, integration: integration.uniqueKey, fields: Object.keys(body) },
      endUserId,
    })
    return { success: true }
  })
}
