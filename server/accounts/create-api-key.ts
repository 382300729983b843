import { createApiKey } from '@hawser/api/environment.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import type { RecordChange } from './record-change.ts'
import { shownKey } from './list-api-keys.ts'
import { handedOn } from './hand-on.ts'
import { hashOfSecretKey, hintOfSecretKey, newSecretKey } from './secret-key.ts'
import { insertKey, keyExists, listKeys } from './store.ts'

export const EVERYTHING = ['environment:*']
const MAX_KEYS = 100

export function createApiKeyHandler(kit: Kit, recordChange: RecordChange): Handler {
  return handler(createApiKey, async ({ principal, body }) => {
    const scopes = body.scopes ?? EVERYTHING
    const beyond = scopes.filter((scope) => !holds(principal.scopes, scope))
    if (beyond.length > 0) throw fail('forbidden', { message: `The calling key does not hold ${beyond.join(', ')}; it cannot hand it on.` })
    const { limits, expiresAt } = handedOn(principal, body, kit.clock.now())
    if ((await listKeys(kit.db.kysely, principal.environmentId)).length >= MAX_KEYS)
      throw fail('conflict', { message: `This environment has ${MAX_KEYS} keys already; revoke one first.` })
    const secret = newSecretKey(principal.environmentName)
    await recordChange({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'api_key.create',
      subject: {
        display_name: body.display_name,
        scopes,
        ...(limits ? { limits } : {}),
        ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}),
      },
    })
    const madeBy = principal.kind === 'key' ? principal.keyId : undefined
    const key = await insertKey(kit.db.kysely, {
      id: newId(),
      madeBy,
      environmentId: principal.environmentId,
      displayName: body.display_name,
      hint: hintOfSecretKey(secret),
      secretHash: hashOfSecretKey(secret),
      scopes,
      limits,
      expiresAt,
    })
    if (!key && madeBy !== undefined && !(await keyExists(kit.db.kysely, principal.environmentId, madeBy))) throw fail('unknown_account')
    if (!key) throw fail('conflict', { message: `This environment has a key named "${body.display_name}" already.` })
    return { data: { ...shownKey(key), secret } }
  })
}

/** Whether a holder of `granted` may hand `scope` (possibly a wildcard) on. */
function holds(granted: readonly string[], scope: string): boolean {
  return granted.some((own) => own === scope || (own.endsWith(':*') && scope.startsWith(own.slice(0, -1))))
}
