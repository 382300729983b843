import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/connections.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, mayCall, requireScope, seesConnection, seesIntegration } from '#http/principal.ts'
import { clientById } from '#integrations/oauth-client-store.ts'
import { openIssuesOf } from '#issues/open-issues-of.ts'
import type { ConnectionDeps } from './compose-connections.ts'
import { connectionAnswer } from './connection-answer.ts'
import { isDatabaseAway } from './database-away.ts'
import type { LiveConnection } from './connection.ts'
import type { ShownConnection } from './shown-store.ts'

/** A key without `read_credentials` gets everything but the credentials, and causes no refresh. */
export function getConnection(deps: ConnectionDeps): Handler {
  return handler(routes.getConnection, async ({ params, query, principal }) => {
    const { force_refresh: force, refresh_token: refreshToken } = query
    if (force || refreshToken || query.refresh_github_app_jwt_token) requireScope(principal, 'environment:connections:read_credentials')
    if (refreshToken) requireScope(principal, 'environment:connections:read_refresh_token')
    if (!seesIntegration(principal, query.provider_config_key)) throw fail('unknown_provider_config')
    const live = await deps.connections.find(principal.environmentId, query.provider_config_key, params.connectionId)
    const { integration } = live
    const { connectionId, tags } = live.connection
    if (!seesConnection(principal, { integrationKey: integration.uniqueKey, connectionId, tags })) throw fail('unknown_connection')
    const fresh = mayCall(principal, 'environment:connections:read_credentials') ? await deps.connections.fresh(live, { force }) : undefined
    try {
      const shown = await deps.readShown(live.connection.id)
      if (!shown) throw fail('unknown_connection')
      const fetchedAt = deps.now()
      deps.fetches.note(live.connection.id, fetchedAt)
      const connection = { ...shown.connection, lastFetchedAt: new Date(fetchedAt) }
      const issues = shown.hasIssues ? ((await openIssuesOf(deps.db, [connection.id])).get(connection.id) ?? []) : []
      const apiUsage = connection.org ? deps.apiUsageOf?.(connection.org.org_id) : undefined
      const answered = { connection, integrationKey: integration.uniqueKey, provider: integration.provider, issues, apiUsage }
      if (!fresh) return connectionAnswer(answered, undefined)
      // Committed before the answer: a credential that left without a trace would be the one that matters.
      await deps.audit.disclosed({
        environmentId: principal.environmentId,
        actor: actorOf(principal),
        action: refreshToken ? 'credentials.read_with_refresh_token' : 'credentials.read',
        subject: { connection: connection.id, integration: integration.uniqueKey },
        endUserId: connection.endUser?.id,
      })
      const ownClientId = await ownClientOf(deps, shown, fresh.live)
      return connectionAnswer(answered, { credentials: fresh.credentials, ownClientId, refreshToken })
    } catch (error) {
      if (isDatabaseAway(error)) throw fail('credentials_unavailable', { internal: 'no disclosure without its trace', cause: error })
      throw error
    }
  })
}

/** Of the grant that the credentials are from; the connection may have another one by now. */
async function ownClientOf(deps: ConnectionDeps, shown: ShownConnection, { grant }: LiveConnection): Promise<string | undefined> {
  const clientId = grant?.oauthClientId
  if (clientId === undefined) return undefined
  if (clientId === shown.oauthClientId) return shown.ownClientId
  const client = await clientById(deps.db, clientId)
  return client?.connectionId ? client.clientId : undefined
}
