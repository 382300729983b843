import { fail } from '@hawser/api/errors.ts'
import type { Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { createConnectionCallers, type ConnectionCallers } from './connection-callers.ts'
import { deleteOldTokens } from './connection-token-store.ts'
import { createApiKeyHandler } from './create-api-key.ts'
import { deleteApiKeyHandler } from './delete-api-key.ts'
import { callbackUrlOf, getEnvironmentHandler, updateEnvironmentHandler } from './environment-settings.ts'
import { createConnectionTokenHandler, type FindConnection } from './create-connection-token.ts'
import { createKeyUse } from './key-use.ts'
import { listApiKeysHandler } from './list-api-keys.ts'
import type { RecordChange } from './record-change.ts'
import { createSigningKeyHandler, deleteSigningKeyHandler, listSigningKeysHandler } from './signing-keys.ts'
import { findEnvironment, findKeyByHash } from './store.ts'

export interface Accounts {
  handlers: Handler[]
  /** For the authenticator. */
  findKey(secretHash: Buffer): Promise<KeyPrincipal | undefined>
  noteKeyUse(keyId: string): void
  /** For the proxy: who calls with a connection token or a JWT. */
  connectionCallers: ConnectionCallers
  /** Made once connections can be found. */
  connectionTokenHandler(findConnection: FindConnection): Handler
  /** Deletes tokens that are over. */
  cleanUp(): Promise<void>
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
      listSigningKeysHandler(kit),
      createSigningKeyHandler(kit, recordChange),
      deleteSigningKeyHandler(kit, recordChange),
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
        limits: found.limits,
        expiresAt: found.expiresAt?.getTime(),
      }
    },
    noteKeyUse: uses.note,
    connectionCallers: createConnectionCallers(kit, uses.note),
    connectionTokenHandler: (findConnection) => createConnectionTokenHandler(kit, recordChange, findConnection),
    cleanUp: () => deleteOldTokens(db),
    async callbackUrlOf(environmentId) {
      const environment = await findEnvironment(db, environmentId)
      if (!environment) throw fail('not_found')
      return callbackUrlOf(kit, environment)
    },
    flush: uses.flush,
    close: uses.close,
  }
}
