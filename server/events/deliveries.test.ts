import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { webhooks } from '@hawser/api/webhooks.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { createEvents, type Events } from './compose-events.ts'
import { createEventsFixture } from './events-fixture.ts'

let database: TestDatabase
let fixture: Awaited<ReturnType<typeof createEventsFixture>>
let events: Events
const changes: string[] = []
const noted: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  fixture = await createEventsFixture(database.url)
  events = createEvents(fixture.kit, undefined, {
    note: ({ event, tried }) => void noted.push(`${event.type} ${tried.status}`),
    recordChange: async ({ action }) => void changes.push(action),
  })
})
afterAll(async () => {
  await fixture?.close()
  await database?.close()
})
beforeEach(async () => {
  changes.length = noted.length = fixture.receiver.received.length = 0
  fixture.clock.ms = Date.now()
  fixture.kit.db.setClockOffset(0)
  fixture.receiver.answer = () => ({ status: 200, body: 'thanks' })
  await fixture.kit.db.pool.query('delete from event')
  await fixture.kit.db.pool.query('delete from graphile_worker._private_jobs')
  await fixture.kit.db.pool.query('update environment set webhook_url = $1', [fixture.receiver.url])
})

async function ask(name: string, input: { params?: unknown; query?: unknown; body?: unknown } = {}, environmentId = fixture.environmentId) {
  const { route, handle } = events.handlers.find((handler) => handler.route.name === name)!
  const principal: KeyPrincipal = { kind: 'key', keyId: 'k', environmentId, environmentName: 'dev', scopes: [] }
  const answer = await handle({
    params: route.params?.parse(input.params),
    query: route.query?.parse(input.query ?? {}),
    body: route.body?.parse(input.body),
    principal,
  } as never)
  return route.reply.body!.parse(answer) as { data: Record<string, unknown>; deliveries: Record<string, unknown>[]; next: string | null }
}

async function record(connectionId = 'acme'): Promise<string> {
  const connection = { id: newId(), connectionId, tags: {}, endUser: null, webhookUrlOverride: null }
  const event = { environmentId: fixture.environmentId, connection, integrationKey: 'sf', provider: 'salesforce', authMode: 'OAUTH2' }
  const id = await fixture.kit.db.kysely
    .transaction()
    .execute((transaction) => events.recordAuthEvent(transaction, { ...event, operation: 'creation' }))
  return id!
}
const deliver = (eventId: string) => events.jobs['deliver-event']!({ eventId })
const get = async (deliveryId: string) => (await ask('getDelivery', { params: { deliveryId } })).data
const replay = (deliveryId: string) => ask('replayDelivery', { params: { deliveryId } })
const failing = (status: number, body = '') => (fixture.receiver.answer = () => ({ status, body }))

