/** A sign-in that we refuse has left a grant at Salesforce all the same, and one of the user's five approvals: it is given back. */
import type { OAuthClient } from '#auth-modes/auth-mode.ts'
import { reveal } from '#lib/secret.ts'
import { newId } from '#lib/ids.ts'
import { revocationUrl } from '#oauth/revocation.ts'
import type { Tokens } from '#oauth/token-response.ts'
import type { Provider } from '#providers/schema.ts'
import { tokenHostAllowed } from '#providers/token-hosts.ts'
import type { ConnectDeps } from './connect-deps.ts'

const LABEL = 'refused-sign-in'

export interface RefusedSignIn {
  environmentId: string
  integrationId: string
  provider: Provider
  client: OAuthClient
  tokens: Tokens
  /** What the customer's form has set. */
  connectionConfig: Record<string, unknown>
}

/** Queues the revocation. Never throws: the refusal is what the person must hear of. */
export async function revokeRefused(deps: ConnectDeps, refused: RefusedSignIn): Promise<void> {
  const { environmentId, integrationId, provider, client, tokens } = refused
  // Elsewhere revoking one token may end all grants of the user and app (RFC 7009 §2.1), those of living connections too.
  const url =
    provider.family === 'salesforce' ? revocationUrl(provider, { ...refused.connectionConfig, ...instanceOf(refused) }) : undefined
  if (url === undefined) return
  const { vault, queue, log } = deps.kit
  try {
    await vault.ready(environmentId)
    const plain = {
      token: tokens.refresh_token ?? tokens.access_token,
      clientId: client.clientId,
      clientSecret: client.clientSecret ? reveal(client.clientSecret) : null,
    }
    const { data_key, ciphertext } = vault.sealNew(environmentId, LABEL, integrationId, JSON.stringify(plain))
    const sealed = { label: LABEL, dataKey: data_key.toString('base64'), sealed: ciphertext.toString('base64') }
    await queue.add('revoke-grant', { url, integrationId, environmentId, ...sealed }, { key: `revoke:${newId()}` })
  } catch (error) {
    log.warn({ err: error }, 'the grant of a refused sign-in was left behind')
  }
}

/** The token answer's address may be the very thing that is refused. */
function instanceOf({ provider, tokens }: RefusedSignIn): Record<string, unknown> {
  const url = tokens.raw['instance_url']
  return typeof url === 'string' && tokenHostAllowed(provider, url) ? { instance_url: url.replace(/\/$/, '') } : {}
}
