import { createSecretKey } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '@hawser/api/errors.ts'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { withOrigin } from '#http/request-origin.ts'
import { flawOf, GENESIS, type AuditRow } from './chain.ts'
import { createAudit, type Audit, type Disclosure } from './record-disclosure.ts'
import { readChain } from './store.ts'

let test: TestDatabase
let db: Database
const audits: Audit[] = []
const clock = { ms: Date.now(), now: () => clock.ms }

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
})
beforeEach(async () => {
  await Promise.all(audits.splice(0).map((audit) => audit.close()))
  await db.pool.query('drop trigger if exists refuse on audit_event')
  await db.pool.query('truncate audit_event')
})
afterAll(async () => {
  await Promise.all(audits.map((audit) => audit.close()))
  await db.close()
  await test.close()
})

function openAudit(on: Database = db): Audit {
  const audit = createAudit({ db: on, clock, log: pino({ level: 'silent' }) }, { key: KEY })
  audits.push(audit)
  return audit
}

const KEY = createSecretKey(Buffer.alloc(32, 7))
const ENVIRONMENT = newId()
const use = (connectionId: string) => ({ keyId: 'k', environmentId: ENVIRONMENT, connectionId, method: 'GET', address: '10.0.0.1' })

/** The first row with a flaw. */
function verifyChain(rows: readonly AuditRow[]): number | undefined {
  const at = rows.findIndex((row, index) => flawOf(KEY, index === 0 ? GENESIS : rows[index - 1]!, row))
  return rows[at]?.seq
}

const disclosure = (n = 0): Disclosure => ({
  environmentId: ENVIRONMENT,
  actor: { kind: 'key', id: 'k' },
  action: 'credentials.read',
  subject: { connection: `c${n}` },
})

async function chains(): Promise<AuditRow[][]> {
  const { rows } = await db.pool.query<{ chain: string }>('select distinct chain from audit_event order by chain')
  return Promise.all(rows.map(({ chain }) => readChain(db.kysely, chain, 0, 10_000)))
}

/** Makes every INSERT fail, as a full disk would. */
async function refuseRows(): Promise<void> {
  await db.pool.query(
    `create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`,
  )
  await db.pool.query('create trigger refuse before insert on audit_event for each statement execute function refuse()')
}

describe('disclosed', () => {
  it('34. is committed when it resolves, in a chain that verifies after the way through the database', async () => {
    const audit = openAudit()
    await audit.disclosed({ ...disclosure(), actor: { z: 1, a: { c: [1.5, null], b: 'é\0' } } })
    const [rows] = await chains()
    expect(rows!.map((row) => row.action)).toEqual(['audit.anchor', 'credentials.read'])
    await audit.changed({ ...disclosure(), action: 'connection.deleted' })
    const [more] = await chains()
    expect(more!.map((row) => row.seq)).toEqual([1, 2, 3])
    expect(verifyChain(more!)).toBeUndefined()
  })

  it('34. an altered, a removed and a rewritten row show', async () => {
    const audit = openAudit()
    for (let n = 0; n < 4; n += 1) await audit.disclosed(disclosure(n))
    await db.pool.query(`update audit_event set actor = '{"kind":"key","id":"other"}' where seq = 3`)
    expect(verifyChain((await chains())[0]!)).toBe(3)
    await db.pool.query('delete from audit_event where seq = 3')
    expect(verifyChain((await chains())[0]!)).toBe(4)
  })

  it('commits many together', async () => {
    const audit = openAudit()
    await audit.disclosed(disclosure())
    const before = db.statements
    await Promise.all(Array.from({ length: 300 }, (_, n) => audit.disclosed(disclosure(n))))
    expect(db.statements - before).toBe(1)
    expect(verifyChain((await chains())[0]!)).toBeUndefined()
    expect((await chains())[0]).toHaveLength(302)
  })

  it('34. fails with credentials_unavailable when nothing can be written, and goes on with the chain afterwards', async () => {
    const audit = openAudit()
    await audit.disclosed(disclosure(1))
    await refuseRows()
    const failures = await Promise.all([1, 2].map(() => audit.disclosed(disclosure(2)).catch((error: unknown) => error)))
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(Failure)
      expect(failure).toMatchObject({ code: 'credentials_unavailable', status: 503 })
      expect((failure as Failure).message).not.toContain('disk full')
    }
    await db.pool.query('drop trigger refuse on audit_event')
    await audit.disclosed(disclosure(3))
    const [rows] = await chains()
    expect(rows!.map((row) => row.subject['connection'])).toEqual([undefined, 'c1', 'c3'])
    expect(verifyChain(rows!)).toBeUndefined()
  })

  it('finds its place again when a batch with an unknown outcome was committed after all', async () => {
    const audit = openAudit()
    await audit.disclosed(disclosure(1))
    // The INSERT is committed, but its answer is lost on the way back.
    const query = db.pool.connect.bind(db.pool)
    let cut = true
    db.pool.connect = (async () => {
      const client = await query()
      const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
      client.query = (async (...args: unknown[]) => {
        const answer = await send(...args)
        if (cut) {
          cut = false
          throw new Error('connection lost')
        }
        return answer
      }) as typeof client.query
      return client
    }) as typeof db.pool.connect
    try {
      await expect(audit.disclosed(disclosure(2))).rejects.toThrow(Failure)
      await audit.disclosed(disclosure(3))
    } finally {
      db.pool.connect = query as typeof db.pool.connect
    }
    const [rows] = await chains()
    expect(rows!.map((row) => row.seq)).toEqual([1, 2, 3, 4])
    expect(verifyChain(rows!)).toBeUndefined()
  })

  it('20. does not wait for ever for the database, nor writes what was refused', async () => {
    const single = await openDatabase({ url: test.url, max: 1 })
    const busy = await single.pool.connect()
    const audit = createAudit({ db: single, clock, log: pino({ level: 'silent' }) }, { key: KEY, deadlineMs: 30 })
    audits.push(audit)
    const [one, two] = [audit.disclosed(disclosure(1)), audit.disclosed(disclosure(2))]
    await expect(one).rejects.toMatchObject({ code: 'credentials_unavailable' })
    await expect(two).rejects.toMatchObject({ code: 'credentials_unavailable' })
    const third = audit.disclosed(disclosure(3)).catch(() => 'refused')
    expect(await third).toBe('refused')
    busy.release()
    await audit.close()
    await single.close()
    const written = (await chains()).flat().map((row) => row.subject['connection'])
    expect(written).not.toContain('c3')
  })

  it('34. discloses nothing after close', async () => {
    const audit = openAudit()
    await audit.close()
    await expect(audit.disclosed(disclosure())).rejects.toMatchObject({ code: 'credentials_unavailable' })
  })

  it('34. each chain holds the ends of the others, so that a cut end shows', async () => {
    const one = openAudit()
    clock.ms += 1
    const two = openAudit()
    await one.disclosed(disclosure(1))
    await two.disclosed(disclosure(2))
    const [first, second] = await chains()
    const head = first!.at(-1)!
    expect(second![0]!.subject).toEqual({ heads: [{ chain: head.chain, seq: head.seq, hash: head.hash.toString('hex') }] })
    clock.ms += 60_000
    await one.flush()
    const [later] = await chains()
    expect(later!.at(-1)).toMatchObject({ action: 'audit.anchor', subject: { heads: [{ chain: second![0]!.chain, seq: 2 }] } })
    for (let minute = 0; minute < 3; minute += 1) {
      clock.ms += 60_000
      await one.flush()
      await two.flush()
    }
    // Idle nodes do not answer each other's anchors.
    expect((await chains()).flat()).toHaveLength(5)
  })
})

