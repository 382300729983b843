import { sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '#db/pool.ts'
import { newId } from '#lib/ids.ts'
import { createTestDatabase, type TestDatabase } from '../../testkit/test-database.ts'
import { cleanUpIssues } from './clean-up-issues.ts'
import { closeIssues } from './close-issues.ts'
import { openIssue } from './open-issue.ts'
import { openIssuesOf } from './open-issues-of.ts'

const silent = { recordOwnEvent: async () => {}, reason: 'works_again' } as const
const open = (issue: Parameters<typeof openIssue>[1]) =>
  db.kysely.transaction().execute((transaction) => openIssue(transaction, issue, silent))
const close = (connectionIds: string[], kinds?: Parameters<typeof closeIssues>[2]) =>
  db.kysely.transaction().execute((transaction) => closeIssues(transaction, connectionIds, kinds, silent))

let test: TestDatabase
let db: Database
const environmentId = newId()
const integrationId = newId()

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url, clockOffsetMs: 0 })
  const none = Buffer.from('x')
  await sql`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values (${environmentId}, 'dev', ${none}, ${none}, ${none})`.execute(
    db.kysely,
  )
  await sql`insert into integration (id, environment_id, unique_key, provider, display_name) values (${integrationId}, ${environmentId}, 'crm', 'salesforce', 'CRM')`.execute(
    db.kysely,
  )
})
afterAll(async () => {
  await db.close()
  await test.close()
})

async function newConnection(): Promise<string> {
  const id = newId()
  await sql`insert into connection (id, environment_id, integration_id, connection_id) values (${id}, ${environmentId}, ${integrationId}, ${id})`.execute(
    db.kysely,
  )
  return id
}

describe('issues', () => {
  it('counts an issue that is seen again, and shows the newest diagnosis', async () => {
    const connectionId = await newConnection()
    await open({ environmentId, connectionId, kind: 'refresh_failed', diagnosis: { id: 'first' } })
    db.setClockOffset(60_000)
    await open({ environmentId, connectionId, kind: 'refresh_failed', diagnosis: { id: 'second' } })
    db.setClockOffset(0)
    const [issue, ...others] = (await openIssuesOf(db.kysely, [connectionId])).get(connectionId) ?? []
    expect(others).toEqual([])
    expect(issue).toMatchObject({ kind: 'refresh_failed', count: 2, diagnosis: { id: 'second' } })
    expect(issue!.lastSeenAt.getTime() - issue!.openedAt.getTime()).toBeGreaterThan(59_000)
  })

  it('counts sightings that arrive at once on one row', async () => {
    const connectionId = await newConnection()
    await Promise.all(Array.from({ length: 8 }, () => open({ environmentId, connectionId, kind: 'interrupted_refresh', diagnosis: null })))
    expect((await openIssuesOf(db.kysely, [connectionId])).get(connectionId)).toMatchObject([{ count: 8, diagnosis: null }])
  })

  it('closes the kinds that are named, keeps the rest, and opens a new row afterwards', async () => {
    const connectionId = await newConnection()
    const issue = { environmentId, connectionId, diagnosis: null }
    await open({ ...issue, kind: 'refresh_failed' })
    await open({ ...issue, kind: 'instance_url_refused' })
    expect(await close([connectionId], ['refresh_failed'])).toBe(1)
    expect((await openIssuesOf(db.kysely, [connectionId])).get(connectionId)?.map((open) => open.kind)).toEqual(['instance_url_refused'])
    await open({ ...issue, kind: 'refresh_failed' })
    expect(await close([connectionId])).toBe(2)
    expect(await openIssuesOf(db.kysely, [connectionId])).toEqual(new Map())
    const { rows } = await sql`select from issue where connection_id = ${connectionId}`.execute(db.kysely)
    expect(rows).toHaveLength(3)
  })

  it('asks nothing of the database for no connections', async () => {
    const before = db.statements
    expect(await closeIssues(db.kysely as Transaction<unknown>, [], undefined, silent)).toBe(0)
    expect(await openIssuesOf(db.kysely, [])).toEqual(new Map())
    expect(db.statements).toBe(before)
  })
})

it('closed issues go after 90 days; open ones stay', async () => {
  const [closed, open_] = [await newConnection(), await newConnection()]
  for (const connectionId of [closed, open_]) await open({ environmentId, connectionId, kind: 'refresh_failed', diagnosis: null })
  await close([closed])
  const left = async () => {
    const { rows } = await sql<{ id: string }>`select connection_id as id from issue where connection_id in (${closed}, ${open_})`.execute(
      db.kysely,
    )
    return rows.map((row) => row.id).toSorted()
  }
  const day = 86_400_000
  db.setClockOffset(89 * day)
  await cleanUpIssues(db.kysely)
  expect(await left()).toEqual([closed, open_].toSorted())
  db.setClockOffset(91 * day)
  await cleanUpIssues(db.kysely)
  expect(await left()).toEqual([open_])
  db.setClockOffset(0)
})
