import { fail } from '@hawser/api/errors.ts'
import type { Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { createConnectionCallers, type ConnectionCallers } from './connection-callers.ts'
import { deleteOldTokens, recordTokenUse } from './connection-token-store.ts'
import { createApiKeyHandler } from './create-api-key.ts'
import { deleteApiKeyHandler } from './delete-api-key.ts'
import { callbackUrlOf, getEnvironmentHandler, updateEnvironmentHandler } from './environment-settings.ts'
import { createConnectionTokenHandler } from './create-connection-token.ts'
import { deleteConnectionTokenHandler, deleteTokensOfConnectionHandler, listConnectionTokensHandler } from './connection-tokens.ts'
import { exchangeTokenHandler } from './exchange-token.ts'
import { createKeyUse } from './key-use.ts'
import { listApiKeysHandler } from './list-api-keys.ts'
import type { RecordChange } from './record-change.ts'
import type { FindConnection } from './seen-connection.ts'
import { createSigningKeyHandler, deleteSigningKeyHandler, listSigningKeysHandler } from './signing-keys.ts'
import { findEnvironment, findKeyByHash, recordKeyUse } from './store.ts'

export interface Accounts {
  handlers: Handler[]
  /** For the authenticator. */
  findKey(secretHash: Buffer): Promise<KeyPrincipal | undefined>
  noteKeyUse(keyId: string): void
  /** For the proxy: who calls with a connection token or a JWT. */
  connectionCallers: ConnectionCallers
  /** Made once connections can be found. */
  connectionTokenHandlers(findConnection: FindConnection): Handler[]
  /** Deletes tokens that are over. */
  cleanUp(): Promise<void>
  /** The redirect URI that the environment's apps are registered with. Throws `not_found`. */
  callbackUrlOf(environmentId: string): Promise<string>
  flush(): Promise<void>
  close(): Promise<void>
}

export function createAccounts(kit: Kit, recordChange: RecordChange): Accounts {
  const db = kit.db.kysely
  const uses = createKeyUse((noted) => recordKeyUse(db, noted), kit.clock, kit.log)
  const tokenUses = createKeyUse((noted) => recordTokenUse(db, noted), kit.clock, kit.log)
  const connectionCallers = createConnectionCallers(kit, { key: uses.note, token: tokenUses.note })
  return {
    handlers: [
      getEnvironmentHandler(kit, recordChange),
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
    connectionCallers,
    connectionTokenHandlers: (findConnection) => [
      createConnectionTokenHandler(kit, recordChange, findConnection),
      listConnectionTokensHandler(kit),
      deleteConnectionTokenHandler(kit, recordChange),
      deleteTokensOfConnectionHandler(kit, recordChange, findConnection),
      exchangeTokenHandler(kit, recordChange, connectionCallers, findConnection),
    ],
    cleanUp: () => deleteOldTokens(db),
    async callbackUrlOf(environmentId) {
      const environment = await findEnvironment(db, environmentId)
      if (!environment) throw fail('not_found')
      return callbackUrlOf(kit, environment)
    },
    flush: async () => void (await Promise.all([uses.flush(), tokenUses.flush()])),
    close: async () => void (await Promise.all([uses.close(), tokenUses.close()])),
  }
}
