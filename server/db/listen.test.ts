import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'
import { listen, type Listener } from '#db/listen.ts'
import { openDatabase, type Database } from '#db/pool.ts'

let test: TestDatabase
let database: Database
const open: Listener[] = []

beforeAll(async () => {
  test = await createTestDatabase()
  database = await openDatabase({ url: test.url })
})
afterAll(async () => {
  for (const listener of open) await listener.close()
  await database.close()
  await test.close()
})

async function hear(channel: string, onPayload: (payload: string) => void, onReconnect?: () => void): Promise<Listener> {
  const listener = await listen(test.url, channel, onPayload, onReconnect)
  open.push(listener)
  return listener
}

const notify = (channel: string, payload: string) => database.pool.query('select pg_notify($1, $2)', [channel, payload])

describe('listen', () => {
  it('hears its own channel and no other, whatever its name', async () => {
    const payloads: string[] = []
    await hear('Odd "name"', (payload) => payloads.push(payload))
    await notify('other', 'not this')
    await notify('Odd "name"', 'one')
    await notify('Odd "name"', '')
    await expect.poll(() => payloads).toEqual(['one', ''])
  })

  it('comes back after its connection was cut, and says that something may be missing', async () => {
    const payloads: string[] = []
    const onReconnect = vi.fn<() => void>()
    const listener = await hear('cut', (payload) => payloads.push(payload), onReconnect)
    expect(listener.connected).toBe(true)
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'hawser-listen' and query = 'listen "cut"'`,
    )
    expect(rowCount).toBe(1)
    await expect.poll(() => onReconnect.mock.calls.length).toBe(1)
    expect(listener.connected).toBe(true)
    await notify('cut', 'after')
    await expect.poll(() => payloads).toEqual(['after'])
  })

  it('is silent after close, and does not come back', async () => {
    const payloads: string[] = []
    const onReconnect = vi.fn<() => void>()
    const listener = await hear('closed', (payload) => payloads.push(payload), onReconnect)
    await listener.close()
    await notify('closed', 'too late')
    expect(listener.connected).toBe(false)
    expect(payloads).toEqual([])
    expect(onReconnect).not.toHaveBeenCalled()
    const { rows } = await database.pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and query = 'listen "closed"'`,
    )
    expect(rows).toEqual([])
  })

  it('throws if the database cannot be reached the first time', async () => {
    await expect(listen(test.url.replace('/hawser_t_', '/no_such_'), 'any', () => {})).rejects.toThrow('does not exist')
  })
})
