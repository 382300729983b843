import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { ensureKey } from './ensure-environments.ts'
import { newSecretKey } from './secret-key.ts'
import { findEnvironmentByName } from './store.ts'

/** Where the key lies that the command line uses on this machine (mode 0600). */
export function devKeyFile(dataDir: string): string {
  return join(dataDir, 'dev.key')
}

/** The API key of `dev` that is kept in the data directory; made at the first start, and made to work again if the database is new. */
export async function ensureDevKey(db: Kysely<unknown>, dataDir: string): Promise<string> {
  const path = devKeyFile(dataDir)
  const known = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new Error(`${path} cannot be read (${error.code})`)
  })
  const secret = known.trim() || newSecretKey('dev')
  await ensureKey(db, (await findEnvironmentByName(db, 'dev'))!, secret, 'kept in the data directory')
  if (known.trim() === '') {
    // By renaming, so that a start that is cut off leaves no half a key.
    const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
    await writeFile(temporary, `${secret}\n`, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  }
  return secret
}
