import { spawn } from 'node:child_process'
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { createAudit, type Audit } from './record-disclosure.ts'
import { verifyAudit } from './verify-audit.ts'

const KEY_BYTES = Buffer.alloc(32, 7)
const KEY = createSecretKey(KEY_BYTES)
const ENVIRONMENT = newId()
let test: TestDatabase
let db: Database
let folder: string
let audit: Audit | undefined
const clock = { ms: Date.now(), now: () => clock.ms }

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(async () => {
  await audit?.close()
  if (folder) rmSync(folder, { recursive: true })
  folder = mkdtempSync(join(tmpdir(), 'hawser-audit-'))
  await db.pool.query('drop trigger if exists refuse on audit_event')
  await db.pool.query('truncate audit_event')
})
afterAll(async () => {
  await audit?.close()
  rmSync(folder, { recursive: true })
  await db.close()
  await test.close()
})

function open(maxBytes = 1_000_000): Audit {
  audit = createAudit({ db, clock, log: pino({ level: 'silent' }) }, { key: KEY, journal: { folder, maxBytes } })
  return audit
}
const use = (connectionId: string) => ({ keyId: 'k', environmentId: ENVIRONMENT, connectionId, method: 'GET', address: '10.0.0.1' })
const journalFile = () => readdirSync(folder).find((name) => name.endsWith('.journal'))
const journalSize = () => statSync(join(folder, journalFile()!)).size

async function databaseAway(): Promise<void> {
  await db.pool.query(`create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'away'; end $$`)
  await db.pool.query('create trigger refuse before insert on audit_event for each statement execute function refuse()')
}
const databaseBack = () => db.pool.query('drop trigger refuse on audit_event')

async function written(): Promise<{ seq: number; connection: string; count: number }[]> {
  const { rows } = await db.pool.query(
    `select seq, subject ->> 'connection' as connection, count from audit_event where action = 'credentials.used' order by chain, seq`,
  )
  return rows
}
const faults = async () => (await verifyAudit({ kysely: db.kysely, key: KEY, folder })).faults

describe('uses while the database is away', () => {
  it('34. wait on disk, and are there in order, once, without a gap when it is back', async () => {
    const trail = open()
    trail.used(use('before'))
    await trail.flush()
    await databaseAway()
    for (const name of ['a', 'b', 'c']) {
      trail.used(use(name))
      await trail.flush()
    }
    expect(journalSize()).toBeGreaterThan(0)
    expect(await faults()).toEqual([])
    await databaseBack()
    trail.used(use('after'))
    await trail.flush()
    expect((await written()).map((row) => [row.seq, row.connection])).toEqual([
      [2, 'before'],
      [3, 'a'],
      [4, 'b'],
      [5, 'c'],
      [6, 'after'],
    ])
    expect(journalSize()).toBe(0)
    expect(await faults()).toEqual([])
  })

  it('34. more than memory holds comes back from the journal', async () => {
    const trail = open(50_000_000)
    await databaseAway()
    for (let n = 0; n < 23_000; n += 1) trail.used(use(`c${n}`))
    await trail.flush()
    trail.used(use('later'))
    await trail.flush()
    await databaseBack()
    await trail.flush()
    const rows = await written()
    expect(rows).toHaveLength(23_001)
    expect(rows.at(-1)).toMatchObject({ seq: 23_002, connection: 'later' })
    expect(journalSize()).toBe(0)
    expect(await faults()).toEqual([])
  })

  it('20. 34. a full journal ends them with 503, until the database takes rows again; nothing that was counted is lost', async () => {
    const trail = open(2_000)
    await databaseAway()
    let used = 0
    const useOne = () => (trail.used(use(`c${used}`)), (used += 1))
    const untilRefused = async () => {
      for (let n = 0; n < 20; n += 1) {
        useOne()
        await trail.flush()
      }
    }
    await expect(untilRefused()).rejects.toMatchObject({ code: 'audit_unavailable', status: 503 })
    expect(used).toBeGreaterThan(2)
    expect(journalSize()).toBeLessThanOrEqual(2_000)
    await databaseBack()
    await trail.flush()
    useOne()
    await trail.flush()
    expect(await written()).toHaveLength(used)
    expect(await faults()).toEqual([])
  })

  it('a disk that takes nothing costs nothing while the database is there', async () => {
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'in the way')
    const trail = open()
    trail.used(use('a'))
    await trail.flush()
    expect(await written()).toMatchObject([{ connection: 'a', count: 1 }])
    await databaseAway()
    trail.used(use('b'))
    await trail.flush()
    expect(() => trail.used(use('c'))).toThrow(expect.objectContaining({ code: 'audit_unavailable' }))
    await databaseBack()
    await trail.flush()
    expect((await written()).map((row) => row.connection)).toEqual(['a', 'b'])
  })
})

describe('what an earlier process left on disk', () => {
  /** Ages the journal as if its process were gone. */
  const abandon = () => utimesSync(join(folder, journalFile()!), 0, 0)

  async function leaveJournal(): Promise<void> {
    const trail = open()
    await databaseAway()
    for (const name of ['a', 'b']) {
      trail.used(use(name))
      await trail.flush()
    }
    await trail.close()
    await databaseBack()
    abandon()
  }

  it('34. is in the trail a minute after the next start', async () => {
    await leaveJournal()
    const next = open()
    clock.ms += 60_000
    await next.flush()
    expect((await written()).map((row) => [row.seq, row.connection])).toEqual([
      [2, 'a'],
      [3, 'b'],
    ])
    expect(journalFile()).toBeUndefined()
    expect(await faults()).toEqual([])
  })

  it('34. and when somebody changed it, the trail says so', async () => {
    await leaveJournal()
    const path = join(folder, journalFile()!)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"connection":"b"', '"connection":"x"'))
    abandon()
    const next = open()
    clock.ms += 60_000
    await next.flush()
    expect((await written()).map((row) => row.connection)).toEqual(['a'])
    expect(readdirSync(folder).some((name) => name.endsWith('.journal.damaged'))).toBe(true)
    const { rows } = await db.pool.query(`select subject from audit_event where action = 'audit.journal_damaged'`)
    expect(rows).toMatchObject([{ subject: { rows: 2 } }])
    expect(await faults()).toMatchObject([{ seq: 3, what: expect.stringContaining('is missing') }])
  })
})

describe('kill -9', () => {
  it('34. loses the uses of at most one second, with the database away', async () => {
    const program = join(import.meta.dirname, 'killed-process-for-tests.ts')
    const child = spawn(process.execPath, [program, 'postgres://nobody@127.0.0.1:9/none', folder, KEY_BYTES.toString('hex')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const uses: { count: number; at: number }[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      const [count = 0, at = 0] = line.split(' ').map(Number)
      uses.push({ count, at })
      if (uses.length === 350) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, 0)
    const next = open()
    clock.ms += 60_000
    await next.flush()
    const recovered = (await written()).reduce((sum, row) => sum + row.count, 0)
    const lost = uses.filter((one) => one.count > recovered)
    expect(recovered).toBeGreaterThan(0)
    // Less than a second; this machine may be busy with other tests.
    expect(uses.at(-1)!.at - (lost[0]?.at ?? uses.at(-1)!.at)).toBeLessThan(1_500)
    expect(await faults()).toEqual([])
  })
})
