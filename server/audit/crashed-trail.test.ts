/** Counts of uses through crashes, stalls and a disk or a database that is away: nothing that was synced is lost, and nothing is there twice. */
import { createSecretKey } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { adoptUses } from './adopt-uses.ts'
import { MINUTE_MS } from './use-counters.ts'
import { createUseJournal } from './use-journal.ts'
import { createUseTrail } from './use-trail.ts'
import { verifyAudit } from './verify-audit.ts'

const KEY = createSecretKey(Buffer.alloc(32, 7))
const ENVIRONMENT = newId()
const log = pino({ level: 'silent' })
const clock = { ms: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS, now: () => clock.ms }
let test: TestDatabase
let db: Database
let folder: string

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-audit-'))
})
afterEach(async () => {
  await Promise.all(trails.splice(0).map((one) => one.close()))
  rmSync(folder, { recursive: true })
  await db.pool.query('truncate audit_event')
})
afterAll(async () => {
  await db.close()
  await test.close()
})

const trails: { close(): Promise<void> }[] = []

/** A process; who leaves it alone, or closes it, has killed it: what memory alone holds is gone. */
function trail(maxOpenBytes = 1_000_000) {
  const chain = newId((clock.ms += 1))
  const local = { journal: createUseJournal(folder, chain, 1_000_000), folder, maxOpenBytes }
  const made = createUseTrail({
    kysely: db.kysely,
    key: KEY,
    clock,
    log,
    chain,
    local,
    personOf: () => undefined,
    otherHead: () => undefined,
  })
  const use = (connectionId: string, method = 'GET') =>
    made.used({ keyId: 'k', environmentId: ENVIRONMENT, connectionId, method, address: '10.0.0.1' })
  trails.push(made)
  return { ...made, use }
}
const named = (suffix: string) => readdirSync(folder).filter((name) => name.endsWith(suffix))

/** As a process that starts a minute after all others went. */
async function adopt() {
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 0, 0)
  return adoptUses({ kysely: db.kysely, key: KEY, log, folder, ownChain: 'none' })
}

async function counts(): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ connection: string; count: number }>(
    `select subject ->> 'connection' as connection, sum(count)::int as count from audit_event where action = 'credentials.used' group by 1`,
  )
  return Object.fromEntries(rows.map(({ connection, count }) => [connection, count]))
}
const rowCount = async () =>
  Number((await db.pool.query(`select count(*) from audit_event where action = 'credentials.used'`)).rows[0].count)
const faults = async () => (await verifyAudit({ kysely: db.kysely, key: KEY })).faults

describe('a minute of uses', () => {
  it('is one row a key and connection, however often it was synced', async () => {
    const one = trail()
    for (let tick = 0; tick < 70; tick += 1) {
      for (const connection of ['a', 'b', 'a']) one.use(connection)
      clock.ms += 800
      await one.keep()
      await one.send()
    }
    expect(await rowCount()).toBe(0)
    clock.ms += MINUTE_MS
    await one.keep()
    await one.send()
    expect(await counts()).toEqual({ a: 140, b: 70 })
    expect(await rowCount()).toBe(2)
    expect(named('.open').concat(named('.closed'))).toEqual([])
    expect(await faults()).toEqual([])
  })

  it('34. that outgrows its share of the disk becomes rows earlier', async () => {
    const one = trail(2_000)
    for (let tick = 0; tick < 30; tick += 1) {
      one.use('a')
      await one.keep()
    }
    await one.keep(true)
    await one.send()
    expect(await counts()).toEqual({ a: 30 })
    expect(await rowCount()).toBeGreaterThan(1)
    expect(await rowCount()).toBeLessThan(10)
    expect(await faults()).toEqual([])
  })
})

describe('after a crash', () => {
  it('34. the counts that were synced are in the trail, once, however often they are adopted', async () => {
    const one = trail()
    for (const connection of ['a', 'b', 'a']) one.use(connection, 'POST')
    await one.keep()
    one.use('a')
    await one.keep()
    one.use('lost')
    const [file] = named('.open')
    copyFileSync(join(folder, file!), join(folder, 'copy'))
    await Promise.all([adopt(), adopt()])
    copyFileSync(join(folder, 'copy'), join(folder, file!))
    await adopt()
    expect(await counts()).toEqual({ a: 3, b: 1 })
    expect(await rowCount()).toBe(2)
    expect(await faults()).toEqual([])
  })

  it('34. between the syncing of rows and the end of the counts nothing is counted twice', async () => {
    const one = trail()
    for (let n = 0; n < 5; n += 1) one.use(`c${n}`)
    await one.keep()
    const [file] = named('.open')
    const text = readFileSync(join(folder, file!))
    await one.keep(true)
    // As if it had not been removed any more, and the journal's last line had been cut off.
    writeFileSync(join(folder, file!.replace('.open', '.closed')), text)
    const journal = join(folder, named('.journal')[0]!)
    writeFileSync(journal, readFileSync(journal, 'utf8').slice(0, -100))
    await adopt()
    expect(await counts()).toEqual({ c0: 1, c1: 1, c2: 1, c3: 1, c4: 1 })
    expect(await faults()).toEqual([])
  })

  it('34. counts that somebody changed are not taken, and that is told', async () => {
    const one = trail()
    one.use('a')
    await one.keep()
    one.use('b')
    await one.keep()
    const path = join(folder, named('.open')[0]!)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"c":[[1,1,0]]', '"c":[[1,7,0]]'))
    expect(await adopt()).toEqual([{ journal: expect.stringMatching(/\.open$/), rows: 1 }])
    expect(named('.damaged')).toHaveLength(1)
    expect(await counts()).toEqual({ a: 1 })
  })
})

describe('at random', () => {
  type Step = 'use' | 'other' | 'keep' | 'send' | 'minute' | 'flush' | 'crash' | 'stall'
  const steps: Step[] = ['use', 'use', 'use', 'other', 'keep', 'keep', 'send', 'minute', 'flush', 'crash', 'stall']

  it('34. no synced use is lost, none is there twice, and the chains are whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 40 }), async (taken) => {
        await db.pool.query('truncate audit_event')
        for (const name of readdirSync(folder)) rmSync(join(folder, name))
        trails.length = 0
        let one = trail()
        const synced: Record<string, number> = {}
        let unsynced: string[] = []
        const count = () => {
          for (const name of unsynced) synced[name] = (synced[name] ?? 0) + 1
          unsynced = []
        }
        const use = (name: string) => (one.use(name), unsynced.push(name))
        for (const step of taken) {
          if (step === 'use') use('a')
          if (step === 'other') use('b')
          if (step === 'minute') clock.ms += MINUTE_MS
          if (step === 'send') await one.send()
          if (step === 'keep' || step === 'flush') await one.keep(step === 'flush').then(count)
          // Stopped for long enough that another process took it for dead; it goes on afterwards.
          if (step === 'crash' || step === 'stall') await adopt()
          if (step !== 'crash') continue
          unsynced = []
          await one.close()
          one = trail()
        }
        await one.keep(true).then(count)
        await one.send()
        await one.close()
        await adopt()
        expect(await counts()).toEqual(synced)
        expect(await faults()).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
