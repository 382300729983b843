/** Tokens that came too late to be stored, for a grant that was ended meanwhile: they are the only live ones, and nobody here would ever end them. */
import type { Kysely, Transaction } from 'kysely'
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import type { Subject } from '#events/record-own-event.ts'
import type { Provider } from '#providers/provider.ts'
import type { StoredConnection, StoredGrant } from './connection.ts'
import { formerOf } from './former-token-store.ts'
import { lockGrant } from './grant-store.ts'
import { queueRevocation, type RevocationDeps } from './revoke-grant.ts'
import { connectionsOfGrant, liveById } from './store.ts'
import { subjectOf } from './subject-of.ts'
import type { TokensToStore } from './lease-store.ts'

export interface EndDeps extends RevocationDeps {
  db: Kysely<unknown>
  provider(name: string): Provider | undefined
}

/** Where tokens came from, for the time after their connection is gone. */
export interface TokenOrigin {
  connection: StoredConnection
  provider: Provider
  /** The connection as events name it. */
  subject: Subject
  /** That was asked with; undefined: the grant's own. */
  client: OAuthClient | undefined
}

export interface UnstoredTokens extends Pick<TokensToStore, 'fingerprint' | 'sentFingerprint'> {
  /** With these tokens. */
  grant: StoredGrant
  /** Undefined: of an earlier process, known by its spool alone. */
  origin: TokenOrigin | undefined
}

/**
 * Queues the revocation of the new tokens if their grant was deleted, or revoked here, while they were on their way. Nothing happens where another answer
 * was stored before them, or where the refresh token is the one whose revocation was queued with the end of the grant.
 */
export async function endUnstored(deps: EndDeps, unstored: UnstoredTokens): Promise<void> {
  const { fingerprint, sentFingerprint, grant } = unstored
  if (fingerprint === undefined || sentFingerprint?.equals(fingerprint) === true) return
  await deps.vault.ready(grant.environmentId)
  await deps.db.transaction().execute(async (transaction) => {
    const row = await lockGrant(transaction, grant.id)
    if (row && !wasRevokedHere(row)) return
    const origin = unstored.origin ?? (row && (await originOf(deps, transaction, row)))
    if (!origin) return
    const { connection, provider, subject, client } = origin
    await queueRevocation(deps, transaction, {
      ...{ grant, provider, subject, client, connectionConfig: connection.connectionConfig },
      replaced: !row && (await isStillThere(transaction, connection)),
      former: [...(row ? await formerOf(transaction, row.id) : []), ...(sentFingerprint ? [sentFingerprint] : [])],
    })
  })
}

/** `code` of the diagnosis of a grant that `POST /environment/revoke` has ended. */
export const REVOKED_HERE = 'revoked-here'

export function wasRevokedHere({ failure }: StoredGrant): boolean {
  return (failure?.diagnosis as { code?: unknown } | null | undefined)?.code === REVOKED_HERE
}

/** It lives on with another grant, which the revocation of this one must not end. */
async function isStillThere(transaction: Transaction<unknown>, { environmentId, id }: StoredConnection): Promise<boolean> {
  return (await liveById(transaction, environmentId, id)) !== undefined
}

async function originOf(deps: EndDeps, transaction: Transaction<unknown>, row: StoredGrant): Promise<TokenOrigin | undefined> {
  const [live] = await connectionsOfGrant(transaction, row.id)
  const provider = live && deps.provider(live.integration.provider)
  if (!live || !provider) return undefined
  return { connection: live.connection, provider, subject: subjectOf(live.connection, live.integration), client: undefined }
}
