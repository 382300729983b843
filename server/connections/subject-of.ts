import type { Subject } from '#events/record-own-event.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { StoredConnection } from './connection.ts'

/** Whose event it is. */
export function subjectOf(connection: StoredConnection, integration: Pick<StoredIntegration, 'uniqueKey' | 'provider'>): Subject {
  const { environmentId, id, connectionId, tags, endUser, webhookUrlOverride } = connection
  const { uniqueKey: integrationKey, provider } = integration
  return { environmentId, id, connectionId, integrationKey, provider, tags, endUser, webhookUrlOverride }
}
