import type { Transaction } from 'kysely'
import { retireClientsOfConnection } from '#integrations/oauth-client-store.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import type { Subject } from '#events/record-own-event.ts'
import type { IssueEvents } from '#issues/open-issue.ts'
import { formerOf } from './former-token-store.ts'
import { lockGrantsOfIntegration, removeUnheld } from './grant-store.ts'
import { queueRevocation, type RevocationDeps } from './revoke-grant.ts'
import { connectionsOfGrant, lockAllOf, remove } from './store.ts'
import { subjectOf } from './subject-of.ts'

/**
 * Deletes a grant that lost a connection in this transaction, unless another one lives on it, and queues its revocation at the provider.
 * `lockGrant` must have been called before the connection let go: of two connections that let go at once, the second then sees it.
 */
export async function releaseGrant(
  deps: RevocationDeps,
  transaction: Transaction<unknown>,
  released: {
    grantId: string
    provider: Provider | undefined
    connectionConfig: Record<string, unknown>
    replaced: boolean
    /** Whose it was last. */
    subject: Subject | undefined
  },
): Promise<void> {
  const former = await formerOf(transaction, released.grantId)
  const grant = await removeUnheld(transaction, released.grantId)
  if (grant) await queueRevocation(deps, transaction, { grant, former, unlessHeld: true, ...released })
}

/** All grants of an integration that is about to be deleted, with their connections. The vault must be ready for the environment. */
export async function releaseGrantsOf(
  deps: RevocationDeps & IssueEvents & { provider(name: string): Provider | undefined },
  transaction: Transaction<unknown>,
  integration: StoredIntegration,
): Promise<void> {
  const provider = deps.provider(integration.provider)
  await lockAllOf(transaction, integration.id)
  for (const grantId of await lockGrantsOfIntegration(transaction, integration.id)) {
    const connections = (await connectionsOfGrant(transaction, grantId)).map((row) => row.connection)
    for (const connection of connections) {
      await retireClientsOfConnection(transaction, connection.id)
      await remove(transaction, connection.id)
      await deps.recordOwnEvent(transaction, { type: 'connection.deleted', subject: subjectOf(connection, integration), data: {} })
    }
    const subject = connections[0] && subjectOf(connections[0], integration)
    const connectionConfig = connections[0]?.connectionConfig ?? {}
    await releaseGrant(deps, transaction, { grantId, provider, connectionConfig, replaced: false, subject })
  }
}
