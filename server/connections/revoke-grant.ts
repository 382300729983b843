import { z } from 'zod'
import type { Transaction } from 'kysely'
import { reveal, secret } from '#lib/secret.ts'
import { newId } from '#lib/ids.ts'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { Provider } from '#providers/provider.ts'
import type { JobHandler, Queue } from '#queue/queue.ts'
import type { Vault } from '#vault/vault.ts'
import { openSecret } from '#integrations/oauth-client.ts'
import { activeClientOf, clientById } from '#integrations/oauth-client-store.ts'
import type { StoredGrant } from './connection.ts'
import { openCredentials } from './open-credentials.ts'

/** The logical place that a job's tokens are bound to, together with the integration's id: the grant's row is gone by then. */
const REVOCATION_LABEL = 'revocation'
const MAX_ATTEMPTS = 12

/** Where and how a provider takes tokens back (RFC 7009). */
export interface Revocation {
  url: string
  /** False where revoking one token ends all grants of the same user and app: then the token of a reconnected connection is left to expire. */
  endsOnlyItself: boolean
}

export interface RevocationDeps {
  vault: Vault
  queue: Queue
  /** Undefined where the provider has no such endpoint. */
  revocationOf(provider: Provider, connectionConfig: Record<string, unknown>): Revocation | undefined
}

const sealedToken = z.object({ token: z.string(), clientId: z.string().nullable(), clientSecret: z.string().nullable() })

/**
 * Queues the revocation of a grant that was just deleted in this transaction: its tokens go, sealed anew, into the job, with the client that minted
 * them, whose row may go too. `replaced`: a new grant of the same user takes its place. The vault must be ready for the environment.
 */
export async function queueRevocation(
  deps: RevocationDeps,
  transaction: Transaction<unknown>,
  gone: { grant: StoredGrant; provider: Provider | undefined; connectionConfig: Record<string, unknown>; replaced: boolean },
): Promise<void> {
  const { grant, provider } = gone
  const revocation = provider && deps.revocationOf(provider, gone.connectionConfig)
  if (!revocation || (gone.replaced && !revocation.endsOnlyItself)) return
  const credentials = openCredentials(deps.vault, grant)
  if (credentials.type !== 'OAUTH2') return
  const minted = grant.oauthClientId === undefined ? undefined : await clientById(transaction, grant.oauthClientId)
  const client = minted ?? (await activeClientOf(transaction, grant.integrationId))
  const clientSecret = client && openSecret(deps.vault, client)
  const plain: z.output<typeof sealedToken> = {
    // Without the refresh token nothing new can be made; the access token ends with it, or soon by itself.
    token: credentials.refresh_token ?? credentials.access_token,
    clientId: client?.clientId ?? null,
    clientSecret: clientSecret ? reveal(clientSecret) : null,
  }
  const { environmentId, integrationId } = grant
  const sealed = deps.vault.sealNew(environmentId, REVOCATION_LABEL, integrationId, JSON.stringify(plain))
  await deps.queue.add(
    'revoke-grant',
    {
      url: revocation.url,
      integrationId,
      environmentId,
      label: REVOCATION_LABEL,
      dataKey: sealed.data_key.toString('base64'),
      sealed: sealed.ciphertext.toString('base64'),
    },
    { key: `revoke:${newId()}`, maxAttempts: MAX_ATTEMPTS },
    transaction,
  )
}

export interface TokenToRevoke {
  url: string
  token: string
  client: OAuthClient | undefined
}

/** The job. `revokeToken` throws to be called again later; a token that is not valid any more counts as revoked. */
export function revokeGrantJob(vault: Vault, revokeToken: (revoked: TokenToRevoke) => Promise<void>): JobHandler<'revoke-grant'> {
  return async ({ url, environmentId, integrationId, label, dataKey, sealed }) => {
    await vault.ready(environmentId)
    const bytes = vault.openSealed(environmentId, Buffer.from(dataKey, 'base64'), Buffer.from(sealed, 'base64'), label, integrationId)
    const { token, clientId, clientSecret } = sealedToken.parse(JSON.parse(bytes.toString('utf8')))
    const client = clientId === null ? undefined : { clientId, clientSecret: clientSecret === null ? undefined : secret(clientSecret) }
    await revokeToken({ url, token, client })
  }
}
