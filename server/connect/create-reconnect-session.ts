import { fail, Failure } from '@hawser/api/errors.ts'
import { createReconnectSession as route } from '@hawser/api/connect-sessions.ts'
import { handler, type Handler } from '#http/handler.ts'
import { seesConnection, type OwnSide } from '#http/principal.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { namedInSettings, openSession, requireIntegrations } from './open-session.ts'

export function createReconnectSession(deps: ConnectDeps): Handler {
  return handler(route, async ({ principal, body }) => {
    const uuid = await connectionUuid(deps, principal, body.integration_id, body.connection_id)
    await requireIntegrations(deps, principal, namedInSettings(body))
    const target = { allowedIntegrations: [body.integration_id], reconnects: uuid, acceptOtherOrg: body.accept_other_org }
    return openSession(deps, principal, body, target)
  })
}

async function connectionUuid(deps: ConnectDeps, principal: OwnSide, integrationKey: string, connectionId: string): Promise<string> {
  try {
    const { connection } = await deps.connections.find(principal.environmentId, integrationKey, connectionId)
    if (!seesConnection(principal, { ...connection, integrationKey })) throw fail('unknown_connection')
    return connection.id
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 'unknown_connection' && error.code !== 'unknown_provider_config')) throw error
    throw fail('invalid_body', {
      errors: [{ code: 'invalid_value', message: 'ConnectionID or IntegrationId does not exists', path: ['connection_id'] }],
    })
  }
}
