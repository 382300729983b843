import { listApiKeys } from '@hawser/api/environment.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { Kit } from '../kit.ts'
import { coversLimits } from './hand-on.ts'
import { listKeys, type StoredKey } from './store.ts'

export function listApiKeysHandler(kit: Kit): Handler {
  return handler(listApiKeys, async ({ principal }) => {
    const found = await listKeys(kit.db.kysely, principal.environmentId)
    return { data: found.filter((key) => coversLimits(principal.limits, key.limits ?? undefined)).map(shownKey) }
  })
}

/** A key as the API shows it: without its secret. */
export function shownKey(key: StoredKey) {
  return {
    id: key.id,
    display_name: key.display_name,
    hint: key.hint,
    scopes: key.scopes,
    limits: key.limits,
    expires_at: key.expires_at?.toISOString() ?? null,
    made_by: key.made_by.at(-1) ?? null,
    created_at: key.created_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  }
}
