import { sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listIssues as route } from '@hawser/api/issues.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import type { OwnEvent } from '#events/record-own-event.ts'
import { newId } from '#lib/ids.ts'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'
import { closeIssues } from './close-issues.ts'
import { listIssues } from './list-issues.ts'
import { openIssue, type IssueKind } from './open-issue.ts'

const closing = { recordOwnEvent: async (_transaction: unknown, event: OwnEvent) => void told.push(event), reason: 'works_again' as const }

let test: TestDatabase
let db: Database
const [environmentId, otherEnvironmentId] = [newId(), newId()]
const told: OwnEvent[] = []
const events = { recordOwnEvent: async (_transaction: unknown, event: OwnEvent) => void told.push(event) }

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url, clockOffsetMs: 0 })
  const none = Buffer.from('x')
  for (const [id, name] of [
    [environmentId, 'dev'],
    [otherEnvironmentId, 'prod'],
  ])
    await sql`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values (${id}, ${name}, ${none}, ${none}, ${none})`.execute(
      db.kysely,
    )
})
afterAll(async () => {
  await db.close()
  await test.close()
})
beforeEach(async () => {
  told.length = 0
  await sql`delete from integration`.execute(db.kysely)
})

async function newConnection(name: string, key = 'crm', environment = environmentId): Promise<string> {
  const [id, integrationId] = [newId(), newId()]
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${integrationId}, ${environment}, ${key}, 'salesforce', 'CRM')
    on conflict (environment_id, unique_key) do nothing`.execute(db.kysely)
  await sql`insert into connection (id, environment_id, integration_id, connection_id, end_user)
    select ${id}, ${environment}, id, ${name}, ${JSON.stringify({ id: 'ann', display_name: null, email: null, tags: null, organization: null })}::jsonb
    from integration where environment_id = ${environment} and unique_key = ${key}`.execute(db.kysely)
  return id
}

const diagnosisOf = (kind: string, actor: string) => ({
  ...{ code: 'x', class: kind, actor, transient: false, title: 't', cause: 'c', fix: [], end_user_text: 'e', confidence: 'V', source: 's' },
  ...{ docs: null, evidence: {} },
})
const within = <T>(act: (transaction: Transaction<unknown>) => Promise<T>) => db.kysely.transaction().execute(act)
const open = (connectionId: string, kind: IssueKind, diagnosis: unknown = null, environment = environmentId) =>
  within((transaction) => openIssue(transaction, { environmentId: environment, connectionId, kind, diagnosis }, events))

interface Listed {
  issues: { id: string; kind: string; connection_id: string; count: number; closed_at: string | null; reconnect?: unknown }[]
  next: string | null
}
async function list(query: Record<string, string> = {}): Promise<Listed> {
  const call = { query: route.query.parse(query), principal: { environmentId } }
  const answer = await listIssues({ db: db.kysely }).handle(call as never)
  return route.reply.body.strict().parse(answer) as Listed
}
const names = ({ issues }: Listed) => issues.map((issue) => `${issue.connection_id} ${issue.kind}`)

describe('GET /issues', () => {
  it('lists open issues, latest first, with whose they are; closed ones when asked for', async () => {
    const [a, b] = [await newConnection('a'), await newConnection('b', 'erp')]
    await open(a, 'refresh_failed')
    await open(b, 'instance_url_refused')
    await open(a, 'refresh_failed')
    expect(names(await list())).toEqual(['b instance_url_refused', 'a refresh_failed'])
    expect((await list()).issues[1]).toMatchObject({
      provider_config_key: 'crm',
      provider: 'salesforce',
      end_user: { id: 'ann' },
      count: 2,
      closed_at: null,
    })
    await within((transaction) => closeIssues(transaction, [a], undefined, closing))
    expect(names(await list())).toEqual(['b instance_url_refused'])
    expect(names(await list({ state: 'closed' }))).toEqual(['a refresh_failed'])
    await open(a, 'refresh_failed')
    expect(names(await list({ state: 'all' }))).toEqual(['a refresh_failed', 'b instance_url_refused', 'a refresh_failed'])
  })

  it('finds by kind, integration and connection, and nothing of another environment', async () => {
    const [a, b] = [await newConnection('a'), await newConnection('b', 'erp')]
    await open(a, 'refresh_failed')
    await open(b, 'refresh_failed')
    await open(b, 'sandbox_refreshed')
    await open(await newConnection('a', 'crm', otherEnvironmentId), 'refresh_failed', null, otherEnvironmentId)
    expect(names(await list({ kind: 'sandbox_refreshed' }))).toEqual(['b sandbox_refreshed'])
    expect(names(await list({ integration: 'crm' }))).toEqual(['a refresh_failed'])
    expect(names(await list({ connectionId: 'b', kind: 'refresh_failed' }))).toEqual(['b refresh_failed'])
    expect(names(await list({ integration: 'none' }))).toEqual([])
  })

  it('pages through equal times without losing or repeating any; a foreign cursor finds nothing', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, (_, n) => newConnection(`c${n}`)))
    await within(async (transaction) => {
      for (const id of ids)
        await openIssue(transaction, { environmentId, connectionId: id, kind: 'refresh_failed', diagnosis: null }, events)
      await sql`update issue set opened_at = '2026-01-01'`.execute(transaction)
    })
    const seen: string[] = []
    let next: string | null = null
    for (let page = 0; page < 10; page++) {
      const found: Listed = await list({ limit: '3', ...(next ? { before: next } : {}) })
      seen.push(...names(found))
      next = found.next
      if (!next) break
    }
    expect(new Set(seen).size).toBe(7)
    expect(seen).toHaveLength(7)
    expect((await list({ before: newId() })).issues).toEqual([])
    expect(route.query.safeParse({ limit: '201' }).success).toBe(false)
  })

  it.each([
    ['reconnect', 'end_user', true],
    ['reconnect', 'developer', true],
    ['user', 'end_user', true],
    ['config', 'developer', false],
    ['customer_admin', 'customer_admin', false],
  ])('class %s, actor %s: names the reconnect request: %s', async (kind, actor, named) => {
    const id = await newConnection('a')
    await open(id, 'refresh_failed', diagnosisOf(kind, actor))
    const request = { method: 'POST', path: '/connect/sessions/reconnect', body: { connection_id: 'a', integration_id: 'crm' } }
    expect((await list()).issues[0]!.reconnect).toEqual(named ? request : undefined)
    expect(told[0]).toMatchObject({ type: 'issue.opened', data: named ? { reconnect: request } : {} })
    await within((transaction) => closeIssues(transaction, [id], undefined, closing))
    expect((await list({ state: 'closed' })).issues[0]!.reconnect).toBeUndefined()
  })
})

describe('what the backend is told', () => {
  it('once when an issue opens, however often it is seen, and once when it is closed', async () => {
    const id = await newConnection('a')
    for (let seen = 0; seen < 3; seen++) await open(id, 'refresh_failed', diagnosisOf('config', 'developer'))
    for (let times = 0; times < 2; times++) await within((transaction) => closeIssues(transaction, [id], undefined, closing))
    expect(told).toMatchObject([
      { type: 'issue.opened', subject: { connectionId: 'a', integrationKey: 'crm', endUser: { id: 'ann' } } },
      { type: 'issue.resolved', data: { reason: 'works_again', issue: { kind: 'refresh_failed', closed_at: expect.any(String) } } },
    ])
  })
})
