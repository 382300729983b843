/** How a key file is replaced, so that a crash at any point leaves a key that opens what is stored. */
import { link, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KEY_FILE, existingKeyFile, localKeyFromFile, type LocalKey } from './local-key.ts'
import { syncDirectory } from './sync-directory.ts'

const NEXT_FILE = `${KEY_FILE}.next`

/** Made on disk before anything is wrapped by it; the one of an interrupted rotation is used again. @throws UnusableKey */
export const nextKeyFile = (dataDir: string): Promise<LocalKey> => localKeyFromFile(dataDir, NEXT_FILE)

/**
 * Puts the next key in the key's place, if it is the one named `id`; returns it, or undefined. The former key stays as `vault.key.<its name>.old`: backups of the
 * database from before open with it alone, and only the operator knows when the last of them is gone.
 */
export async function adoptNextKey(dataDir: string, id: string): Promise<LocalKey | undefined> {
  const next = await existingKeyFile(dataDir, NEXT_FILE)
  if (next?.provider.id !== id) return undefined
  const path = join(dataDir, KEY_FILE)
  const former = await existingKeyFile(dataDir, KEY_FILE)
  if (former && former.provider.id !== id) await ignoring('EEXIST', link(path, formerKeyFile(dataDir, former.provider.id)))
  await rename(join(dataDir, NEXT_FILE), path)
  await syncDirectory(dirname(path))
  return existingKeyFile(dataDir, KEY_FILE)
}

export const formerKeyFile = (dataDir: string, id: string): string => join(dataDir, `${KEY_FILE}.${id.replace(/^local:/, '')}.old`)

/** After a rotation away from a file: the file must not be taken for the key again. */
export async function retireKeyFile(dataDir: string, id: string): Promise<void> {
  const path = join(dataDir, KEY_FILE)
  await ignoring('EEXIST', link(path, formerKeyFile(dataDir, id)))
  await unlink(path)
  await syncDirectory(dataDir)
}

async function ignoring(code: string, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error
  }
}