describe('who from where', () => {
  const origin = { address: '203.0.113.7', requestId: 'request-1' }

  it('34. a key’s address and the request’s id stand in the row', async () => {
    const audit = openAudit()
    await withOrigin(origin, () => audit.disclosed(disclosure()))
    expect((await chains())[0]![1]!.actor).toEqual({ kind: 'key', id: 'k', address: '203.0.113.7', request_id: 'request-1' })
  })

  it('34. an end user’s id and address stand beside it, once a day', async () => {
    const audit = openAudit()
    const change = { ...disclosure(), actor: { kind: 'session', id: 's' }, endUserId: 'alice@example.com' }
    for (let n = 0; n < 3; n += 1) await withOrigin(origin, () => audit.changed(change))
    clock.ms += 86_400_000
    await withOrigin(origin, () => audit.changed(change))
    const rows = (await chains())[0]!
    expect(JSON.stringify(rows)).not.toMatch(/alice|203\.0/)
    const digests = rows.slice(1).map((row) => row.subject['person'])
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(digests.slice(0, 3)).size).toBe(1)
    expect(digests[3]).not.toBe(digests[0])
    const { rows: persons } = await db.pool.query(`select end_user_id, address from audit_person where digest = decode($1, 'hex')`, [
      digests[0],
    ])
    expect(persons).toEqual([{ end_user_id: 'alice@example.com', address: '203.0.113.7' }])
  })
})

describe('used', () => {
  it('costs no statement, and is written as one chained row per key, connection and minute', async () => {
    const audit = openAudit()
    const before = db.statements
    for (let i = 0; i < 1_000; i += 1) audit.used(use(i % 2 ? 'c1' : 'c2'))
    expect(db.statements).toBe(before)
    await audit.flush()
    const [rows] = await chains()
    expect(rows!.slice(1)).toMatchObject([
      { action: 'credentials.used', actor: { kind: 'key', id: 'k' }, subject: { connection: 'c2' }, count: 500 },
      { action: 'credentials.used', subject: { connection: 'c1' }, count: 500 },
    ])
    expect(verifyChain(rows!)).toBeUndefined()
  })

  it('34. keeps the counts while the database is away', async () => {
    const audit = openAudit()
    await refuseRows()
    audit.used(use('c'))
    await audit.flush()
    audit.used(use('c'))
    await db.pool.query('drop trigger refuse on audit_event')
    await audit.flush()
    expect((await chains())[0]!.slice(1)).toMatchObject([{ count: 1 }, { count: 1 }])
  })

  it('writes more rows than one batch holds', async () => {
    const audit = openAudit()
    for (let i = 0; i < 1_200; i += 1) audit.used(use(`c${i}`))
    await audit.flush()
    const [rows] = await chains()
    expect(rows).toHaveLength(1_201)
    expect(verifyChain(rows!)).toBeUndefined()
  })

  it('is written at close', async () => {
    const audit = openAudit()
    audit.used(use('c'))
    await audit.close()
    expect((await chains())[0]!.at(-1)).toMatchObject({ action: 'credentials.used', count: 1 })
  })
})
