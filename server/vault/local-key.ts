import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { constants, link, mkdir, open as openFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KEY_BYTES, open, seal } from './envelope.ts'
import type { KeyProvider } from './key-provider.ts'
import { CHECK_BYTES, WrongVaultKey } from './key-provider.ts'
import { syncDirectory } from './sync-directory.ts'

export const KEY_FILE = 'vault.key'

/** The key cannot be used as it is; the message tells the operator what to do, and never holds key material. */
export class UnusableKey extends Error {
  readonly code = 'ERR_UNUSABLE_KEY'
  override readonly name = 'UnusableKey'
}

export type LocalKey = {
  provider: KeyProvider
  /** Where the key came from; `created` asks for a backup. */
  source: { kind: 'file'; path: string; created: boolean } | { kind: 'environment' }
}

const keyCheckOf = (key: Buffer): Buffer => createHmac('sha256', key).update('hawser key check v1').digest().subarray(0, CHECK_BYTES)
const idOf = (check: Buffer): string => `local:${check.toString('hex')}`

const parseKey = (text: string, where: string): Buffer => {
  const trimmed = text.trim()
  const key = Buffer.from(trimmed, 'base64') // reads base64url too
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed)
  if (!isBase64 || key.length !== KEY_BYTES)
    throw new UnusableKey(`${where} must hold ${KEY_BYTES} bytes in base64 (openssl rand -base64 32)`)
  return key
}

/** Wraps as: key check (8 bytes) | sealed. The check tells "another key" from "changed bytes". */
const createProvider = (key: Buffer): KeyProvider => {
  const check = keyCheckOf(key)
  const id = idOf(check)
  const keyObject = createSecretKey(key)
  return {
    id,
    wrap: async (plain, aad) => Buffer.concat([check, seal(keyObject, aad, plain)]),
    unwrap: async (wrapped, aad) => {
      const wrappedBy = wrapped.subarray(0, CHECK_BYTES)
      if (!wrappedBy.equals(check)) throw new WrongVaultKey(idOf(wrappedBy), id)
      return open(keyObject, aad, wrapped.subarray(CHECK_BYTES))
    },
  }
}

const fromKey = (key: Buffer, source: LocalKey['source']): LocalKey => ({
  provider: createProvider(key),
  source,
})

/** The key from a setting, where the machine has no lasting disk. `value`: 32 bytes in base64. @throws UnusableKey */
export const localKeyFromText = (value: string, settingName = 'HAWSER_ENCRYPTION_KEY'): LocalKey =>
  fromKey(parseKey(value, settingName), { kind: 'environment' })

const assertPrivate = (path: string, stat: { mode: number; uid: number; isFile: () => boolean }): void => {
  if (!stat.isFile()) throw new UnusableKey(`${path} is not a regular file`)
  const me = process.geteuid?.()
  if (me === undefined) return // Windows: access lists, not modes
  if (stat.uid !== me)
    throw new UnusableKey(`${path} belongs to user ${stat.uid}, but this server runs as user ${me}; run: chown ${me} ${path}`)
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
    throw new UnusableKey(`${path} can be read by others (mode ${mode}); run: chmod 600 ${path}`)
  }
}

/** Null if there is no file. A link is not followed: in a directory that others may write to it could lead anywhere. */
const readKeyFile = async (path: string): Promise<Buffer | null> => {
  // O_NONBLOCK: opening a pipe that lies under this name must not wait for a writer.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await openFile(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    if (error.code === 'ELOOP') throw new UnusableKey(`${path} is a symbolic link; put the key file itself there`)
    throw new UnusableKey(`${path} cannot be read (${error.code})`)
  })
  if (file === null) return null
  try {
    assertPrivate(path, await file.stat())
    return parseKey(await file.readFile('utf8'), path)
  } finally {
    await file.close()
  }
}

/** `link` never overwrites, so of two servers that start at once one key wins and both read it; what is linked is complete and on disk. */
const createKeyFile = async (path: string): Promise<boolean> => {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await openFile(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(temporary)
    await syncDirectory(dirname(path))
  }
}

/** The key from `<dataDir>/vault.key` (mode 0600), which is made on first use. @throws UnusableKey */
export const localKeyFromFile = async (dataDir: string, fileName = KEY_FILE): Promise<LocalKey> => {
  const path = join(dataDir, fileName)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const found = await existingKeyFile(dataDir, fileName)
  if (found) return found
  const created = await createKeyFile(path)
  const key = await readKeyFile(path)
  if (key === null) throw new UnusableKey(`${path} disappeared while it was made`)
  return fromKey(key, { kind: 'file', path, created })
}

/** Undefined if there is no such file. @throws UnusableKey */
export const existingKeyFile = async (dataDir: string, fileName: string): Promise<LocalKey | undefined> => {
  const path = join(dataDir, fileName)
  const found = await readKeyFile(path)
  return found ? fromKey(found, { kind: 'file', path, created: false }) : undefined
}
