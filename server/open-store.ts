/** The database with its key, as every program on this data directory opens it: the embedded one, or DATABASE_URL. */
import { mkdir } from 'node:fs/promises'
import { reveal } from '#lib/secret.ts'
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts'
import { migrate } from '#db/migrate.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { assertSameKey } from '#vault/key-provider.ts'
import { localKeyFromFile, localKeyFromText, type LocalKey } from '#vault/local-key.ts'
import { ensureEnvironments, rememberedKeyId, type NewEnvironmentKeys } from '#accounts/ensure-environments.ts'
import { wrappedKeyOf } from '#accounts/store.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import type { Config } from '#config.ts'

export interface Store {
  url: string
  db: Database
  vault: Vault
  key: LocalKey
  embedded: boolean
  close(): Promise<void>
}

export interface OpenStoreOptions {
  /** Tests: moves `hawser_now()`. */
  clockOffsetMs?: number
  onRestart?: (message: string) => void
}

const POOL_SIZE = 20

/** Starts or joins the database, brings its schema up to date, checks the key, makes the environments. Throws in plain words. */
export async function openStore(config: Config, options: OpenStoreOptions = {}): Promise<Store> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const key = config.encryptionKey
    ? localKeyFromText(reveal(config.encryptionKey), 'HAWSER_ENCRYPTION_KEY')
    : await localKeyFromFile(config.dataDir)
  const embedded = config.databaseUrl
    ? undefined
    : await startEmbeddedPostgres({ dataDir: config.dataDir, ...(options.onRestart ? { onRestart: options.onRestart } : {}) })
  const url = embedded?.url ?? reveal(config.databaseUrl!)
  let opened: Database | undefined
  try {
    await migrate(url)
    const db = (opened = await openDatabase({
      url,
      max: POOL_SIZE,
      ...(options.clockOffsetMs === undefined ? {} : { clockOffsetMs: options.clockOffsetMs }),
    }))
    assertSameKey(await rememberedKeyId(db.kysely, key.provider.id), key.provider)
    const newKeys: NewEnvironmentKeys = new Map()
    const vault = createVault({
      keyProvider: key.provider,
      loadWrappedKey: async (id) => (await wrappedKeyOf(db.kysely, id)) ?? null,
      saveWrappedKey: async (id, wrapped) => {
        newKeys.set(id, wrapped)
        return wrapped
      },
    })
    await ensureEnvironments(db.kysely, vault, newKeys, config.presetKeys)
    const close = async () => {
      await db.close()
      await embedded?.stop()
    }
    return { url, db, vault, key, embedded: embedded !== undefined, close }
  } catch (error) {
    await opened?.close()
    await embedded?.stop().catch(() => {})
    throw error
  }
}
