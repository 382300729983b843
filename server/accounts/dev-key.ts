import { open, readFile } from 'node:fs/promises'
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
  const known = await readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
  const secret = known ?? newSecretKey('dev')
  await ensureKey(db, (await findEnvironmentByName(db, 'dev'))!, secret, 'kept in the data directory')
  if (!known) {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${secret}\n`)
    await file.close()
  }
  return secret
}
