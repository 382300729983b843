import { createSecretKey } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listAudit as route } from '@hawser/api/audit.ts'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import { withOrigin } from '#http/request-origin.ts'
import { newId } from '#lib/ids.ts'
import { listAudit } from './list-audit.ts'
import { createAudit } from './record-disclosure.ts'

const ENVIRONMENT = newId()
const [ONE, TWO] = [newId(), newId()]
const BEGAN = Date.parse('2026-05-01T00:00:00.000Z')
let test: TestDatabase
let db: Database

/** One row a second: reads of two connections in turn, then a sign-in of an end user. */
beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
  let ms = BEGAN
  const clock = { now: () => ms }
  const audit = createAudit({ db, clock, log: pino({ level: 'silent' }) }, { key: createSecretKey(Buffer.alloc(32, 7)) })
  for (let n = 0; n < 6; n += 1) {
    ms = BEGAN + n * 1_000
    const subject = { connection: n % 2 ? ONE : TWO, integration: n < 3 ? 'crm' : 'erp' }
    const actor = { kind: 'key', id: n === 5 ? 'other' : 'k' }
    await withOrigin({ address: '198.51.100.1', requestId: `r${n}` }, () =>
      audit.disclosed({ environmentId: ENVIRONMENT, actor, action: 'credentials.read', subject }),
    )
  }
  ms = BEGAN + 6_000
  await withOrigin({ address: '203.0.113.9', requestId: 'r6' }, () =>
    audit.changed({
      ...{ environmentId: ENVIRONMENT, actor: { kind: 'session', id: 's' }, action: 'connection.created', endUserId: 'alice' },
      subject: { connection: ONE, integration: 'crm' },
    }),
  )
  await audit.changed({ environmentId: newId(), actor: { kind: 'key', id: 'k' }, action: 'credentials.read', subject: {} })
  await audit.close()
})
afterAll(async () => {
  await db.close()
  await test.close()
})

async function list(query: Record<string, string> = {}, environmentId = ENVIRONMENT) {
  const { handle } = listAudit({ db: db.kysely })
  const answer = await handle({ query: route.query!.parse(query), principal: { environmentId } } as never)
  return route.reply.body!.parse(answer) as { events: Record<string, unknown>[]; next: string | null }
}
const requests = async (query: Record<string, string>) => (await list(query)).events.map((event) => event['request_id'])

describe('GET /audit', () => {
  it('34. says who did what to what, from where, latest first', async () => {
    const { events, next } = await list()
    expect(next).toBeNull()
    expect(events).toHaveLength(7)
    expect(events[0]).toMatchObject({
      ...{ at: '2026-05-01T00:00:06.000Z', action: 'connection.created', actor: { kind: 'session', id: 's' }, address: '203.0.113.9' },
      ...{ request_id: 'r6', subject: { connection: ONE, integration: 'crm' }, end_user: { id: 'alice' }, count: 1 },
    })
    expect(events[1]).toMatchObject({ actor: { kind: 'key', id: 'other' }, address: '198.51.100.1', end_user: null })
  })

  it('finds by time, action, actor, connection and integration', async () => {
    expect(await requests({ from: '2026-05-01T00:00:01Z', to: '2026-05-01T00:00:03Z' })).toEqual(['r2', 'r1'])
    expect(await requests({ action: 'connection.created' })).toEqual(['r6'])
    expect(await requests({ actor: 'other' })).toEqual(['r5'])
    expect(await requests({ connection: ONE })).toEqual(['r6', 'r5', 'r3', 'r1'])
    expect(await requests({ connection: 'nothing-of-that-name' })).toEqual([])
    expect(await requests({ integration: 'erp', actor: 'k' })).toEqual(['r4', 'r3'])
  })

  it('pages without gaps or repetition', async () => {
    const seen: unknown[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ limit: '3', ...(cursor ? { cursor } : {}) })
      seen.push(...page.events.map((event) => event['request_id']))
      cursor = page.next
    } while (cursor && seen.length < 20)
    expect(seen).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
  })

  it('13. shows nothing of another environment, nor of the whole installation', async () => {
    expect((await list({}, newId())).events).toEqual([])
    expect((await list({}, newId())).next).toBeNull()
  })

  it.each(['x', Buffer.from('1.2.3').toString('base64url')])('400 for a cursor that is none (%s)', async (cursor) => {
    await expect(list({ cursor })).rejects.toMatchObject({ code: 'invalid_query_params' })
  })
})