describe('deliveries', () => {
  it('are listed by state, type and time, latest first', async () => {
    const waiting = await record('waits')
    const delivered = await record('arrived')
    await deliver(delivered)
    failing(400)
    const lost = await record('lost')
    await deliver(lost)
    const ids = async (query: object) => (await ask('listDeliveries', { query })).deliveries.map((one) => one['id'])
    expect((await ids({})).toSorted()).toEqual([waiting, delivered, lost].toSorted())
    expect(await ids({ state: 'waiting' })).toEqual([waiting])
    expect(await ids({ state: 'delivered' })).toEqual([delivered])
    expect(await ids({ state: 'given_up' })).toEqual([lost])
    expect(await ids({ type: 'issue.opened' })).toEqual([])
    expect(await ids({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([])
    const [first] = (await ask('listDeliveries', { query: { state: 'given_up' } })).deliveries
    expect(first).toMatchObject({ type: 'auth', connection_id: 'lost', integration: 'sf', attempts: 1, last_status: 400 })
    const page = await ask('listDeliveries', { query: { limit: '2' } })
    const rest = await ask('listDeliveries', { query: { limit: '2', cursor: page.next } })
    expect([page.deliveries.length, rest.deliveries.length, rest.next]).toEqual([2, 1, null])
  })

  it('13. are those of the environment alone', async () => {
    const id = await record()
    const other = newId()
    expect((await ask('listDeliveries', {}, other)).deliveries).toEqual([])
    for (const name of ['getDelivery', 'replayDelivery'])
      await expect(ask(name, { params: { deliveryId: id } }, other)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tell each attempt, the last twenty, and what the receiver said without its secrets', async () => {
    failing(503, JSON.stringify({ reason: 'down', access_token: 'SECRETVALUE' }))
    const id = await record()
    for (let attempt = 0; attempt < 22; attempt += 1) {
      fixture.clock.ms += 1000
      await deliver(id)
    }
    const whole = await get(id)
    const tries = whole['tries'] as { at: string; answer: string }[]
    expect(tries).toHaveLength(20)
    expect(tries.at(-1)).toMatchObject({ status: 503, at: new Date(fixture.clock.ms).toISOString(), error: { code: expect.any(String) } })
    expect(tries[0]!.answer).toBe('{"reason":"down","access_token":"[redacted]"}')
    expect(whole).toMatchObject({ state: 'waiting', attempts: 22, payload: { type: 'auth' }, next_attempt_at: expect.any(String) })
    expect(noted).toHaveLength(22)
  })

  it('are sent again under their id, to the URL that holds now', async () => {
    failing(410)
    const id = await record()
    await deliver(id)
    expect(await get(id)).toMatchObject({ state: 'given_up' })
    await fixture.kit.db.pool.query('update environment set webhook_url = $1', [`${fixture.receiver.url}&moved=1`])
    fixture.receiver.answer = () => ({ status: 204 })
    // Long after: the schedule begins anew.
    fixture.clock.ms += 20 * 86_400_000
    fixture.kit.db.setClockOffset(20 * 86_400_000)
    expect((await replay(id)).data).toMatchObject({
      id,
      state: 'waiting',
      attempts: 0,
      replayed_at: expect.any(String),
      url: expect.stringContaining('moved=1'),
    })
    await expect(replay(id)).rejects.toMatchObject({ code: 'conflict' })
    await events.cleanUp()
    await deliver(id)
    expect(await get(id)).toMatchObject({ state: 'delivered', tries: [{ status: 410 }, { status: 204 }] })
    expect(fixture.receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    expect((await replay(id)).data).toMatchObject({ state: 'waiting' })
    expect(changes).toEqual(['webhook.replay', 'webhook.replay'])
  })

  it('are tried again by the schedule after a replay that failed too', async () => {
    failing(410)
    const id = await record()
    await deliver(id)
    fixture.clock.ms += 20 * 86_400_000
    fixture.kit.db.setClockOffset(20 * 86_400_000)
    await replay(id)
    failing(500)
    await deliver(id)
    expect(await get(id)).toMatchObject({ state: 'waiting', attempts: 1 })
  })

  it('are sent again together: those given up in a time', async () => {
    failing(410)
    const lost = [await record(), await record()]
    for (const id of lost) await deliver(id)
    const fine = await record()
    fixture.receiver.answer = () => ({ status: 200 })
    await deliver(fine)
    const range = (from: number, to: number) => ({
      body: { from: new Date(Date.now() + from).toISOString(), to: new Date(Date.now() + to).toISOString() },
    })
    expect((await ask('replayDeliveries', range(-7_200_000, -3_600_000))).data).toEqual({ replayed: 0, remaining: 0 })
    expect((await ask('replayDeliveries', range(-3_600_000, 3_600_000))).data).toEqual({ replayed: 2, remaining: 0 })
    for (const id of lost) await deliver(id)
    expect((await ask('listDeliveries', { query: { state: 'delivered' } })).deliveries).toHaveLength(3)
  })

  it('show no secret of a URL', async () => {
    await fixture.kit.db.pool.query('update environment set webhook_url = $1', ['https://user:pw@example.com/hook?token=SECRETVALUE&a=b'])
    expect(await get(await record())).toMatchObject({ url: 'https://[redacted]@example.com/hook?token=[redacted]&a=b' })
  })
})

describe('a test message', () => {
  it('arrives signed, as the contract says', async () => {
    const { data } = await ask('testWebhook')
    await deliver(String(data['id']))
    expect(webhooks['webhook.test'].schema.safeParse(JSON.parse(fixture.receiver.received[0]!.body)).success).toBe(true)
    expect(fixture.receiver.received[0]!.headers['webhook-signature']).toMatch(/^v1,/)
    expect(await get(String(data['id']))).toMatchObject({ type: 'webhook.test', state: 'delivered', last_status: 200 })
    expect(changes).toEqual(['webhook.test'])
  })

  it('is tried once, and rings nobody', async () => {
    failing(503)
    const { data } = await ask('testWebhook')
    await deliver(String(data['id']))
    expect(await get(String(data['id']))).toMatchObject({ state: 'given_up', last_status: 503 })
    const { rows } = await fixture.kit.db.pool.query(`select 1 from event where type = 'alert'`)
    expect(rows).toEqual([])
  })

  it('needs a URL', async () => {
    await fixture.kit.db.pool.query('update environment set webhook_url = null')
    await expect(ask('testWebhook')).rejects.toMatchObject({ code: 'missing_webhook_url' })
  })
})
