import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { chainRows, GENESIS, type AuditEntry } from './chain.ts'
import { eraseEndUser } from './erase-end-user.ts'
import { exportAudit } from './export-audit.ts'
import { pruneAudit } from './prune-audit.ts'
import { createAudit, type Audit } from './record-disclosure.ts'
import { insertRows, readChain } from './store.ts'
import { verifyAudit, type Fault } from './verify-audit.ts'

const KEY = createSecretKey(Buffer.alloc(32, 7))
const ENVIRONMENT = newId()
const DAY_MS = 86_400_000
let test: TestDatabase
let db: Database
let folder: string
let audits: Audit[] = []
const clock = { ms: Date.now(), now: () => clock.ms }

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(async () => {
  await closeAll()
  if (folder) rmSync(folder, { recursive: true })
  folder = mkdtempSync(join(tmpdir(), 'hawser-audit-'))
  await db.pool.query('truncate audit_event, audit_person, audit_checkpoint')
})
afterAll(async () => {
  await closeAll()
  rmSync(folder, { recursive: true })
  await db.close()
  await test.close()
})

async function closeAll(): Promise<void> {
  await Promise.all(audits.map((audit) => audit.close()))
  audits = []
}

function openAudit(local = false): Audit {
  const journal = local ? { folder, maxBytes: 1_000_000 } : undefined
  const audit = createAudit({ db, clock, log: pino({ level: 'silent' }) }, { key: KEY, journal })
  audits.push(audit)
  clock.ms += 1
  return audit
}

const read = (n: number, endUserId?: string) => ({
  environmentId: ENVIRONMENT,
  actor: { kind: 'key', id: `k${n}` },
  action: 'credentials.read',
  subject: { connection: `c${n}` },
  endUserId,
})
const verify = (options: Partial<Parameters<typeof verifyAudit>[0]> = {}) => verifyAudit({ kysely: db.kysely, key: KEY, ...options })
const faultsOf = async (options?: Parameters<typeof verify>[0]): Promise<[number | null, string][]> =>
  (await verify(options)).faults.map(({ seq, what }: Fault) => [seq, what.split(/[:,]/)[0]!])

/** One chain: an anchor, then rows 2 to 6; and after it another process whose first row names its end. */
async function twoChains(): Promise<string> {
  const first = openAudit()
  for (let n = 2; n <= 6; n += 1) await first.disclosed(read(n, n === 4 ? 'alice' : undefined))
  const chain = (await verify()).heads[0]!.chain
  await openAudit().disclosed(read(1))
  expect((await verify()).faults).toEqual([])
  return chain
}

