import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Timers from 'node:timers/promises'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { addKeys } from './keys.ts'
import { addVault } from './vault.ts'
import { addVaultEpoch } from './vault-epoch.ts'

let database: TestDatabase
let dataDir: string | undefined
let anotherDir: string

/** The rotation waits until every server has the new keys, by the database's clock: here that time has passed at once. */
vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof Timers>()
  const passed = (ms: number) =>
    query(`update vault_rotation set announced_at = announced_at - interval '${ms} ms', switched_at = switched_at - interval '${ms} ms'`)
  return { ...real, setTimeout: (ms: number) => (dataDir === undefined ? real.setTimeout(ms) : passed(ms)) }
})

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-vault-'))
  anotherDir = await mkdtemp(join(tmpdir(), 'hawser-vault-'))
})
afterAll(async () => {
  await database.close()
  for (const folder of [dataDir, anotherDir]) await rm(folder!, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', ENCRYPTION_KEY)
})
afterEach(() => {
  vi.unstubAllEnvs()
  process.exitCode = 0
})

const ENCRYPTION_KEY = randomBytes(32).toString('base64')

async function run(folder: string, ...words: string[]): Promise<string> {
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  const told = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  try {
    const program = new Command('hawser').option('--json').option('--data-dir <folder>')
    addKeys(program)
    addVault(program)
    addVaultEpoch(program)
    await program.parseAsync(['--data-dir', folder, ...words], { from: 'user' })
  } finally {
    log.mockRestore()
    told.mockRestore()
  }
  return printed.join('\n')
}
const hawser = (...words: string[]) => run(dataDir!, ...words)
const value = async <T>(...words: string[]): Promise<T> => JSON.parse(await hawser('--json', ...words)) as T

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows as Record<string, unknown>[]
}

describe('hawser vault: the keys', () => {
  it('status names the key and the environments, and shows nothing secret', async () => {
    const text = await hawser('vault', 'status')
    expect(text).toMatch(/^Vault key {2}\S+ \(local\)\ndev: key 1, never rotated\nprod: key 1, never rotated$/)
    expect(text).not.toContain(ENCRYPTION_KEY)
  })

  it('rotate --environment-keys gives an environment a new key; the others keep theirs', async () => {
    const before = await query(`select name, wrapped_key from environment order by name`)
    expect(await hawser('vault', 'rotate', '--environment-keys', '--env', 'dev')).toMatch(/^dev: has a new key; \d+ data keys were wrapped/)
    expect(await hawser('vault')).toMatch(/dev: key 2, rotation: done, \d+ data keys wrapped again, 0 to go\nprod: key 1, never rotated/)
    const after = await query(`select name, wrapped_key from environment order by name`)
    expect(after.map((row, at) => (row['wrapped_key'] as Buffer).equals(before[at]!['wrapped_key'] as Buffer))).toEqual([false, true])
    await expect(hawser('vault', 'rotate', '--environment-keys', '--env', 'nowhere')).rejects.toThrow('No environment is called "nowhere"')
  })

  it('rotate replaces the vault key by the one in HAWSER_NEW_ENCRYPTION_KEY; the former one opens nothing any more', async () => {
    await expect(hawser('vault', 'rotate')).rejects.toThrow('Put the next one into HAWSER_NEW_ENCRYPTION_KEY')
    await expect(hawser('vault', 'rotate', '--env', 'dev')).rejects.toThrow('--env goes with --environment-keys')
    await expect(hawser('vault', 'rotate', '--environment-keys', '--to-file')).rejects.toThrow('leave --environment-keys out')
    const next = randomBytes(32).toString('base64')
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', next)
    expect(await hawser('vault', 'rotate')).toContain('Restart them with HAWSER_ENCRYPTION_KEY set to the new key')
    await expect(hawser('vault', 'status')).rejects.toThrow(/key/)
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', next)
    expect(await hawser('vault', 'status')).toContain('dev: key 2')
    vi.stubEnv('HAWSER_NEW_ENCRYPTION_KEY', ENCRYPTION_KEY)
    await hawser('vault', 'rotate')
  })
})

describe('hawser vault: the epoch', () => {
  it('take-over gives the database a new epoch and the directory with it; others join', async () => {
    const first = await value<{ epoch: string; frozen: string | null }>('vault', 'epoch')
    await expect(hawser('vault', 'take-over')).rejects.toThrow('Say --yes to take over')
    const { epoch } = await value<{ epoch: string }>('vault', 'take-over', '--yes')
    expect(epoch).not.toBe(first.epoch)
    expect(JSON.parse(await readFile(join(dataDir!, 'epoch'), 'utf8'))).toMatchObject({ epoch })
    expect(await value('vault', 'epoch')).toMatchObject({ epoch, frozen: null })

    expect(await run(anotherDir, 'vault', 'epoch')).toMatch(/Frozen for this data directory: .*\n {2}→ /)
    expect(await run(anotherDir, 'vault', 'join')).toBe(`${anotherDir} belongs to epoch ${epoch} now.`)
    expect(await run(anotherDir, 'vault', 'epoch')).toBe(epoch)
    await hawser('vault', 'take-over', '--yes')
    expect(await run(anotherDir, 'vault', 'epoch')).toContain('Frozen for this data directory')
  })

  it('join does not help where the database says itself that it is a copy', async () => {
    await query(`update vault set home = '1/2'`)
    await expect(hawser('vault', 'join')).rejects.toThrow(/take-over/)
    expect(await hawser('vault', 'epoch')).toContain('Frozen for this data directory')
    await hawser('vault', 'take-over', '--yes')
    expect(await value('vault', 'epoch')).toMatchObject({ frozen: null })
  })
})
