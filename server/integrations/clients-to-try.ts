import type { Kysely } from 'kysely'
import type { Vault } from '#vault/vault.ts'
import { relativesOf } from './client-family-store.ts'
import { clientOf, loaded, type LoadedClient } from './oauth-client.ts'
import { clientById } from './oauth-client-store.ts'

/**
 * The clients that a grant may be refreshed with, in their order: while an app's credentials are rotated, two sets are valid at once, and which of
 * them the provider takes changes at a moment that nobody here sees. The active set comes first, then the one that minted the grant; for a grant
 * of the active set, the staged or else the former one follows. At most two; empty if the integration has no app. Both belong to the same app, so
 * the refresh token goes with either.
 */
export async function clientsToTry(
  deps: { db: Kysely<unknown>; vault: Vault },
  integrationId: string,
  oauthClientId: string | undefined,
): Promise<LoadedClient[]> {
  const minted = await clientOf(deps, integrationId, oauthClientId)
  if (!minted || minted.own) return minted ? [minted] : []
  const [likeliest] = await relativesOf(deps.db, minted.id)
  const relative = likeliest === undefined ? undefined : await clientById(deps.db, likeliest)
  if (!relative) return [minted]
  const other = await loaded(deps.vault, relative)
  return relative.state === 'active' ? [other, minted] : [minted, other]
}

/** RFC 6749 §5.2 `invalid_client`, and Salesforce's `invalid_client_id`: the client was refused before the refresh token was looked at. */
const REFUSED_CLIENT = new Set(['invalid_client', 'invalid_client_id'])

/**
 * Whether a refused refresh says nothing yet about the refresh token, so that another client of the same app may be asked with it.
 * - Salesforce answers its codes with 400 (V-obs), the RFC asks for 401: the code decides, not the status.
 * - A provider that binds refresh tokens to the very credentials (`?` for Salesforce's staged ones) answers `invalid_grant` to the other set.
 */
export function isWorthAnotherClient(error: string | undefined, asked: { mintedTheGrant: boolean }): boolean {
  return error !== undefined && (REFUSED_CLIENT.has(error) || (error === 'invalid_grant' && !asked.mintedTheGrant))
}