describe('what was done to the table shows', () => {
  const altered = 'was altered'
  it.each([
    ['environment_id', `'${newId()}'`],
    ['at', `at + interval '1 ms'`],
    ['actor', `'{"kind":"key","id":"somebody else"}'`],
    ['action', `'credentials.used'`],
    ['subject', `'{}'`],
    ['count', '2'],
    ['hash', `sha256('x')`],
    ['previous_hash', `sha256('x')`],
  ])('34. another %s', async (column, value) => {
    const chain = await twoChains()
    await db.pool.query(`update audit_event set ${column} = ${value} where chain = $1 and seq = 3`, [chain])
    const faults = await faultsOf()
    expect(faults[0]).toEqual([3, altered])
    // A changed hash is also one that the next row does not follow.
    expect(faults).toHaveLength(column === 'hash' ? 2 : 1)
  })

  it('34. another seq, and another chain', async () => {
    const chain = await twoChains()
    await db.pool.query('update audit_event set seq = 60 where chain = $1 and seq = 6', [chain])
    expect(await faultsOf()).toEqual([
      [60, altered],
      [6, 'is missing'],
    ])
    await db.pool.query('update audit_event set chain = $2 where chain = $1 and seq = 60', [chain, newId()])
    expect((await faultsOf()).map(([seq]) => seq).toSorted()).toEqual([6, 60])
  })

  it.each([
    ['first', 1, [2, 'follows a gap']],
    ['middle', 3, [4, 'follows a gap']],
    ['last', 6, [6, 'is missing']],
  ])('34. the %s row removed', async (_which, seq, fault) => {
    const chain = await twoChains()
    await db.pool.query('delete from audit_event where chain = $1 and seq = $2', [chain, seq])
    expect(await faultsOf()).toEqual([fault])
  })

  it('34. two rows swapped', async () => {
    const chain = await twoChains()
    await db.pool.query('update audit_event set seq = case seq when 3 then -4 else -3 end where chain = $1 and seq in (3, 4)', [chain])
    await db.pool.query('update audit_event set seq = -seq where chain = $1 and seq < 0', [chain])
    expect((await faultsOf()).slice(0, 2)).toEqual([
      [3, altered],
      [4, altered],
    ])
  })

  it('34. a forged row put in place of another, and one put behind the end', async () => {
    const chain = await twoChains()
    const rows = await readChain(db.kysely, chain, 0, 10)
    const other = createSecretKey(Buffer.alloc(32, 8))
    const [forged] = chainRows(other, chain, rows[5]!, [{ ...read(9), at: new Date(), count: 1 }])
    await insertRows(db.kysely, [forged!], [])
    expect(await faultsOf()).toEqual([[7, altered]])
    await db.pool.query('delete from audit_event where chain = $1 and seq = 3', [chain])
    const [instead] = chainRows(other, chain, rows[1]!, [{ ...read(9), at: new Date(), count: 1 }])
    await insertRows(db.kysely, [instead!], [])
    expect(await faultsOf()).toEqual([
      [3, altered],
      [4, 'does not follow the row before it'],
      [7, altered],
    ])
  })

  it('34. a whole chain removed', async () => {
    const chain = await twoChains()
    await db.pool.query('delete from audit_event where chain = $1', [chain])
    expect((await verify()).faults).toMatchObject([{ chain, seq: 6, what: expect.stringMatching(/^is missing/) }])
  })

  it('34. a cut-off end that no other chain names: by the next row, by the node’s disk, by heads kept elsewhere, else not', async () => {
    const audit = openAudit(true)
    for (let n = 2; n <= 4; n += 1) await audit.disclosed(read(n))
    await audit.flush()
    const { heads } = await verify()
    await db.pool.query('delete from audit_event where seq > 2')
    expect(await faultsOf()).toEqual([])
    expect(await faultsOf({ folder })).toEqual([[4, 'is missing']])
    expect(await faultsOf({ remembered: heads })).toEqual([[4, 'is missing']])
    await audit.disclosed(read(5))
    expect(await faultsOf()).toEqual([[5, 'follows a gap']])
  })

  it('34. a cut-off end that only the disk knew of is on record from the next start on', async () => {
    const audit = openAudit(true)
    for (let n = 2; n <= 4; n += 1) await audit.disclosed(read(n))
    await closeAll()
    await db.pool.query('delete from audit_event where seq > 2')
    await openAudit(true).disclosed(read(1))
    expect(await faultsOf()).toEqual([[4, 'is missing']])
  })
})

describe('three nodes', () => {
  it('34. write at once, and their chains are whole and hold each other', async () => {
    const nodes = [openAudit(), openAudit(), openAudit()]
    const work = (node: Audit, at: number) =>
      Promise.all(Array.from({ length: 200 }, (_, n) => node.disclosed(read(n, `user-${(n + at) % 20}`))))
    await Promise.all(nodes.map(work))
    clock.ms += 60_000
    for (const node of nodes) await node.flush()
    const verdict = await verify()
    expect(verdict).toMatchObject({ chains: 3, faults: [] })
    expect(verdict.rows).toBeGreaterThanOrEqual(3 * 201)
    const [first, second, third] = verdict.heads
    // Any end is named by another chain now, up to the anchors themselves.
    for (const { chain, seq } of [first!, second!, third!]) {
      const { rows } = await db.pool.query('select count(*)::int as n from audit_event where subject @> $1', [
        JSON.stringify({ heads: [{ chain }] }),
      ])
      expect(rows[0].n, `${chain}:${seq}`).toBeGreaterThan(0)
    }
    await db.pool.query('delete from audit_event where chain = $1 and seq >= 150', [first!.chain])
    expect((await faultsOf()).length).toBeGreaterThan(0)
  })
})

