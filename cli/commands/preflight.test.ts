import { createServer } from 'node:net'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { freePorts } from '@hawser/testkit/test-server.ts'
import { hawserIn } from './backup-command-rig.ts'
import type { Line } from './preflight/line.ts'
import { checkNode } from './preflight/machine-checks.ts'
import { contracting, touchedTables } from './preflight/pending-migrations.ts'

let database: TestDatabase
let client: pg.Client
let root: string
let dataDir: string
let port: number

beforeAll(async () => {
  ;[database, root] = await Promise.all([createTestDatabase(), mkdtemp(join(tmpdir(), 'hawser-preflight-'))])
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
beforeEach(async () => {
  const [api, gateway] = await freePorts()
  port = api
  dataDir = join(root, 'data')
  const settings = {
    DATABASE_URL: database.url,
    HAWSER_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    HAWSER_PORT: String(api),
    HAWSER_GATEWAY_PORT: String(gateway),
    HAWSER_PUBLIC_URL: 'https://hawser.example.com',
    HAWSER_TRUSTED_PROXIES: '10.0.0.0/8',
    HAWSER_BACKUP_PASSPHRASE: 'correct horse battery staple',
  }
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
  await hawserIn(dataDir, 'keys', 'list')
})
afterEach(() => {
  process.exitCode = 0
})
afterAll(async () => {
  await client.end()
  await database.close()
  await rm(root, { recursive: true })
})

async function preflight(...words: string[]): Promise<Record<string, Line>> {
  const { lines, ok } = JSON.parse(await hawserIn(dataDir, '--json', 'preflight', ...words)) as { ok: boolean; lines: Line[] }
  expect(process.exitCode === 1).toBe(!ok)
  for (const line of lines) expect(line.todo === undefined, line.text).toBe(line.state === 'ok')
  return Object.fromEntries(lines.map((line) => [line.check, line]))
}

describe('hawser preflight', () => {
  it('asks for the load balancer that ends TLS', async () => {
    vi.stubEnv('HAWSER_TRUSTED_PROXIES', '')
    expect((await preflight('--to', 'none'))['trusted_proxies']).toMatchObject({ state: 'warn' })
    vi.stubEnv('HAWSER_PUBLIC_URL', 'http://localhost:3003')
    expect((await preflight('--to', 'none'))['trusted_proxies']).toBeUndefined()
  })

  it('finds an installation in order; a backup makes the last warning go', async () => {
    expect((await preflight())['backup']).toMatchObject({ state: 'warn', text: 'no backup was made from this data directory' })
    await hawserIn(dataDir, 'backup', '--no-verify', '--out', join(root, 'a'))
    expect((await preflight())['backup']).toMatchObject({ state: 'warn', text: expect.stringContaining('never tried out') })
    const note = join(dataDir, 'last-backup.json')
    await writeFile(note, (await readFile(note, 'utf8')).replace('false', 'true'))
    const lines = await preflight('--to', 'none')
    expect(Object.values(lines).filter(({ state }) => state !== 'ok')).toEqual([])
    expect(Object.keys(lines)).toEqual(
      expect.arrayContaining([
        'node',
        'settings',
        'disk',
        'spool',
        'ports',
        'schema',
        'clock',
        'connections',
        'transactions',
        'vault_key',
        'epoch',
        'pooler',
      ]),
    )
    expect(await hawserIn(dataDir, 'preflight')).toMatch(/^ok .*[^]*All is well\.$/)
    await writeFile(note, (await readFile(note, 'utf8')).replace(/"20\d\d-/, '"2020-'))
    expect((await preflight())['backup']).toMatchObject({ state: 'warn', text: expect.stringMatching(/\d{4} days old/) })
  })

  it('names mistyped settings, and goes on looking', async () => {
    vi.stubEnv('HAWSER_PUBLIC_ULR', 'x')
    const lines = await preflight()
    expect(lines['settings']).toMatchObject({ state: 'fail', text: expect.stringContaining('did you mean HAWSER_PUBLIC_URL?') })
    expect(lines['vault_key']?.state).toBe('ok')
  })

  it('tells another vault key from the right one, by name', async () => {
    vi.stubEnv('HAWSER_ENCRYPTION_KEY', randomBytes(32).toString('base64'))
    expect((await preflight())['vault_key']).toMatchObject({
      state: 'fail',
      text: expect.stringMatching(/is local:\w+, and the database needs local:/),
    })
  })

  it('says that a database which was moved is frozen', async () => {
    await client.query(`update vault set generation = 3, home = 'elsewhere/1'`)
    expect((await preflight())['epoch']).toMatchObject({ state: 'fail', todo: expect.stringContaining('vault take-over') })
    await client.query(`update vault set generation = 0, home = null`)
  })

  it('sees ports that are taken, an open folder, tokens on disk, a database that is away', async () => {
    const other = createServer()
    await once(other.listen(port, 'localhost'), 'listening')
    await chmod(dataDir, 0o755)
    await mkdir(join(dataDir, 'spool'))
    await writeFile(join(dataDir, 'spool', 'a.1.0f.spool'), '')
    const lines = await preflight()
    other.close()
    expect(lines['ports']).toMatchObject({ state: 'fail', text: `somebody else listens on ${port}` })
    expect(lines['data_directory']).toMatchObject({ state: 'warn', todo: expect.stringContaining('chmod 700') })
    expect(lines['spool']).toMatchObject({ state: 'warn', text: '1 token sets wait on disk for the database' })
    vi.stubEnv('DATABASE_URL', 'postgres://nobody:hidden-password@127.0.0.1:1/none')
    const away = await preflight()
    expect(away['database']).toMatchObject({ state: 'fail', text: expect.stringContaining('does not answer') })
    expect(JSON.stringify(away)).not.toContain('hidden-password')
    await chmod(dataDir, 0o700)
    await rm(join(dataDir, 'spool'), { recursive: true })
  })

  it('sees missing migrations, and changes nothing', async () => {
    const { rows } = await client.query<{ name: string; timestamp: string }>('delete from schema_migration where name >= $1 returning *', [
      '0006',
    ])
    const before = await readdir(dataDir)
    expect((await preflight())['migrations']?.text).toMatch(/^the next start applies 0006_audit.* about \d+ s at most/)
    expect((await preflight('--to', '99.0.0'))['release']).toMatchObject({
      state: 'warn',
      todo: expect.stringContaining('run preflight of 99.0.0'),
    })
    expect(await readdir(dataDir)).toEqual(before)
    expect((await client.query('select from schema_migration where name >= $1', ['0006'])).rowCount).toBe(0)
    for (const row of rows) await client.query('insert into schema_migration values ($1, $2)', [row.name, row.timestamp])
  })

  it('sees a transaction that stays open, and who waits for a lock', async () => {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('begin; lock table frozen')
    const waiting = client.query('select from frozen')
    const until = performance.now() + 5_000
    let line: Line | undefined
    while (!line && performance.now() < until) line = (await preflight())['locks']
    await holder.query('rollback')
    await holder.end()
    await waiting
    expect(line).toMatchObject({ state: 'warn', text: expect.stringMatching(/^process \d+ waits for a lock of \d+$/) })
  })
})

describe('what preflight reads', () => {
  it.each([
    ['22.18.0', 'fail'],
    ['20.20.0', 'fail'],
    ['22.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('Node %s: %s', (version, state) => expect(checkNode(version).state).toBe(state))

  it.each([
    ['alter table a add column b int;', []],
    ['alter table a\n  add column b int,\n  drop column c;', ['alter table a add column b int, drop column']],
    ['-- drop table a;\ncreate table b (c int);', []],
    ['DROP TABLE "a";', ['DROP TABLE']],
    ['alter table a rename to b;', ['alter table a rename']],
    ['alter table a alter column b set not null;', ['alter table a alter column b set not null']],
    ['drop index a; drop trigger b on c;', []],
  ])('what takes something away: %s', (text, found) => expect(contracting(text)).toEqual(found))

  it('the tables that a migration touches', () => {
    expect(
      touchedTables('alter table "grant" add x int;\ncreate index i on event (a);\n update issue set a = 1;\ncreate table c ();'),
    ).toEqual(['grant', 'event', 'issue'])
  })
})
