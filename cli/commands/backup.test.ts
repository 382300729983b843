import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { hawserIn } from './backup-command-rig.ts'
import { removeClusterFiles } from '../../server/backup/throwaway-cluster.ts'

const PASSPHRASE = 'correct horse battery staple'
let database: TestDatabase
let db: Database
let root: string
let dataDir: string
let key: string

beforeAll(async () => {
  ;[database, root] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-backup-cli-'))])
  dataDir = join(root, 'data')
  key = randomBytes(32).toString('base64')
  db = await openDatabase({ url: database.url, max: 2 })
})
beforeEach(async () => {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', key)
  vi.stubEnv('HAWSER_BACKUP_PASSPHRASE', PASSPHRASE)
  await hawser('keys', 'list')
})
afterEach(() => {
  process.exitCode = 0
})
afterAll(async () => {
  await db.close()
  await database.close()
  await rm(root, { recursive: true })
})

const hawser = (...words: string[]) => hawserIn(dataDir, ...words)

describe('hawser backup', () => {
  it('writes a file, tries it out, says what is needed besides; verify and restore take it', async () => {
    const file = join(root, 'one.hawser-backup')
    const said = await hawser('backup', '--out', file)
    expect(said).toContain('Restored into a PostgreSQL of its own: every table holds the same there')
    expect(said).toMatch(/Opened with the vault key: one each of environment\.webhook_key/)
    expect(said).toContain('It can be restored.')
    expect(said).toMatch(/you need the passphrase, and the vault key local:[0-9a-f]{16}/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await hawser('backup', 'verify', '--read-only', file)).toMatch(/all sums are right\.\nNOT looked at/)
    expect(process.exitCode).not.toBe(1)
    await expect(hawser('backup', '--out', file)).rejects.toThrow('is there already')

    vi.stubEnv('DATABASE_URL', '')
    const restored = join(root, 'restored')
    const done = await hawser('--data-dir', restored, 'restore', file)
    expect(done).toContain('The vault is frozen')
    expect(done).toContain(`vault take-over --data-dir ${restored}`)
    expect(done).not.toContain('is missing')
    expect(await hawser('--data-dir', restored, 'vault', 'epoch')).toContain('Frozen for this data directory')
    await hawser('--data-dir', restored, 'vault', 'take-over', '--yes')
    expect(await hawser('--data-dir', restored, 'vault', 'epoch')).not.toContain('Frozen')
    await expect(hawser('--data-dir', restored, 'restore', file)).rejects.toThrow('is not empty')
    expect((await readdir(root)).filter((name) => name.includes('restoring'))).toEqual([])
    removeClusterFiles(restored)
  }, 90_000)

  it('wants a passphrase that is worth it, and the right one', async () => {
    const file = join(root, 'two.hawser-backup')
    await hawser('backup', '--no-verify', '--out', file)
    vi.stubEnv('HAWSER_BACKUP_PASSPHRASE', 'another one, long enough')
    await expect(hawser('backup', 'verify', file)).rejects.toThrow('wrong passphrase')
    await writeFile(join(root, 'passphrase'), `${PASSPHRASE}\n`, { mode: 0o600 })
    expect(await hawser('backup', 'verify', '--read-only', '--passphrase-file', join(root, 'passphrase'), file)).toContain(
      'all sums are right',
    )
    vi.stubEnv('HAWSER_BACKUP_PASSPHRASE', 'short')
    await expect(hawser('backup', '--out', join(root, 'three'))).rejects.toThrow('12 characters')
    vi.stubEnv('HAWSER_BACKUP_PASSPHRASE', '')
    await expect(hawser('backup', '--out', join(root, 'three'))).rejects.toThrow('HAWSER_BACKUP_PASSPHRASE or --passphrase-file')
    await expect(hawser('backup', '--with-vault-key', '--include-vault-key')).rejects.toThrow('cannot lie in the box')
  })

  it('keeps the newest of a folder, and removes none for a backup that did not pass its test', async () => {
    const folder = join(root, 'kept')
    const old = ['hawser-20200101T000000Z.hawser-backup', 'hawser-20200102T000000Z.hawser-backup', 'mine.hawser-backup']
    await hawser('backup', '--no-verify', '--dir', folder)
    for (const name of old) await writeFile(join(folder, name), '')
    const [newest] = (await readdir(folder)).filter((name) => !old.includes(name))
    await rename(join(folder, newest!), join(folder, 'hawser-20200103T000000Z.hawser-backup'))

    const { rows } = await db.pool.query<{ id: string; webhook_key: Buffer }>(
      'select id, webhook_key from environment order by id desc limit 1',
    )
    await db.pool.query(`update environment set webhook_key = 'broken' where id = $1`, [rows[0]!.id])
    await expect(hawser('backup', '--dir', folder, '--keep', '1')).rejects.toThrow(
      /did not pass its test: environment\.webhook_key .* does not open/,
    )
    expect((await readdir(folder)).filter((name) => name.endsWith('.hawser-backup'))).toHaveLength(4)
    expect((await readdir(folder)).filter((name) => name.includes('.unverified-'))).toHaveLength(1)
    await db.pool.query(`update environment set webhook_key = $2 where id = $1`, [rows[0]!.id, rows[0]!.webhook_key])

    await hawser('backup', '--dir', folder, '--keep', '2')
    const left = (await readdir(folder)).filter((name) => name.endsWith('.hawser-backup')).sort()
    expect(left).toHaveLength(3)
    expect(left).toEqual([
      'hawser-20200103T000000Z.hawser-backup',
      expect.stringMatching(/^hawser-2[01]\d{6}T\d{6}Z\./),
      'mine.hawser-backup',
    ])
  }, 60_000)

  it('leaves no file of the final name when it is killed', async () => {
    await db.pool.query('create table scratch as select 1')
    const environment = (await db.pool.query<{ id: string }>('select id from environment limit 1')).rows[0]!.id
    await db.pool.query(
      `insert into event (id, environment_id, type, payload, url) select gen_random_uuid(), $1, n::text, to_jsonb(repeat(md5(n::text), 100)), 'x' from generate_series(1, 20000) n`,
      [environment],
    )
    const folder = await mkdtemp(join(root, 'killed-'))
    const out = join(folder, 'x.hawser-backup')
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'cli/main.ts', '--data-dir', dataDir, 'backup', '--no-verify', '--out', out],
      {
        cwd: join(import.meta.dirname, '../..'),
        stdio: 'ignore',
      },
    )
    const exit = once(child, 'exit')
    const until = performance.now() + 20_000
    const written = async () =>
      (await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))).some((size) => size > 100_000)
    while (!(await written()) && child.exitCode === null && performance.now() < until) await sleep(2)
    child.kill('SIGKILL')
    expect(await exit).toEqual([null, 'SIGKILL'])
    expect(await readdir(folder)).toEqual([expect.stringMatching(/^\.x\.hawser-backup\.[0-9a-f]{12}\.part$/)])
    await db.pool.query('truncate event')
    await db.pool.query('drop table scratch')
  }, 40_000)

  it('31. after the vault key was replaced, a former backup names the key that it needs', async () => {
    const file = join(root, 'former.hawser-backup')
    await hawser('backup', '--no-verify', '--out', file)
    const sealed = join(root, 'sealed.hawser-backup')
    await hawser('backup', '--with-vault-key', '--no-verify', '--out', sealed)
    const former = JSON.parse(await hawser('--json', 'vault', 'status')).key.id as string
    const next = randomBytes(32).toString('base64')
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', next)
    await hawser('vault', 'rotate')
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', '')
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', next)
    expect(await hawser('backup', 'verify', file)).toMatch(
      new RegExp(`NOT looked at: secrets .*the vault key ${former} is not here \\(here is local:`),
    )
    await expect(hawser('backup', 'verify', sealed)).rejects.toThrow(`opens with the vault key ${former}, which is not here`)
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', key)
    expect(await hawser('backup', 'verify', '--read-only', sealed)).toContain('all sums are right')
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', next)
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', key)
    await hawser('vault', 'rotate')
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', '')
  }, 60_000)
})