describe('erasing an end user', () => {
  it('34. takes the name out and leaves the chain whole; a name removed otherwise, or changed, shows', async () => {
    await twoChains()
    const audit = openAudit()
    await audit.disclosed(read(2, 'bob'))
    expect(await eraseEndUser({ kysely: db.kysely, audit }, { environmentId: newId(), endUserId: 'alice', actor: {} })).toBe(0)
    expect(
      await eraseEndUser({ kysely: db.kysely, audit }, { environmentId: ENVIRONMENT, endUserId: 'alice', actor: { kind: 'command_line' } }),
    ).toBe(1)
    expect(await verify()).toMatchObject({ faults: [], erasedPersons: 1 })
    const lines: string[] = []
    for await (const line of exportAudit(db.kysely, undefined, undefined)) lines.push(line)
    expect(lines.join('\n')).not.toContain('alice')
    expect(lines.join('\n')).toContain('bob')
    await db.pool.query(`update audit_person set end_user_id = 'carol'`)
    expect(await faultsOf()).toEqual([[2, 'names a person that was altered beside it']])
    await db.pool.query('delete from audit_person')
    expect(await faultsOf()).toEqual([[2, 'lost its person without an erasure on record']])
  })
})

describe('retention', () => {
  it('34. removes what is old, and the rest stays verifiable', async () => {
    const audit = openAudit()
    for (let n = 2; n <= 4; n += 1) await audit.disclosed(read(n, 'alice'))
    clock.ms += 40 * DAY_MS
    const prune = (keepMs: number) => pruneAudit({ kysely: db.kysely, key: KEY, audit, keepMs, now: clock.ms })
    expect(await prune(Infinity)).toBe(0)
    expect(await prune(60 * DAY_MS)).toBe(0)
    await audit.disclosed(read(5, 'alice'))
    expect(await prune(30 * DAY_MS)).toBe(4)
    expect(await verify()).toMatchObject({ chains: 1, rows: 2, prunedChains: 1, faults: [] })
    const { rows } = await db.pool.query('select count(*)::int as n from audit_person')
    expect(rows).toEqual([{ n: 1 }])
    // Nobody else can say that rows were removed after their time.
    await db.pool.query('delete from audit_event where seq = 5')
    expect(await faultsOf()).toEqual([[6, 'follows a gap']])
    await db.pool.query('update audit_checkpoint set seq = 5')
    expect((await verify()).faults[0]).toMatchObject({ seq: null, what: expect.stringContaining('forged checkpoint') })
  })

  it('20. removes what a busy day has left in one run, portion by portion', async () => {
    const chain = newId()
    await db.pool.query(
      `insert into audit_event select $1, n, $2, now() - interval '40 days', '{"kind":"key"}', 'credentials.used', '{"connection":"c"}', 1,
         sha256('a'), sha256(n::text::bytea) from generate_series(1, 25000) n`,
      [chain, ENVIRONMENT],
    )
    const changes: unknown[] = []
    const audit = { changed: async (change: unknown) => void changes.push(change) }
    expect(await pruneAudit({ kysely: db.kysely, key: KEY, audit, keepMs: 30 * DAY_MS, now: Date.now() })).toBe(25_000)
    expect(changes).toMatchObject([{ action: 'audit.pruned', subject: { rows: 25_000 } }])
    expect(await faultsOf()).toEqual([])
  })

  it('a chain of which all rows were removed goes on', async () => {
    const audit = openAudit()
    await audit.disclosed(read(2))
    clock.ms += 40 * DAY_MS
    await pruneAudit({ kysely: db.kysely, key: KEY, audit, keepMs: DAY_MS, now: clock.ms })
    await audit.disclosed(read(3))
    expect(await verify()).toMatchObject({ chains: 1, rows: 2, faults: [] })
  })
})

describe('size', () => {
  it('verifies 100,000 rows within seconds, and names the one that was altered', async () => {
    const entry = (n: number): AuditEntry => ({ ...read(n % 1_000), at: new Date(clock.ms + n), count: 1 })
    const chain = newId()
    for (let start = 0, head = GENESIS; start < 100_000; start += 5_000) {
      const rows = chainRows(
        KEY,
        chain,
        head,
        Array.from({ length: 5_000 }, (_, n) => entry(start + n)),
      )
      await insertRows(db.kysely, rows, [])
      head = rows.at(-1)!
    }
    await sql`update audit_event set count = 2 where seq = 77777`.execute(db.kysely)
    expect(await verify()).toMatchObject({ rows: 100_000, faults: [{ seq: 77_777 }] })
  }, 60_000)
})
