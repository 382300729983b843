import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testkit/test-database.ts'
import { readConfig, type Config } from './config.ts'
import { openStore } from './open-store.ts'

describe('a data directory that came without its key', () => {
  let database: TestDatabase
  let config: Config
  let keyFile: string

  beforeAll(async () => {
    database = await createTestDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'hawser-open-'))
    keyFile = join(dataDir, 'vault.key')
    const env = { DATABASE_URL: database.url, HAWSER_DATA_DIR: dataDir, HAWSER_ENCRYPTION_KEY: randomBytes(32).toString('base64') }
    const read = readConfig({ env, dev: true, starts: false, cwd: tmpdir() })
    if (!read.ok) throw new Error(read.problems.join('\n'))
    // As with the embedded database: the key lies in the data directory.
    config = { ...read.config, encryptionKey: undefined }
    await (await openStore(config)).close()
  })
  afterAll(async () => {
    await database.close()
    await rm(config.dataDir, { recursive: true, force: true })
  })

  it('says that the key is missing, and leaves no new one that would hide it', async () => {
    const kept = `${keyFile}.kept`
    await rename(keyFile, kept)
    await expect(openStore(config)).rejects.toThrow(`There is no vault key at ${keyFile}`)
    await expect(readFile(keyFile)).rejects.toThrow('ENOENT')
    await rename(kept, keyFile)
    const store = await openStore(config)
    await store.close()
  })
})
