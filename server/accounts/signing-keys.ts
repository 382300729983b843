/** The endpoints of public keys whose tokens are accepted. */
import * as routes from '@hawser/api/signing-keys.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, requireScope } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { Kit } from '../kit.ts'
import { coversLimits, handedOn } from './hand-on.ts'
import { readPublicKey } from './public-key.ts'
import type { RecordChange } from './record-change.ts'
import { deleteSigningKeyOf, insertSigningKey, listSigningKeysOf, type StoredSigningKey } from './signing-key-store.ts'
import { keyExists } from './store.ts'

export const MAX_SIGNING_KEYS = 50

/** A limited key sees the keys that are limited to no more than it is. */
export function listSigningKeysHandler(kit: Pick<Kit, 'db'>): Handler {
  return handler(routes.listSigningKeys, async ({ principal }) => {
    const found = await listSigningKeysOf(kit.db.kysely, principal.environmentId)
    return { data: found.filter((key) => coversLimits(principal.limits, key.limits ?? undefined)).map(shownSigningKey) }
  })
}

export function createSigningKeyHandler(kit: Pick<Kit, 'db' | 'clock'>, recordChange: RecordChange): Handler {
  return handler(routes.createSigningKey, async ({ principal, body }) => {
    requireScope(principal, 'environment:proxy')
    const { environmentId } = principal
    const { limits, expiresAt } = handedOn(principal, body, kit.clock.now())
    const { algorithm, pem, thumbprint } = await readPublicKey(body.public_key)
    if ((await listSigningKeysOf(kit.db.kysely, environmentId)).length >= MAX_SIGNING_KEYS)
      throw fail('conflict', { message: `This environment has ${MAX_SIGNING_KEYS} signing keys already; delete one first.` })
    const id = newId(kit.clock.now())
    await recordChange({
      environmentId,
      actor: actorOf(principal),
      action: 'signing_key.create',
      subject: { id, display_name: body.display_name, algorithm, thumbprint, ...(limits ? { limits } : {}) },
    })
    const madeBy = principal.kind === 'key' ? principal.keyId : undefined
    const key = await insertSigningKey(kit.db.kysely, {
      ...{
        id,
        madeBy,
        environmentId,
        displayName: body.display_name,
        algorithm,
        publicKey: pem,
        thumbprint,
        limits,
        expiresAt,
      },
    })
    if (!key && madeBy !== undefined && !(await keyExists(kit.db.kysely, environmentId, madeBy))) throw fail('unknown_account')
    if (!key) throw fail('conflict', { message: `This environment has a signing key named "${body.display_name}" already.` })
    return { data: shownSigningKey(key) }
  })
}

export function deleteSigningKeyHandler(kit: Pick<Kit, 'db'>, recordChange: RecordChange): Handler {
  return handler(routes.deleteSigningKey, async ({ principal, params }) => {
    const { environmentId } = principal
    const missing = () => fail('not_found', { message: 'No signing key has that id in this environment.' })
    const found = (await listSigningKeysOf(kit.db.kysely, environmentId)).find((key) => key.id === params.keyId)
    if (!found || !coversLimits(principal.limits, found.limits ?? undefined)) throw missing()
    await recordChange({
      environmentId,
      actor: actorOf(principal),
      action: 'signing_key.delete',
      subject: { id: params.keyId },
    })
    if (!(await deleteSigningKeyOf(kit.db.kysely, environmentId, params.keyId))) throw missing()
    return { success: true }
  })
}

export function shownSigningKey(key: StoredSigningKey) {
  return {
    id: key.id,
    display_name: key.display_name,
    algorithm: key.algorithm,
    thumbprint: key.thumbprint,
    limits: key.limits,
    expires_at: key.expires_at?.toISOString() ?? null,
    made_by: key.made_by.at(-1) ?? null,
    created_at: key.created_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  }
}
