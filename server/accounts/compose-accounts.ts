import { fail } from '@hawser/api/errors.ts'
import type { Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { createApiKeyHandler } from './create-api-key.ts'
import { deleteApiKeyHandler } from './delete-api-key.ts'
import { callbackUrlOf, getEnvironmentHandler, updateEnvironmentHandler } from './environment-settings.ts'
import { createKeyUse } from './key-use.ts'
import { listApiKeysHandler } from './list-api-keys.ts'
import type { RecordChange } from './record-change.ts'
import { findEnvironment, findKeyByHash } from './store.ts'

export interface Accounts {
  handlers: Handler[]
  /** For the authenticator. */
  findKey(secretHash: Buffer): Promise<KeyPrincipal | undefined>
  noteKeyUse(keyId: string): void
  /** The redirect URI that the environment's apps are registered with. Throws `not_found`. */
  callbackUrlOf(environmentId: string): Promise<string>
  flush(): Promise<void>
  close(): Promise<void>
}

export function createAccounts(kit: Kit, recordChange: RecordChange): Accounts {
  const db = kit.db.kysely
  const uses = createKeyUse(db, kit.clock, kit.log)
  return {
    handlers: [
      getEnvironmentHandler(kit),
      updateEnvironmentHandler(kit, recordChange),
      listApiKeysHandler(kit),
      createApiKeyHandler(kit, recordChange),
      deleteApiKeyHandler(kit, recordChange),
    ],
    async findKey(secretHash) {
      const found = await findKeyByHash(db, secretHash)
      if (!found) return undefined
      return {
        kind: 'key',
        keyId: found.id,
        environmentId: found.environmentId,
        environmentName: found.environmentName,
        scopes: found.scopes,
      }
    },
    noteKeyUse: uses.note,
    async callbackUrlOf(environmentId) {
      const environment = await findEnvironment(db, environmentId)
      if (!environment) throw fail('not_found')
      return callbackUrlOf(kit, environment)
    },
    flush: uses.flush,
    close: uses.close,
  }
}
