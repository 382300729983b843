import { deleteApiKey } from '@hawser/api/environment.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import type { RecordChange } from './record-change.ts'
import { coversLimits } from './hand-on.ts'
import { deleteKey, listKeys } from './store.ts'

export function deleteApiKeyHandler(kit: Kit, recordChange: RecordChange): Handler {
  return handler(deleteApiKey, async ({ principal, params }) => {
    const missing = () => fail('not_found', { message: 'No API key has that id in this environment.' })
    // A limited key ends only what it could have made.
    if (principal.limits) {
      const found = (await listKeys(kit.db.kysely, principal.environmentId)).find((key) => key.id === params.keyId)
      if (!found || !coversLimits(principal.limits, found.limits ?? undefined)) throw missing()
    }
    await recordChange({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'api_key.revoke',
      subject: { id: params.keyId },
    })
    const key = await deleteKey(kit.db.kysely, principal.environmentId, params.keyId)
    if (!key) throw missing()
    return { success: true }
  })
}
