/** Two transactions that meet on the same rows: each is left standing where it waits first, and must not hold what the other needs next. */
import { sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { openIssue } from '#issues/open-issue.ts'
import { newId } from '#lib/ids.ts'
import { addIntegration, connect, createNode, createWorld, environmentId, type Connected, type Node, type World } from './node-for-tests.ts'
import { refuteSuspicion } from './suspect-refresh.ts'

const OLD = '00D5g000004abCdEAI'
const NEW = '00D5g000004abCeEAI'

let test: TestDatabase
let world: World
let node: Node
let instanceUrl = ''

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
beforeEach(() => {
  instanceUrl = `https://acme--s${newId().replaceAll('-', '').slice(0, 20)}.sandbox.my.salesforce.com`
})
afterAll(async () => {
  await world.close()
  await test.close()
})

async function connected(): Promise<Connected> {
  const integration = await addIntegration(node, environmentId, `sf-${newId()}`, 'sandbox')
  const config = { org_id: OLD, instance_url: instanceUrl }
  return connect(node, world, { integration, credentials: { refresh_token: `rt-${newId()}` }, config })
}

const inTransaction = <T>(work: (transaction: Transaction<unknown>) => Promise<T>) => node.db.kysely.transaction().execute(work)

/** Until a transaction of this database stands waiting for a row. */
const untilSomebodyWaits = () =>
  expect
    .poll(async () => (await sql`select from pg_locks where not granted`.execute(node.db.kysely)).rows.length, { interval: 5 })
    .toBeGreaterThan(0)

const lockRow = (transaction: Transaction<unknown>, table: 'connection' | 'grant', id: string) =>
  sql`select from ${sql.table(table)} where id = ${id} for no key update`.execute(transaction)

it('deleting an integration waits for a reconnect of one of its connections, which holds the connection and wants its grant', async () => {
  const { live, integration } = await connected()
  let deleting: Promise<unknown> | undefined
  await inTransaction(async (reconnect) => {
    await lockRow(reconnect, 'connection', live.connection.id)
    deleting = inTransaction((transaction) => node.connections.releaseGrants(transaction, integration))
    deleting.catch(() => {})
    await untilSomebodyWaits()
    await lockRow(reconnect, 'grant', live.grant!.id)
  })
  await deleting
  expect((await sql`select from "grant" where id = ${live.grant!.id}`.execute(node.db.kysely)).rows).toEqual([])
})

it('stopping the connections to a host takes their grants in the order of their ids, as those who hand over the grants of an app', async () => {
  const [one, two] = [await connected(), await connected()]
  // The first connection on the later grant.
  const [low, high] = [one.live.grant!.id, two.live.grant!.id].toSorted()
  for (const [{ live }, grantId] of [
    [one, high],
    [two, low],
  ] as const)
    await sql`update connection set grant_id = ${grantId} where id = ${live.connection.id}`.execute(node.db.kysely)
  let stopping: Promise<number> | undefined
  await inTransaction(async (mover) => {
    await lockRow(mover, 'grant', low!)
    stopping = node.connections.sandboxRefreshed({ environmentId, connectionId: one.live.connection.id, newOrgId: NEW })
    stopping.catch(() => {})
    await untilSomebodyWaits()
    await lockRow(mover, 'grant', high!)
  })
  expect(await stopping).toBe(2)
})

it('a connection that works again waits for no other connection’s suspicion, whose own connection may be closing it', async () => {
  const [one, two] = [await connected(), await connected()]
  const events = { recordOwnEvent: async () => {} }
  const kind = 'sandbox_refresh_suspected'
  for (const { live } of [one, two])
    await inTransaction((transaction) =>
      openIssue(transaction, { environmentId, connectionId: live.connection.id, kind, diagnosis: null }, events),
    )
  const deps = { db: node.db.kysely, salesforceProviders: () => ['sandbox'], ...events }
  await inTransaction(async (other) => {
    await sql`update issue set closed_at = hawser_now() where connection_id = ${two.live.connection.id}`.execute(other)
    await inTransaction(async (transaction) => {
      await sql`set local lock_timeout = '2s'`.execute(transaction)
      await refuteSuspicion(deps, transaction, [one.live.connection.id], { ...events, reason: 'works_again' })
    })
  })
  expect((await sql`select from issue where closed_at is null and kind = ${kind}`.execute(node.db.kysely)).rows).toEqual([])
})
