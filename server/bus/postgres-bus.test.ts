import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '#db/pool.ts'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { Bus } from './bus.ts'
import { createPostgresBus } from './postgres-bus.ts'

let test: TestDatabase
let db: Database
const buses: Bus[] = []

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()))
  await db.close()
  await test.close()
})

async function openBus(): Promise<Bus> {
  const bus = await createPostgresBus({ url: test.url, db, log: pino({ level: 'silent' }) })
  buses.push(bus)
  return bus
}

/** The next `count` messages of a topic. */
function next(bus: Bus, topic: string, count = 1): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>()
  const heard: string[] = []
  const stop = bus.on(topic, (message) => {
    heard.push(message)
    if (heard.length < count) return
    stop()
    resolve(heard)
  })
  return promise
}

describe('createPostgresBus', () => {
  it('carries a message to every node, the sender included, once and in order', async () => {
    const [one, two] = [await openBus(), await openBus()]
    const heard = [next(one, 'popup', 3), next(two, 'popup', 3)]
    await one.send('popup', 'a:b')
    await two.send('popup', '')
    await one.send('popup', 'c')
    expect(await Promise.all(heard)).toEqual([
      ['a:b', '', 'c'],
      ['a:b', '', 'c'],
    ])
  })

  it('announces what the database’s triggers see, by table and id', async () => {
    const bus = await openBus()
    const changed = next(bus, 'environment')
    const id = '01900000-0000-7000-8000-000000000001'
    await db.pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, 'dev', '', '', '')`, [
      id,
    ])
    await db.pool.query(`update environment set webhook_url = 'https://example.com' where id = $1`, [id])
    expect(await changed).toEqual([id])
  })

  it('keeps topics apart, and is silent after unsubscribing', async () => {
    const bus = await openBus()
    const wrong: string[] = []
    bus.on('other', (message) => wrong.push(message))
    bus.on('mine', (message) => wrong.push(message))()
    const heard = next(bus, 'mine')
    await bus.send('mine', 'x')
    expect(await heard).toEqual(['x'])
    expect(wrong).toEqual([])
  })

  it('lets no listener silence another', async () => {
    const bus = await openBus()
    bus.on('t', () => {
      throw new Error('mistake')
    })
    const heard = next(bus, 't')
    await bus.send('t', 'x')
    expect(await heard).toEqual(['x'])
  })

  it('30. reports the gap after a lost connection and hears again', async () => {
    const bus = await openBus()
    const gap = Promise.withResolvers<void>()
    let gaps = 0
    // Both of the bus's connections are lost.
    bus.onGap(() => {
      gaps += 1
      if (gaps === 2) gap.resolve()
    })
    await db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hawser-listen' and datname = current_database()`,
    )
    await gap.promise
    const heard = next(bus, 'after')
    await bus.send('after', 'x')
    expect(await heard).toEqual(['x'])
  })

  it('refuses topics with a colon and messages that PostgreSQL would refuse', async () => {
    const bus = await openBus()
    await expect(bus.send('a:b', 'x')).rejects.toThrow('topic')
    await expect(bus.send('a', 'é'.repeat(3_950))).rejects.toThrow('at most')
    const heard = next(bus, 'big')
    await bus.send('big', 'x'.repeat(7_896))
    expect((await heard)[0]).toHaveLength(7_896)
  })
})
