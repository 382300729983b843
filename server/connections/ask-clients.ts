import type { TokenFailure, TokenOutcome } from '#oauth/token-response.ts'
import { isWorthAnotherClient } from '#integrations/clients-to-try.ts'
import type { LoadedClient } from '#integrations/oauth-client.ts'

export type ClientOutcome =
  | { ok: true; tokens: Extract<TokenOutcome, { ok: true }>['tokens']; client: LoadedClient }
  | { ok: false; failure: TokenFailure }

/**
 * Refreshes with the first client, and with the next one only after an answer that cannot have used the refresh token up. Both requests together
 * stay within `timeoutMs`, since one lease covers them. Of two refused clients the first one's failure is told: it is the one
 * to mend.
 */
export async function askClients(
  clients: readonly LoadedClient[],
  options: { mintedBy: string | undefined; timeoutMs: number; now(): number },
  ask: (client: LoadedClient, timeoutMs: number) => Promise<TokenOutcome>,
): Promise<ClientOutcome> {
  const end = options.now() + options.timeoutMs
  let refused: TokenFailure | undefined
  for (const client of clients) {
    const leftMs = end - options.now()
    if (refused && leftMs <= 0) break
    const outcome = await ask(client, Math.min(leftMs, options.timeoutMs))
    if (outcome.ok) return { ...outcome, client }
    const { failure } = outcome
    const mintedTheGrant = options.mintedBy === undefined || client.id === options.mintedBy
    if (!isWorthAnotherClient(failure.error, { mintedTheGrant })) return outcome
    // `invalid_grant` to a set that did not mint the grant says the least.
    if (refused === undefined || refused.error === 'invalid_grant') refused = failure
  }
  return { ok: false, failure: refused ?? { sent: false, bodyKind: 'none' } }
}
