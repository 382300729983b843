import { fail } from '@hawser/api/errors.ts'
import type { integrationClient } from '@hawser/api/integrations.ts'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { listedClients, type ListedClient } from './client-family-store.ts'

export type ClientAnswer = z.input<typeof integrationClient>

export function clientAnswer(client: ListedClient): ClientAnswer {
  return {
    id: client.id,
    client_id: client.clientId,
    state: client.state,
    has_secret: client.hasSecret,
    connections: client.connections,
    broken_connections: client.brokenConnections,
    succeeds: client.succeeds,
    created_at: client.createdAt.toISOString(),
    retired_at: client.retiredAt?.toISOString() ?? null,
  }
}

export async function answerOfRow(db: Kysely<unknown>, integrationId: string, id: string): Promise<ClientAnswer> {
  const [found] = await listedClients(db, integrationId, id)
  if (!found) throw fail('not_found')
  return clientAnswer(found)
}
