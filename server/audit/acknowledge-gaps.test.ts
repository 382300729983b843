/** A database that was restored from a backup: what is missing is said once, and what goes missing afterwards still shows. */
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { acknowledgeGaps } from './acknowledge-gaps.ts'
import { unacknowledged, type AcknowledgedGap } from './gaps.ts'
import { createAudit, type Audit } from './record-disclosure.ts'
import { verifyAudit } from './verify-audit.ts'

const KEY = createSecretKey(Buffer.alloc(32, 7))
let test: TestDatabase
let db: Database
let folder: string
let audits: Audit[] = []
const clock = { ms: Date.now(), now: () => clock.ms }

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-audit-'))
})
afterEach(async () => {
  await Promise.all(audits.map((audit) => audit.close()))
  audits = []
  rmSync(folder, { recursive: true })
  await db.pool.query('truncate audit_event, audit_checkpoint')
})
afterAll(async () => {
  await db.close()
  await test.close()
})

function openAudit(): Audit {
  clock.ms += 1
  const audit = createAudit({ db, clock, log: pino({ level: 'silent' }) }, { key: KEY, journal: { folder, maxBytes: 1_000_000 } })
  audits.push(audit)
  return audit
}
const change = (audit: Audit, n: number) =>
  audit.changed({ environmentId: newId(), actor: { kind: 'key', id: `k${n}` }, action: 'thing.changed', subject: { n } })
const verify = () => verifyAudit({ kysely: db.kysely, key: KEY, folder })

/** One chain of rows 1 to 9, of which the restored database has the first 5; then the server starts again. */
async function restored(): Promise<{ chain: string; running: Audit }> {
  const before = openAudit()
  for (let n = 2; n <= 9; n += 1) await change(before, n)
  await before.flush()
  const { chain } = (await verify()).heads[0]!
  await before.close()
  audits = []
  await db.pool.query('delete from audit_event where seq > 5')
  const running = openAudit()
  await change(running, 1)
  await running.flush()
  return { chain, running }
}
const acknowledge = (audit: Audit, reason = 'restored') =>
  acknowledgeGaps({ kysely: db.kysely, key: KEY, folder, audit }, { reason, by: 'operator' })

describe('acknowledgeGaps', () => {
  it('34. names exactly what a restore lost; from then on it is no fault', async () => {
    const { chain, running } = await restored()
    expect((await verify()).faults).toMatchObject([{ chain, seq: 9, missing: { chain, from: 6, to: 9 } }])
    const { gaps, verdict } = await acknowledge(running)
    expect(gaps).toEqual([{ chain, from: 6, to: 9 }])
    expect(verdict).toMatchObject({ faults: [], acknowledged: [{ chain, from: 6, to: 9, reason: 'restored', by: 'operator' }] })
    await running.flush()
    await change(openAudit(), 1)
    expect((await verify()).faults).toEqual([])
    expect((await acknowledge(running)).gaps).toEqual([])
  })

  it('34. a note on the disk follows to the end that is left', async () => {
    const { chain, running } = await restored()
    await acknowledge(running)
    expect(readdirSync(folder)).toContain(`${chain}.head`)
    expect(JSON.parse(readFileSync(join(folder, `${chain}.head`), 'utf8'))).toMatchObject({ chain, seq: 5 })
  })

  it.each([
    ['before the gap', 'chain = $1 and seq = 5', [5, 5]],
    ['in the middle', 'chain = $1 and seq = 3', [3, 3]],
    ['of a whole chain', 'chain = $1', [1, 5]],
  ])('34. a row that goes afterwards is a fault: %s', async (_where, which, [from, to]) => {
    const { chain, running } = await restored()
    await acknowledge(running)
    await db.pool.query(`delete from audit_event where ${which}`, [chain])
    expect((await verify()).faults).toMatchObject([{ missing: { chain, from, to } }])
  })

  it('34. the end of a chain that is there now cannot be cut off', async () => {
    const { running } = await restored()
    await acknowledge(running)
    await running.flush()
    const { rows } = await db.pool.query(`delete from audit_event where action = 'audit.gap_acknowledged' returning seq`)
    expect(rows).toHaveLength(1)
    const { faults, acknowledged } = await verify()
    expect(acknowledged).toEqual([])
    expect(faults.length).toBeGreaterThanOrEqual(2)
  })

  it('34. what was altered is not acknowledged, and who has no key acknowledges nothing', async () => {
    const { chain, running } = await restored()
    await db.pool.query(`update audit_event set count = 7 where chain = $1 and seq = 2`, [chain])
    expect((await acknowledge(running)).verdict.faults).toMatchObject([{ chain, seq: 2, what: expect.stringMatching(/^was altered/) }])
    await db.pool.query('delete from audit_event where chain = $1 and seq = 3', [chain])
    await db.pool.query(`update audit_event set subject = jsonb_set(subject, '{gaps,0,from}', '3') where action = 'audit.gap_acknowledged'`)
    expect((await verify()).faults.map(({ seq }) => seq)).toEqual(expect.arrayContaining([2, 4, 9]))
  })

  it('34. a server that was running goes on after the rows that it knows, so that no place is given twice', async () => {
    const audit = openAudit()
    for (let n = 2; n <= 9; n += 1) await change(audit, n)
    await db.pool.query('delete from audit_event where seq > 5')
    await db.pool.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'restoring'; end $$`)
    await db.pool.query('create trigger refuse before insert on audit_event for each statement execute function refuse()')
    await expect(change(audit, 10)).rejects.toThrow()
    await db.pool.query('drop trigger refuse on audit_event')
    await change(audit, 11)
    expect((await verify()).faults).toMatchObject([{ seq: 10, missing: { from: 6, to: 9 } }])
    expect((await acknowledge(audit)).verdict).toMatchObject({ faults: [], acknowledged: [{ from: 6, to: 9 }] })
  })
})

describe('unacknowledged', () => {
  it('34. leaves every row that nobody spoke of, and no other', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(10)).map(([from, more]) => ({ from, to: from + more }))
    const told = { reason: '', by: '', at: '' }
    fc.assert(
      fc.property(range, fc.array(fc.tuple(fc.constantFrom('c', 'd'), range), { maxLength: 5 }), (gap, spoken) => {
        const acknowledged: AcknowledgedGap[] = spoken.map(([chain, one]) => ({ ...one, ...told, chain }))
        const { left } = unacknowledged({ chain: 'c', ...gap }, acknowledged)
        const covers = (ranges: readonly { chain: string; from: number; to: number }[], seq: number) =>
          ranges.some((one) => one.chain === 'c' && one.from <= seq && seq <= one.to)
        for (let seq = 1; seq <= 45; seq += 1) {
          const inGap = gap.from <= seq && seq <= gap.to
          expect(covers(left, seq)).toBe(inGap && !covers(acknowledged, seq))
        }
      }),
    )
  })
})
