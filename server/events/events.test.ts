import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { authWebhook } from '@hawser/api/webhooks.ts'
import { newId } from '#lib/ids.ts'
import { createEvents, type Events } from './compose-events.ts'
import { deliverEvent } from './deliver-event.ts'
import { createEventsFixture, SIGNING_KEY } from './events-fixture.ts'
import type { AuthEvent } from './record-event.ts'

let database: TestDatabase
let fixture: Awaited<ReturnType<typeof createEventsFixture>>
let events: Events

beforeAll(async () => {
  database = await createTestDatabase()
  fixture = await createEventsFixture(database.url)
  events = createEvents(fixture.kit)
})
afterAll(async () => {
  await fixture.close()
  await database.close()
})
beforeEach(async () => {
  fixture.clock.ms = Date.now()
  fixture.kit.db.setClockOffset(0)
  fixture.receiver.received.length = 0
  fixture.receiver.answer = () => ({ status: 200 })
  await fixture.kit.db.pool.query('delete from event')
  await fixture.kit.db.pool.query('delete from graphile_worker._private_jobs')
})

function authEvent(change: Partial<AuthEvent> = {}, connection: Partial<AuthEvent['connection']> = {}): AuthEvent {
  return {
    environmentId: fixture.environmentId,
    connection: { id: newId(), connectionId: 'acme', tags: { plan: 'pro' }, endUser: null, webhookUrlOverride: null, ...connection },
    integrationKey: 'salesforce',
    provider: 'salesforce',
    authMode: 'OAUTH2',
    operation: 'creation',
    ...change,
  }
}

async function record(event = authEvent()): Promise<string> {
  const id = await fixture.kit.db.kysely.transaction().execute((transaction) => events.recordAuthEvent(transaction, event))
  return id!
}

interface EventRow {
  attempts: number
  url: string
  payload: unknown
  last_error: string | null
  delivered_at: Date | null
  given_up_at: Date | null
}

async function rowOf(id: string): Promise<EventRow> {
  const { rows } = await fixture.kit.db.pool.query<EventRow>('select * from event where id = $1', [id])
  return rows[0]!
}

async function jobs(): Promise<{ key: string; run_at: Date }[]> {
  const { rows } = await fixture.kit.db.pool.query(`select key, run_at from graphile_worker.jobs where task_identifier = 'deliver-event'`)
  return rows
}

