/** The vault key from wherever the settings say it is. */
import { idOfKmsKey, kmsKeyProvider, type KmsOptions } from './kms-key.ts'
import { WrongVaultKey, type KeyProvider } from './key-provider.ts'
import { KEY_FILE, existingKeyFile, localKeyFromFile, localKeyFromText, type LocalKey } from './local-key.ts'

export interface VaultKey {
  provider: KeyProvider
  source: LocalKey['source'] | { kind: 'aws-kms'; arn: string }
}

export interface KeyPlace {
  dataDir: string
  /** 32 bytes in base64. */
  encryptionKey?: string | undefined
  /** ARN. */
  kmsKey?: string | undefined
}

/** @throws UnusableKey, KmsUnusable */
export async function openVaultKey(place: KeyPlace, kms: KmsOptions = {}): Promise<VaultKey> {
  if (place.kmsKey !== undefined)
    return { provider: await kmsKeyProvider(place.kmsKey, kms), source: { kind: 'aws-kms', arn: place.kmsKey } }
  if (place.encryptionKey !== undefined) return localKeyFromText(place.encryptionKey, 'HAWSER_ENCRYPTION_KEY')
  return localKeyFromFile(place.dataDir)
}

/** A server that runs while its key file is replaced finds the new one by itself. Keys from settings need a restart. */
export function followingFile(key: VaultKey, dataDir: string): KeyProvider {
  if (key.source.kind !== 'file') return key.provider
  let provider = key.provider
  return {
    get id() {
      return provider.id
    },
    wrap: (plain, aad) => provider.wrap(plain, aad),
    async unwrap(wrapped, aad) {
      try {
        return await provider.unwrap(wrapped, aad)
      } catch (error) {
        if (!(error instanceof WrongVaultKey)) throw error
        const now = await existingKeyFile(dataDir, KEY_FILE)
        if (!now || now.provider.id === provider.id) throw error
        const plain = await now.provider.unwrap(wrapped, aad)
        provider = now.provider
        return plain
      }
    },
  }
}

/** For people: what kind of key an id names. */
export function kindOfKey(id: string): 'local' | 'aws-kms' {
  return id.startsWith(idOfKmsKey('')) ? 'aws-kms' : 'local'
}
