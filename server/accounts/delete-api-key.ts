import { deleteApiKey } from '@hawser/api/environment.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import type { RecordChange } from './record-change.ts'
import { coversLimits } from './hand-on.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { listKeys } from './store.ts'

export function deleteApiKeyHandler(kit: Kit, recordChange: RecordChange): Handler {
  return handler(deleteApiKey, async ({ principal, params, query }) => {
    const missing = () => fail('not_found', { message: 'No API key has that id in this environment.' })
    const { environmentId } = principal
    const { keyId: id } = params
    const { cascade } = query
    // A limited key ends only what it could have made.
    if (principal.limits) {
      const found = (await listKeys(kit.db.kysely, environmentId)).find((key) => key.id === id)
      if (!found || !coversLimits(principal.limits, found.limits ?? undefined)) throw missing()
    }
    const record = (action: string, subject: Record<string, unknown>) =>
      recordChange({ environmentId, actor: actorOf(principal), action, subject })
    await record('api_key.revoke', { id, ...(cascade ? { cascade } : {}) })
    const alsoEnded = (action: string, madeId: string) => record(action, { id: madeId, made_with: id })
    const revoked = await revokeApiKey(kit.db.kysely, { environmentId, id, cascade }, { alsoEnded })
    if (!revoked) throw missing()
    return shownRevocation(revoked, cascade)
  })
}

export function shownRevocation(revoked: NonNullable<Awaited<ReturnType<typeof revokeApiKey>>>, cascade: boolean) {
  const named = (keys: readonly { id: string; display_name: string }[]) => keys.map(({ id, display_name }) => ({ id, display_name }))
  return {
    success: true,
    cascade,
    connection_tokens_ended: revoked.connectionTokens,
    api_keys_created: named(revoked.apiKeys),
    signing_keys_registered: named(revoked.signingKeys),
  }
}
