import { fail } from '@hawser/api/errors.ts'
import * as routes from '@hawser/api/integrations.ts'
import type { Kysely } from 'kysely'
import { handler, type Handler } from '#http/handler.ts'
import { changeClients } from './change-clients.ts'
import { closeRanks, moveGrants, provenSuccessorOf, usesOf } from './client-family-store.ts'
import type { IntegrationDeps } from './compose-integrations.ts'
import { clientOfIntegration, removeUnused, stagedClientOf, type StoredOAuthClient } from './oauth-client-store.ts'

/**
 * Refused while anything needs the row. Connections on the former credentials of an app are handed to its active ones, which the provider has
 * accepted by then: both are the same app to it.
 */
export function deleteClient(deps: IntegrationDeps): Handler {
  return handler(routes.deleteIntegrationClient, async ({ params, principal }) => {
    const change = { principal, uniqueKey: params.uniqueKey, action: 'integration.client_deleted' }
    const moved = await changeClients(deps, change, async (transaction, integration) => {
      const client = await clientOfIntegration(transaction, integration.id, params.clientRowId)
      if (!client) throw fail('not_found')
      const result = await removeClient(transaction, client)
      return { result, audited: { client: client.id, client_id: client.clientId, moved_connections: result } }
    })
    return { success: true, moved_connections: moved }
  })
}

export function deleteStagedClient(deps: IntegrationDeps): Handler {
  return handler(routes.deleteStagedIntegrationClient, async ({ params, principal }) => {
    const change = { principal, uniqueKey: params.uniqueKey, action: 'integration.client_deleted' }
    await changeClients(deps, change, async (transaction, integration) => {
      const staged = await stagedClientOf(transaction, integration.id)
      if (!staged) return { result: undefined }
      await removeClient(transaction, staged)
      return { result: undefined, audited: { client: staged.id, client_id: staged.clientId } }
    })
    return { success: true }
  })
}

/** Returns the number of connections that were handed over. Throws `client_in_use`. */
async function removeClient(db: Kysely<unknown>, client: StoredOAuthClient): Promise<number> {
  const uses = await usesOf(db, client.id)
  if (client.state === 'active') throw fail('client_in_use', { message: 'New sign-ins use these client credentials.', payload: uses })
  const successor = client.state === 'retired' ? await provenSuccessorOf(db, client.id) : undefined
  const moved = successor === undefined ? 0 : await moveGrants(db, client.id, successor)
  await closeRanks(db, client.id)
  if (await removeUnused(db, client.id)) return moved
  throw fail('client_in_use', { payload: await usesOf(db, client.id), message: reasonOf(client, uses.connections, successor) })
}

function reasonOf(client: StoredOAuthClient, connections: number, successor: string | undefined): string {
  if (connections === 0 || successor !== undefined)
    return 'A sign-in that began with these client credentials is under way; that takes 15 minutes at most.'
  const count = connections === 1 ? '1 connection still uses' : `${connections} connections still use`
  if (client.state === 'staged') return `${count} these client credentials: the provider has switched over to them. Promote them.`
  return `${count} these client credentials, and cannot be refreshed without them. Reconnect or delete them first; after a rotation, wait until the new credentials have refreshed one connection.`
}
