import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import type { KeyProvider } from '#vault/key-provider.ts'
import { existingKeyFile, KEY_FILE } from '#vault/local-key.ts'
import { openVaultKey, type KeyPlace } from '#vault/vault-key.ts'

/** The file of the data directory that holds the vault key `id`: the present one, the next of an interrupted rotation, or a former one. */
export async function keyFileOf(dataDir: string, id: string): Promise<string | undefined> {
  const names = (await readdir(dataDir).catch(() => [])).filter((name) => /^vault\.key(\.next|\.[0-9a-f]+\.old)?$/.test(name)).sort()
  for (const name of names) {
    if ((await existingKeyFile(dataDir, name))?.provider.id === id) return join(name)
  }
  return undefined
}

export interface KeyAtHand {
  provider: KeyProvider | undefined
  /** What there is instead; ids of keys, never keys. */
  found: string[]
}

/** The vault key with this id, from the settings or the data directory. Makes none, and never throws for a key that is another one. */
export async function vaultKeyAtHand(place: KeyPlace, id: string): Promise<KeyAtHand> {
  const found: string[] = []
  const file = await keyFileOf(place.dataDir, id)
  if (file) return { provider: (await existingKeyFile(place.dataDir, file))!.provider, found }
  if (place.kmsKey !== undefined || place.encryptionKey !== undefined) {
    const { provider } = await openVaultKey(place)
    if (provider.id === id) return { provider, found }
    found.push(provider.id)
  }
  const present = await existingKeyFile(place.dataDir, KEY_FILE)
  if (present) found.push(present.provider.id)
  return { provider: undefined, found }
}

/** Which key a server of this place would use; undefined: none is there yet. */
export async function presentVaultKey(place: KeyPlace): Promise<KeyProvider | undefined> {
  if (place.kmsKey !== undefined || place.encryptionKey !== undefined) return (await openVaultKey(place)).provider
  return (await existingKeyFile(place.dataDir, KEY_FILE))?.provider
}