describe('recordAuthEvent', () => {
  it('28. writes the event and its job in the transaction of the change, or neither', async () => {
    const id = await record()
    expect(await rowOf(id)).toMatchObject({ url: fixture.receiver.url, attempts: 0 })
    expect(await jobs()).toMatchObject([{ key: `event:${id}` }])
    let lost: string | undefined
    await expect(
      fixture.kit.db.kysely.transaction().execute(async (transaction) => {
        lost = await events.recordAuthEvent(transaction, authEvent())
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    expect(await rowOf(lost!)).toBeUndefined()
    expect(await jobs()).toHaveLength(1)
  })

  it('builds the payload of the contract', async () => {
    const endUser = {
      id: 'u1',
      email: 'u@example.com',
      display_name: null,
      tags: { a: 'b' },
      organization: { id: 'o1', display_name: null },
    }
    const { payload } = await rowOf(await record(authEvent({ operation: 'override' }, { endUser })))
    expect(payload).toEqual({
      from: 'nango',
      type: 'auth',
      connectionId: 'acme',
      providerConfigKey: 'salesforce',
      authMode: 'OAUTH2',
      provider: 'salesforce',
      environment: 'dev',
      operation: 'override',
      tags: { plan: 'pro' },
      endUser: { endUserId: 'u1', endUserEmail: 'u@example.com', organizationId: 'o1', tags: { a: 'b' } },
      success: true,
    })
    expect(authWebhook.safeParse(payload).success).toBe(true)
  })

  it('carries a failure with its diagnosis, also when the provider’s words do not fit into jsonb', async () => {
    const diagnosis = {
      code: 'd',
      class: 'user' as const,
      actor: 'end_user' as const,
      transient: false,
      title: 't',
      cause: 'c',
      fix: ['f'],
      end_user_text: 'e',
      confidence: 'V' as const,
      source: 's',
      docs: null,
      evidence: {},
    }
    const failure = { type: 'invalid_grant', description: 'expired\0 \ud800 token', diagnosis }
    const { payload } = await rowOf(await record(authEvent({ operation: 'refresh', failure })))
    expect(payload).toMatchObject({ success: false, error: { type: 'invalid_grant', description: 'expired \ufffd token' }, diagnosis })
    expect(authWebhook.safeParse(payload).success).toBe(true)
  })

  it('lets the connection’s URL replace the environment’s, and writes nothing where there is none', async () => {
    const id = await record(authEvent({}, { webhookUrlOverride: 'https://other.example.com/' }))
    expect(await rowOf(id)).toMatchObject({ url: 'https://other.example.com/' })
    await fixture.kit.db.pool.query('update environment set webhook_url = null')
    expect(await record()).toBeUndefined()
    await fixture.kit.db.pool.query('update environment set webhook_url = $1', [fixture.receiver.url])
    expect(await jobs()).toHaveLength(1)
  })
})

describe('deliverEvent', () => {
  it('posts sorted JSON with both signatures', async () => {
    const id = await record()
    await events.jobs['deliver-event']!({ eventId: id })
    expect(fixture.receiver.received).toHaveLength(1)
    const { headers, body } = fixture.receiver.received[0]!
    expect(body.startsWith('{"authMode":"OAUTH2","connectionId":"acme","environment":"dev","from":"nango"')).toBe(true)
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': id })
    expect(headers['user-agent']).toMatch(/^hawser\/\d+\.\d+\.\d+/)
    expect(headers['webhook-timestamp']).toBe(String(Math.floor(fixture.clock.ms / 1000)))
    expect(new Webhook(SIGNING_KEY).verify(body, headers as Record<string, string>)).toMatchObject({ connectionId: 'acme' })
    expect(headers['x-nango-hmac-sha256']).toBe(createHmac('sha256', SIGNING_KEY).update(body).digest('hex'))
    expect(headers['x-nango-signature']).toBeUndefined()
    expect(await rowOf(id)).toMatchObject({ attempts: 1, delivered_at: expect.any(Date), last_error: null })
  })

  it('delivers a settled event no second time', async () => {
    const id = await record()
    await deliverEvent(fixture.kit, id)
    await deliverEvent(fixture.kit, id)
    await deliverEvent(fixture.kit, newId())
    expect(fixture.receiver.received).toHaveLength(1)
  })

  it.each([500, 503, 408, 425, 429])('tries again after %i, with the same id, replacing its own job', async (status) => {
    const id = await record()
    fixture.receiver.answer = () => ({ status })
    await deliverEvent(fixture.kit, id, { random: () => 0.5 })
    expect(await rowOf(id)).toMatchObject({
      attempts: 1,
      delivered_at: null,
      given_up_at: null,
      last_error: expect.stringMatching(new RegExp(`^webhook-[a-z-]+: .*\\(${status}\\)$`)),
    })
    expect(await jobs()).toEqual([{ key: `event:${id}`, run_at: new Date(fixture.clock.ms + 5_500) }])
    fixture.receiver.answer = () => ({ status: 204 })
    await deliverEvent(fixture.kit, id)
    expect(await rowOf(id)).toMatchObject({ attempts: 2, delivered_at: expect.any(Date), last_error: null })
    expect(new Set(fixture.receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]))
  })

  it('waits as long as Retry-After says', async () => {
    const id = await record()
    fixture.receiver.answer = () => ({ status: 429, headers: { 'retry-after': '90' } })
    await deliverEvent(fixture.kit, id, { random: () => 0 })
    expect(await jobs()).toMatchObject([{ run_at: new Date(fixture.clock.ms + 90_000) }])
  })

  it.each([301, 307, 400, 401, 404, 410])('gives up after %i', async (status) => {
    const id = await record()
    fixture.receiver.answer = () => ({ status, headers: { location: fixture.receiver.url } })
    await deliverEvent(fixture.kit, id)
    expect(await rowOf(id)).toMatchObject({
      given_up_at: expect.any(Date),
      last_error: expect.stringMatching(new RegExp(`^webhook-[a-z-]+: .*\\(${status}\\)$`)),
    })
    expect(fixture.receiver.received).toHaveLength(1)
  })

  it('20. tries again when the connection is cut or nothing is answered in time', async () => {
    const id = await record()
    fixture.receiver.answer = () => null
    await deliverEvent(fixture.kit, id)
    fixture.receiver.answer = () => 'nothing'
    await deliverEvent(fixture.kit, id, { timeoutMs: 30 })
    expect(await rowOf(id)).toMatchObject({
      attempts: 2,
      given_up_at: null,
      last_error: 'webhook-timeout: The receiver did not answer in time',
    })
    expect(await jobs()).toHaveLength(1)
  })

  it('takes the status for the answer when the body is too much', async () => {
    const id = await record()
    fixture.receiver.answer = () => ({ status: 200, body: 'x'.repeat(100_000) })
    await deliverEvent(fixture.kit, id)
    expect(await rowOf(id)).toMatchObject({ delivered_at: expect.any(Date) })
  })

  it.each(['http://127.0.0.1:1/', 'http://169.254.169.254/latest', 'http://localhost:5432/', 'ftp://example.com/'])(
    '17. never calls %s, and gives up at once',
    async (url) => {
      const id = await record(authEvent({}, { webhookUrlOverride: url }))
      await deliverEvent(fixture.kit, id)
      expect(await rowOf(id)).toMatchObject({
        given_up_at: expect.any(Date),
        last_error: 'webhook-blocked: Hawser may not call the webhook address',
      })
    },
  )

  it('gives up after three days', async () => {
    const id = await record()
    fixture.receiver.answer = () => ({ status: 500 })
    fixture.clock.ms += 72 * 3_600_000 + 1_000
    await deliverEvent(fixture.kit, id)
    expect(await rowOf(id)).toMatchObject({ given_up_at: expect.any(Date) })
  })

  it('6. keeps the signing key sealed: a key of another row does not open, and nothing is sent', async () => {
    const id = await record()
    const { vault, db } = fixture.kit
    const other = newId()
    const { rows } = await db.pool.query('select webhook_data_key, webhook_key from environment')
    await vault.ready(other)
    const sealed = vault.sealNew(other, 'webhook-key', other, SIGNING_KEY)
    await db.pool.query('update environment set webhook_data_key = $1, webhook_key = $2', [sealed.data_key, sealed.ciphertext])
    await expect(deliverEvent(fixture.kit, id)).rejects.toThrow()
    await db.pool.query('update environment set webhook_data_key = $1, webhook_key = $2', [rows[0].webhook_data_key, rows[0].webhook_key])
    expect(fixture.receiver.received).toHaveLength(0)
  })
})

describe('cleanUp', () => {
  const days = (count: number) => fixture.kit.db.setClockOffset(count * 86_400_000)

  it('deletes delivered events after 7 days, given up ones after 30, and gives up those whose job is lost', async () => {
    const [delivered, givenUp, lost] = [await record(), await record(), await record()]
    await deliverEvent(fixture.kit, delivered)
    fixture.receiver.answer = () => ({ status: 400 })
    await deliverEvent(fixture.kit, givenUp)
    days(6.9)
    await events.cleanUp()
    expect(await rowOf(delivered)).toBeDefined()
    expect(await rowOf(lost)).toMatchObject({ given_up_at: expect.any(Date), last_error: 'never tried' })
    days(7.1)
    await events.cleanUp()
    expect(await rowOf(delivered)).toBeUndefined()
    expect(await rowOf(givenUp)).toBeDefined()
    days(38)
    await events.cleanUp()
    expect(await rowOf(givenUp)).toBeUndefined()
    expect(await rowOf(lost)).toBeUndefined()
  })

  it('leaves waiting events of the last days alone', async () => {
    const id = await record()
    days(3.5)
    await events.cleanUp()
    expect(await rowOf(id)).toMatchObject({ given_up_at: null })
  })
})
