/** The database with its key, as every program on this data directory opens it: the embedded one, or DATABASE_URL. */
import { mkdir, unlink } from 'node:fs/promises'
import { reveal } from '#lib/secret.ts'
import { startEmbeddedPostgres } from '#db/embedded-postgres.ts'
import { migrate } from '#db/migrate.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { assertSameKey } from '#vault/key-provider.ts'
import { openInstallationSecret, type Derive } from '#vault/installation-secret.ts'
import { adoptNextKey } from '#vault/next-key-file.ts'
import { addEnvironment, ensureEnvironments, rememberedKeyId, type NewEnvironmentKeys } from '#accounts/ensure-environments.ts'
import { wrappedKeyOf } from '#accounts/store.ts'
import { environmentKeys } from '#vault/store.ts'
import { followingFile, openVaultKey, type VaultKey } from '#vault/vault-key.ts'
import { createVault, type Vault } from '#vault/vault.ts'
import type { Config } from '#config.ts'

export interface Store {
  url: string
  db: Database
  vault: Vault
  key: VaultKey & { derive: Derive }
  embedded: boolean
  /** False: there is one of that name. */
  makeEnvironment(name: string): Promise<boolean>
  close(): Promise<void>
}

export interface OpenStoreOptions {
  /** Tests: moves `hawser_now()`. */
  clockOffsetMs?: number
  onRestart?: (message: string) => void
  /** Tests: shortens the time after which keys are asked for again. */
  staleKeysAfterMs?: number
}

const POOL_SIZE = 20

/** Starts or joins the database, brings its schema up to date, checks the key, makes the environments. Throws in plain words. */
export async function openStore(config: Config, options: OpenStoreOptions = {}): Promise<Store> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  let key = await openVaultKey({
    dataDir: config.dataDir,
    encryptionKey: config.encryptionKey && reveal(config.encryptionKey),
    kmsKey: config.kmsKey,
  })
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
    const remembered = await rememberedKeyId(db.kysely, key.provider.id)
    // Killed between the last two steps of a rotation: the new key is on disk already.
    if (key.source.kind === 'file' && remembered !== key.provider.id) key = (await adoptNextKey(config.dataDir, remembered)) ?? key
    await requireSameKey(remembered, key)
    const provider = followingFile(key, config.dataDir)
    const newKeys: NewEnvironmentKeys = new Map()
    const vault = createVault({
      keyProvider: provider,
      ...(options.staleKeysAfterMs === undefined ? {} : { staleAfterMs: options.staleKeysAfterMs }),
      loadWrappedKey: async (id) => (await wrappedKeyOf(db.kysely, id)) ?? null,
      saveWrappedKey: async (id, wrapped) => {
        newKeys.set(id, wrapped)
        return wrapped
      },
    })
    await ensureEnvironments(db.kysely, vault, newKeys, config.presetKeys)
    // All of them, now: a key service that is down is told at the start, and what is loaded goes on should the vault key be replaced.
    for (const { id } of await environmentKeys(db.kysely)) await vault.ready(id)
    const derive = await openInstallationSecret(db.kysely, provider)
    const close = async () => {
      await db.close()
      await embedded?.stop()
    }
    const makeEnvironment = (name: string) => addEnvironment(db.kysely, vault, newKeys, name)
    return { url, db, vault, key: { ...key, provider, derive }, embedded: embedded !== undefined, makeEnvironment, close }
  } catch (error) {
    await opened?.close()
    await embedded?.stop().catch(() => {})
    throw error
  }
}

/** A data directory that came without its key has just been given a new one, which opens nothing and would only hide that the right one is missing. */
async function requireSameKey(remembered: string | null, key: VaultKey): Promise<void> {
  try {
    assertSameKey(remembered, key.provider)
  } catch (error) {
    if (key.source.kind !== 'file' || !key.source.created) throw error
    await unlink(key.source.path)
    throw new Error(
      `There is no vault key at ${key.source.path}, and the database's credentials were encrypted with key ${remembered}. Bring that file back from where ` +
        'you keep the copy of the key (or set HAWSER_ENCRYPTION_KEY or HAWSER_KMS_KEY, as it was before). Nothing has been changed.',
      { cause: error },
    )
  }
}
