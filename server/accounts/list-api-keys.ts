import { listApiKeys } from '@hawser/api/environment.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { listKeys, type StoredKey } from './store.ts'

export function listApiKeysHandler(kit: Kit): Handler {
  return handler(listApiKeys, async ({ principal }) => ({ data: (await listKeys(kit.db.kysely, principal.environmentId)).map(shownKey) }))
}

/** A key as the API shows it: without its secret. */
export function shownKey(key: StoredKey) {
  return {
    id: key.id,
    display_name: key.display_name,
    hint: key.hint,
    scopes: key.scopes,
    created_at: key.created_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  }
}
