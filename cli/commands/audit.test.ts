import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { addAudit } from './audit.ts'
import { addKeys } from './keys.ts'

const ENCRYPTION_KEY = randomBytes(32).toString('base64')
let database: TestDatabase
let dataDir: string

beforeAll(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'hawser-audit-'))
})
afterAll(async () => {
  await database.close()
  await rm(dataDir, { recursive: true })
})
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url)
  vi.stubEnv('HAWSER_ENCRYPTION_KEY', ENCRYPTION_KEY)
})
afterEach(() => {
  process.exitCode = 0
})

async function hawser(...words: string[]): Promise<string> {
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  try {
    const program = new Command('hawser').option('--json').option('--data-dir <folder>')
    addAudit(program)
    addKeys(program)
    await program.parseAsync(['--data-dir', dataDir, ...words], { from: 'user' })
  } finally {
    log.mockRestore()
    write.mockRestore()
  }
  return printed.join('')
}

async function query(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(text)
  await client.end()
}

describe('hawser audit', () => {
  it('34. verify tells a whole trail from one that was changed, by its exit code, and names the row', async () => {
    for (const name of ['a', 'b', 'c']) await hawser('keys', 'create', name)
    expect(await hawser('audit', 'verify')).toBe('The audit trail is whole: 6 rows in 3 chains.')
    expect(process.exitCode).not.toBe(1)
    const heads = join(dataDir, 'heads.json')
    await writeFile(heads, await hawser('--json', 'audit', 'verify'))
    await query(`delete from audit_event where chain = (select max(chain::text)::uuid from audit_event) and seq = 2`)
    expect(await hawser('audit', 'verify')).toContain('is whole')
    expect(await hawser('audit', 'verify', '--heads', heads)).toMatch(/NOT whole[^]*row 2 of chain .* is missing: it was there once/)
    expect(process.exitCode).toBe(1)
    await query(`update audit_event set action = 'api_key.list' where action = 'api_key.create'`)
    const verdict = JSON.parse(await hawser('--json', 'audit', 'verify'))
    expect(verdict.faults).toMatchObject([
      { seq: 2, what: expect.stringMatching(/^was altered/) },
      { seq: 2, what: expect.stringMatching(/^was altered/) },
    ])
    expect(await readFile(heads, 'utf8')).toContain('heads')
  })

  it('34. acknowledge says why rows are missing; verify then exits with 0 and says so', async () => {
    await expect(hawser('audit', 'acknowledge', '--reason', ' ')).rejects.toThrow('--reason takes 1 to 500 characters')
    await query('truncate audit_event')
    for (const name of ['d', 'e']) await hawser('keys', 'create', name)
    await query(`delete from audit_event where chain = (select min(chain::text)::uuid from audit_event) and seq = 2`)
    expect(await hawser('audit', 'verify')).toContain('NOT whole')
    expect(process.exitCode).toBe(1)
    process.exitCode = 0
    const told = await hawser('audit', 'acknowledge', '--reason', 'restored the backup of Monday', '--by', 'Ada')
    expect(told).toMatch(/Acknowledged by Ada:[^]* row 2 of chain [^]*is whole, but for gaps that were acknowledged/)
    expect(await hawser('audit', 'verify')).toMatch(/Acknowledged gap: row 2 of chain .*; Ada, .*: restored the backup of Monday/)
    expect(process.exitCode).toBe(0)
    expect(await hawser('audit', 'acknowledge', '--reason', 'again')).toContain('No rows are missing')
  })

  it('export prints a row a line; times that are none are refused', async () => {
    const lines = (await hawser('audit', 'export', '--from', '2020-01-01', '--json-lines')).trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ action: 'audit.anchor', seq: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) }),
    )
    expect(await hawser('audit', 'export', '--to', '2020-01-01')).toBe('')
    await expect(hawser('audit', 'export', '--from', 'yesterday')).rejects.toThrow('--from is a time')
  })

  it('erase-end-user says when there is nobody', async () => {
    expect(await hawser('audit', 'erase-end-user', 'alice')).toBe('Neither the audit trail nor the logs of "dev" name an end user "alice".')
    await expect(hawser('audit', 'erase-end-user', 'alice', '--env', 'staging')).rejects.toThrow('There are dev and prod.')
  })
})
