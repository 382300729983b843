import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { removeClusterFiles } from '../../server/backup/throwaway-cluster.ts'
import { hawserIn } from './backup-command-rig.ts'

let root: string
let own: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hawser-backup-long-'))
  own = join(root, 'own')
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', '')
  vi.stubEnv('HAWSER_BACKUP_PASSPHRASE', 'correct horse battery staple')
})
afterAll(async () => {
  for (const each of ['own', 'moved', 'other']) removeClusterFiles(join(root, each))
  await rm(root, { recursive: true, force: true })
})

describe('a backup of an embedded database', () => {
  it('holds the vault key only when asked, and then file and passphrase are all that is needed', async () => {
    const file = join(root, 'with-key.hawser-backup')
    await hawserIn(own, 'keys', 'create', 'a')
    expect(await hawserIn(own, 'backup', '--include-vault-key', '--out', file)).toContain('The vault key is inside')
    const moved = join(root, 'moved')
    expect(await hawserIn(moved, 'restore', file)).toMatch(/The vault key opens it: environment\.webhook_key; audit trail of [1-9]/)
    expect(await readFile(join(moved, 'vault.key'), 'utf8')).toBe(await readFile(join(own, 'vault.key'), 'utf8'))
    expect((await stat(join(moved, 'vault.key'))).mode & 0o777).toBe(0o600)
  }, 120_000)

  it('is restored beside another vault key too, and says which one is missing', async () => {
    const file = join(root, 'without-key.hawser-backup')
    await hawserIn(own, 'backup', '--no-verify', '--out', file)
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', randomBytes(32).toString('base64'))
    expect(await hawserIn(join(root, 'other'), 'restore', file)).toMatch(/The vault key local:[0-9a-f]{16} is missing \(here is local:/)
  }, 120_000)
})
