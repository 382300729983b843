import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aCall, createActivityRig, ENVIRONMENT, NOW, type ActivityRig } from './activity-rig.ts'

let rig: ActivityRig
beforeAll(async () => {
  rig = await createActivityRig()
})
afterAll(() => rig?.close())
beforeEach(async () => {
  await rig.db.pool.query('delete from activity; delete from call_count')
})

const paths = async () => (await rig.db.pool.query<{ path: string }>('select path from activity order by path')).rows.map((row) => row.path)
const droppedRows = async () => {
  await rig.counts.flush()
  const { rows } = await rig.db.pool.query<{ dropped: number }>(
    `select coalesce(sum(dropped), 0)::int as dropped from call_count where integration_key = ''`,
  )
  return rows[0]!.dropped
}
/** Fails every insert, as a database that is away does. */
const away = async (work: () => Promise<void>, code = '57P01') => {
  await rig.db.pool.query(
    `create or replace function away() returns trigger language plpgsql as $$ begin raise exception 'away' using errcode = '${code}'; end $$`,
  )
  await rig.db.pool.query('create trigger away before insert on activity_rest for each row execute function away()')
  await work().finally(() => rig.db.pool.query('drop trigger away on activity_rest'))
}

describe('recording', () => {
  it('makes no statement, and writes a thousand operations in two', async () => {
    const activity = rig.activity()
    const before = rig.db.statements
    for (let i = 0; i < 400; i += 1) activity.record(aCall())
    expect(rig.db.statements).toBe(before)
    await activity.flush()
    expect(rig.db.statements).toBe(before + 1)
    for (let i = 0; i < 499; i += 1) activity.record(aCall())
    for (let i = 0; i < 499; i += 1) activity.record(aCall())
    await activity.flush()
    await activity.flush()
    expect(rig.db.statements - before).toBeLessThan(7)
    expect(await paths()).toHaveLength(1398)
    await activity.close()
  })

  it('keeps what the database does not take, in order, until it does', async () => {
    const activity = rig.activity()
    await away(async () => {
      activity.record(aCall({ path: '/1' }))
      await activity.flush()
      activity.record(aCall({ path: '/2' }))
      await activity.flush()
      expect(await paths()).toEqual([])
    })
    await activity.flush()
    expect(await paths()).toEqual(['/1', '/2'])
    expect(await droppedRows()).toBe(0)
    await activity.close()
  })

  it('22. holds no more than its bound in memory; the rest is dropped and counted', async () => {
    const activity = rig.activity({ maxBytes: 10_000 })
    await away(async () => {
      for (let i = 0; i < 1000; i += 1) activity.record(aCall())
      await activity.flush()
    })
    await activity.flush()
    const kept = (await paths()).length
    expect(kept).toBeGreaterThan(10)
    expect(kept).toBeLessThan(20)
    expect(await droppedRows()).toBe(1000 - kept)
    activity.record(aCall({ path: '/after' }))
    await activity.flush()
    expect(await paths()).toContain('/after')
    await activity.close()
  })

  it('does not try rows for ever that the database refuses', async () => {
    const activity = rig.activity()
    await away(async () => {
      activity.record(aCall({ path: '/refused' }))
      await activity.flush()
    }, '23514')
    activity.record(aCall({ path: '/next' }))
    await activity.flush()
    expect(await paths()).toEqual(['/next'])
    expect(await droppedRows()).toBe(1)
    await activity.close()
  })

  it('takes the part of the calls that went well that it is told to, and everything else', async () => {
    const rolls = [0.05, 0.5, 0.09, 0.1]
    const activity = rig.activity({ successes: 0.1, random: () => rolls.shift()! })
    for (const path of ['/a', '/b', '/c', '/d']) activity.record(aCall({ path }))
    activity.record(aCall({ path: '/failed', failed: true }))
    activity.record(aCall({ path: '/other', kind: 'refresh' }))
    await activity.flush()
    expect(await paths()).toEqual(['/a', '/c', '/failed', '/other'])
    await activity.close()
  })

  it('writes what is left when it closes, and takes nothing after', async () => {
    const activity = rig.activity()
    activity.record(aCall({ path: '/last' }))
    await activity.close()
    activity.record(aCall({ path: '/late' }))
    await activity.close()
    expect(await paths()).toEqual(['/last'])
  })

  it('takes any text that a caller can make up', async () => {
    const activity = rig.activity()
    const odd = '/\0\ud800"\\\n{}'
    const body = Buffer.from(JSON.stringify({ message: odd }))
    const headers = { 'content-type': 'application/json', server: odd }
    activity.record(
      aCall({
        path: odd,
        endUserId: odd,
        failed: true,
        error: { code: 'x', title: odd, message: odd },
        responseBody: body,
        responseHeaders: headers,
        diagnosis: { code: odd },
        steps: [{ at: NOW, level: 'info', text: odd }],
      }),
    )
    await activity.flush()
    expect(await paths()).toHaveLength(1)
    expect(await droppedRows()).toBe(0)
    await activity.close()
  })
})

describe('counts', () => {
  const rows = async () => {
    await rig.counts.flush()
    const { rows: found } = await rig.db.pool.query(
      'select integration_key, calls, client_errors, server_errors, no_answer, refreshes, refresh_failures, latency from call_count where environment_id = $1 order by at, integration_key',
      [ENVIRONMENT],
    )
    return found
  }

  it('add up by minute and integration, and over all', async () => {
    rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW)
    rig.counts.call(ENVIRONMENT, 'sf', 404, 3, NOW + 59_999)
    rig.counts.call(ENVIRONMENT, '', 0, 70_000, NOW)
    rig.counts.refresh(ENVIRONMENT, 'sf', true, NOW)
    await rig.counts.flush()
    rig.counts.call(ENVIRONMENT, 'other', 503, 3, NOW)
    rig.counts.refresh(ENVIRONMENT, 'sf', false, NOW)
    expect(await rows()).toMatchObject([
      { integration_key: '', calls: 4, client_errors: 1, server_errors: 1, no_answer: 1, refreshes: 1, refresh_failures: 1 },
      { integration_key: 'other', calls: 1, server_errors: 1, refreshes: 0 },
      { integration_key: 'sf', calls: 2, client_errors: 1, refreshes: 1, refresh_failures: 1 },
    ])
    const [all] = await rows()
    expect([all.latency[2], all.latency[15], all.latency.length]).toEqual(
      ['3', '1', 16].map((one) => expect.toSatisfy((given) => String(given) === String(one))),
    )
  })

  it('keep minutes apart', async () => {
    rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW)
    rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW + 60_000)
    expect((await rows()).map((row) => [row.integration_key, row.calls])).toEqual([
      ['', 1],
      ['sf', 1],
      ['', 1],
      ['sf', 1],
    ])
  })

  it('of an environment that is gone do not stop the others', async () => {
    rig.counts.call('018f0000-0000-7000-8000-0000000000ff', 'sf', 200, 3, NOW)
    rig.counts.call(ENVIRONMENT, 'sf', 200, 3, NOW)
    expect(await rows()).toHaveLength(2)
  })
})
