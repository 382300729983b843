import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aCall, createActivityRig, ENVIRONMENT, NOW, type ActivityRig } from './activity-rig.ts'
import { countsBetween, deleteCounts, rollUp } from './counts-store.ts'
import { keepDays } from './partitions.ts'

let rig: ActivityRig
beforeAll(async () => {
  rig = await createActivityRig()
})
afterAll(() => rig?.close())

const DAY = 86_400_000
const days = async () =>
  (
    await rig.db.pool.query<{ name: string }>(`select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'activity'::regclass and c.relname <> 'activity_rest' order by 1`)
  ).rows.map((row) => row.name)
const partitionOf = async (path: string) =>
  (await rig.db.pool.query<{ name: string }>(`select tableoid::regclass::text as name from activity where path = $1`, [path])).rows[0]?.name
const keep = (now: number, keepMs: number) => keepDays({ db: rig.db.kysely, log: rig.log }, now, keepMs)

describe('the days of the activity', () => {
  it('are made for a week ahead, by several nodes at once, and take the rows of their day', async () => {
    await Promise.all([keep(NOW, 15 * DAY), keep(NOW, 15 * DAY)])
    expect(await days()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((ahead) => `activity_202603${10 + ahead}`))
    const activity = rig.activity()
    activity.record(aCall({ path: '/today' }))
    activity.record(aCall({ path: '/tomorrow', at: NOW + DAY }))
    activity.record(aCall({ path: '/yesterday', at: NOW - DAY }))
    activity.record(aCall({ path: '/next-day', at: Date.UTC(2026, 2, 11) }))
    await activity.close()
    expect(await partitionOf('/today')).toBe('activity_20260310')
    expect(await partitionOf('/tomorrow')).toBe('activity_20260311')
    expect(await partitionOf('/next-day')).toBe('activity_20260311')
    expect(await partitionOf('/yesterday')).toBe('activity_rest')
  })

  it('are dropped once the whole day is too old, with the rows that had none', async () => {
    await keep(NOW + 2 * DAY, 2 * DAY)
    expect(await days()).toContain('activity_20260310')
    expect(await partitionOf('/yesterday')).toBeUndefined()
    await keep(NOW + 3 * DAY, 2 * DAY)
    expect((await days())[0]).toBe('activity_20260311')
    expect(await partitionOf('/today')).toBeUndefined()
    expect(await partitionOf('/tomorrow')).toBe('activity_20260311')
    await keep(NOW + 300 * DAY, Infinity)
    expect(await partitionOf('/tomorrow')).toBe('activity_20260311')
  })

  it('do not stop the next ones when one cannot be made', async () => {
    // Rows of a day that has no partition lie in the rest, where they stay.
    const at = NOW + 400 * DAY
    const activity = rig.activity()
    activity.record(aCall({ path: '/early', at }))
    await activity.close()
    await keep(at, Infinity)
    expect(await partitionOf('/early')).toBe('activity_rest')
    expect((await days()).length).toBeGreaterThan(7)
  })
})

describe('counts that grow old', () => {
  it('become hours, whose sums are the same, and go in the end', async () => {
    for (let minute = 0; minute < 120; minute += 1) rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW + minute * 60_000)
    await rig.counts.flush()
    const range = { environmentId: ENVIRONMENT, from: NOW, to: NOW + 7_200_000, bucketMs: 3_600_000 }
    const before = await countsBetween(rig.db.kysely, range)
    expect(before.map((bucket) => [bucket.at, bucket.calls, bucket.latency[2]])).toEqual([
      [NOW, 60, 60],
      [NOW + 3_600_000, 60, 60],
    ])
    // Twice: the second finds the hour half done.
    expect(await rollUp(rig.db.kysely, new Date(NOW + 5_000_000))).toBe(120)
    rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW)
    await rig.counts.flush()
    expect(await rollUp(rig.db.kysely, new Date(NOW + 5_000_000))).toBe(2)
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from call_count where minutes = 60`.execute(rig.db.kysely)
    expect(rows[0]!.rows).toBe(2)
    expect((await countsBetween(rig.db.kysely, range)).map((bucket) => bucket.calls)).toEqual([61, 60])
    await deleteCounts(rig.db.kysely, new Date(NOW + 1))
    expect((await countsBetween(rig.db.kysely, range)).map((bucket) => bucket.calls)).toEqual([60])
  })
})
