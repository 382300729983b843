import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { authWebhook, ownWebhook } from '@hawser/api/webhooks.ts'
import { newId } from '#lib/ids.ts'
import { secret } from '#lib/secret.ts'
import { createEvents, type Events } from './compose-events.ts'
import { deliverAlerts } from './deliver-alerts.ts'
import { deliverEvent } from './deliver-event.ts'
import { createEventsFixture, SIGNING_KEY } from './events-fixture.ts'
import type { OwnEvent, Subject } from './record-own-event.ts'

let database: TestDatabase
let fixture: Awaited<ReturnType<typeof createEventsFixture>>
let events: Events

const PUBLIC_URL = 'https://hawser.example.com'
const alertUrl = () => `http://127.0.0.1:${fixture.receiver.port}/alerts/s3cret`

beforeAll(async () => {
  database = await createTestDatabase()
  fixture = await createEventsFixture(database.url)
  events = createEvents(fixture.kit, { url: secret(alertUrl()), publicUrl: PUBLIC_URL })
})
afterAll(async () => {
  await fixture.close()
  await database.close()
})
beforeEach(async () => {
  moveTo(0)
  fixture.receiver.received.length = 0
  fixture.receiver.answer = () => ({ status: 200 })
  await fixture.kit.db.pool.query('delete from event')
  await fixture.kit.db.pool.query('delete from graphile_worker._private_jobs')
})

function moveTo(ms: number): void {
  fixture.clock.ms = Date.now() + ms
  fixture.kit.db.setClockOffset(ms)
}

const diagnosis = {
  code: 'refresh-token-expired',
  class: 'reconnect' as const,
  actor: 'end_user' as const,
  transient: false,
  title: 'The refresh token no longer works',
  cause: 'c',
  fix: ['f'],
  end_user_text: 'e',
  confidence: 'V' as const,
  source: 's',
  docs: null,
  evidence: {},
}
const issue = { id: newId(), kind: 'refresh_failed', opened_at: '2026-11-23T10:00:00.000Z' }

function subject(change: Partial<Subject> = {}): Subject {
  return {
    environmentId: fixture.environmentId,
    id: newId(),
    connectionId: 'acme',
    integrationKey: 'salesforce',
    provider: 'salesforce-sandbox',
    tags: { plan: 'pro' },
    endUser: { id: 'ann', display_name: null, email: 'ann@example.com', tags: null, organization: null },
    webhookUrlOverride: null,
    ...change,
  }
}

const opened = (change: Partial<Subject> = {}): OwnEvent => ({
  type: 'issue.opened',
  subject: subject(change),
  data: { issue: { ...issue, diagnosis } },
})
const record = (...all: OwnEvent[]) =>
  fixture.kit.db.kysely.transaction().execute(async (transaction) => {
    for (const event of all) await events.recordOwnEvent(transaction, event)
  })
const rows = async (where = 'true') =>
  (await fixture.kit.db.pool.query(`select * from event where ${where} order by created_at, id`)).rows as Record<string, unknown>[]
const webhooks = () => rows(`type <> 'alert'`)
const alerts = () => rows(`type = 'alert'`)
const texts = () =>
  fixture.receiver.received.flatMap(({ body }) => {
    const { text } = JSON.parse(body) as { text?: string }
    return text === undefined ? [] : [text]
  })
const deliver = () => events.jobs['deliver-alerts']!({})

const EVERY: () => OwnEvent[] = () => [
  { type: 'issue.opened', subject: subject(), data: { issue: { ...issue, diagnosis: null } } },
  { type: 'issue.resolved', subject: subject(), data: { issue: { ...issue, closed_at: issue.opened_at }, reason: 'reconnected' } },
  {
    type: 'connection.sandbox_refreshed',
    subject: subject({ endUser: null }),
    data: { old_org_id: 'a', new_org_id: 'b', instance_url: 'https://x', basis: 'host', invalidates: ['record_ids'] },
  },
  { type: 'connection.deleted', subject: subject(), data: {} },
  { type: 'connection.revocation_failed', subject: subject(), data: { host: 'login.example', attempts: 12, diagnosis } },
]

describe('recordOwnEvent', () => {
  it('writes each type as the contract has it, and no stock receiver takes one for a message of its own', async () => {
    await record(...EVERY())
    const written = await webhooks()
    expect(written.map((row) => row['type'])).toEqual(EVERY().map((event) => event.type))
    for (const { payload, type } of written) {
      expect(ownWebhook.parse(payload)).toEqual(payload)
      expect(payload).toMatchObject({
        type,
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        data: { environment: 'dev', connection_id: 'acme', provider_config_key: 'salesforce' },
      })
      expect(authWebhook.safeParse(payload).success).toBe(false)
      expect(payload).not.toHaveProperty('from')
    }
  })

  it('is part of its transaction, and goes where auth events go, signed alike', async () => {
    await expect(
      fixture.kit.db.kysely.transaction().execute(async (transaction) => {
        await events.recordOwnEvent(transaction, opened())
        throw new Error('rolled back')
      }),
    ).rejects.toThrow()
    expect(await rows()).toEqual([])
    await record(opened({ webhookUrlOverride: fixture.receiver.url }))
    const [row] = await webhooks()
    await deliverEvent(fixture.kit, row!['id'] as string)
    const [{ body, headers }] = fixture.receiver.received as [{ body: string; headers: Record<string, string> }]
    expect(new Webhook(SIGNING_KEY).verify(body, headers)).toMatchObject({ type: 'issue.opened' })
  })

  it('writes no webhook without a URL, and no alert where nobody reads them', async () => {
    await fixture.kit.db.pool.query('update environment set webhook_url = null')
    await record(opened())
    expect([(await webhooks()).length, (await alerts()).length]).toEqual([0, 1])
    await fixture.kit.db.pool.query('update environment set webhook_url = $1', [fixture.receiver.url])
    const silent = createEvents(fixture.kit)
    await fixture.kit.db.kysely.transaction().execute((transaction) => silent.recordOwnEvent(transaction, opened()))
    expect([(await webhooks()).length, (await alerts()).length]).toEqual([1, 1])
  })
})

describe('alerts', () => {
  it('say which integration, connection and end user, what, who must act, and where to look', async () => {
    await record(opened())
    await deliver()
    expect(texts()).toEqual([
      'The refresh token no longer works: integration salesforce, connection acme, end user ann, environment dev. Who must act: the end user, by reconnecting. ' +
        `${PUBLIC_URL}/connections/acme?provider_config_key=salesforce`,
    ])
    expect(fixture.receiver.received[0]!.headers['content-type']).toBe('application/json')
    await deliver()
    expect(fixture.receiver.received).toHaveLength(1)
    expect(JSON.stringify(await rows())).not.toContain('s3cret')
  })

  it('keep the order of what happened', async () => {
    await record(...EVERY())
    await deliver()
    expect(texts()).toHaveLength(1)
    expect(
      texts()[0]!
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual([
      'refresh_failed',
      'Works again',
      'The sandbox was refreshed; calls are stopped',
      'A deleted connection could not be revoked at the provider',
    ])
  })

  it('a thousand connections that break at once are one message', async () => {
    await record(
      ...Array.from({ length: 1_000 }, (_, n) => opened({ connectionId: `c${n}`, integrationKey: n % 100 === 0 ? 'other' : 'crm' })),
    )
    await deliver()
    await deliver()
    expect(texts()).toHaveLength(1)
    const lines = texts()[0]!.split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toBe('… and 9 more connections of integration other')
    expect(lines[3]).toBe('… and 989 more connections of integration crm')
    expect((await alerts()).every((row) => row['delivered_at'] !== null)).toBe(true)
  })

  it('a sandbox refresh with its issue is one line', async () => {
    const one = subject()
    await record({ type: 'issue.opened', subject: one, data: { issue: { ...issue, kind: 'sandbox_refreshed', diagnosis } } }, EVERY()[2]!, {
      type: 'issue.resolved',
      subject: one,
      data: { issue: { ...issue, closed_at: issue.opened_at }, reason: 'superseded' },
    })
    await deliver()
    expect(texts()[0]!.split('\n')).toHaveLength(1)
  })

  it('cannot mention anybody by a name from outside', async () => {
    await record(
      opened({
        connectionId: '<!channel> & <@U1>',
        endUser: { id: 'a\n<b>', display_name: null, email: null, tags: null, organization: null },
      }),
    )
    await deliver()
    expect(texts()[0]).toContain('connection &lt;!channel&gt; &amp; &lt;@U1&gt;, end user a &lt;b&gt;')
  })

  it('are tried again later and later, together with newer ones at once, and given up after three days', async () => {
    await record(opened())
    fixture.receiver.answer = () => ({ status: 500 })
    await deliver()
    await deliver()
    expect(fixture.receiver.received).toHaveLength(1)
    expect(await alerts()).toMatchObject([{ attempts: 1, delivered_at: null, last_error: 'the receiver answered 500' }])
    moveTo(7_000)
    await deliver()
    expect(fixture.receiver.received).toHaveLength(2)
    fixture.receiver.answer = () => null
    moveTo(60_000)
    await deliver()
    expect(await alerts()).toMatchObject([{ attempts: 3, given_up_at: null }])
    fixture.receiver.answer = () => ({ status: 200 })
    moveTo(10 * 60_000)
    await deliver()
    expect(await alerts()).toMatchObject([{ attempts: 4, last_error: null, delivered_at: expect.any(Date) }])
    moveTo(0)
    await record(opened())
    fixture.receiver.answer = () => ({ status: 404 })
    moveTo(73 * 3_600_000)
    await deliver()
    expect(await alerts()).toMatchObject([{}, { given_up_at: expect.any(Date), last_error: 'the receiver answered 404' }])
  })

  it('are not given up with older ones that were part of the same message', async () => {
    fixture.receiver.answer = () => ({ status: 503 })
    await record(opened())
    moveTo(73 * 3_600_000)
    await record(opened())
    await fixture.kit.db.pool.query(
      `update event set created_at = hawser_now() - interval '1 minute' where id = (select max(id::text)::uuid from event where type = 'alert')`,
    )
    await deliver()
    expect(await alerts()).toMatchObject([
      { given_up_at: expect.any(Date) },
      { given_up_at: null, last_error: 'the receiver answered 503' },
    ])
  })

  it('go out once where two nodes work, and again after one died with them', async () => {
    await record(opened(), opened())
    await Promise.all([deliver(), deliver(), deliver()])
    expect(texts()).toHaveLength(1)
    await record(opened())
    await fixture.kit.db.pool.query(`update event set not_before = hawser_now() + interval '30 seconds' where delivered_at is null`)
    await deliver()
    expect(texts()).toHaveLength(1)
    moveTo(31_000)
    await deliver()
    expect(texts()).toHaveLength(2)
  })

  it('tell of a webhook that is given up', async () => {
    await record(opened())
    const [row] = await webhooks()
    await deliver()
    fixture.receiver.received.length = 0
    fixture.receiver.answer = () => ({ status: 410 })
    await events.jobs['deliver-event']!({ eventId: row!['id'] as string })
    fixture.receiver.answer = () => ({ status: 200 })
    await deliver()
    expect(texts()).toEqual([
      expect.stringMatching(
        /^A webhook is given up. The receiver knows no such address: integration salesforce, connection acme, environment dev\./,
      ),
    ])
  })

  it('never reach an address that the guard refuses, and never show theirs', async () => {
    await record(opened())
    await deliverAlerts(fixture.kit, { url: secret('http://169.254.169.254/s3cret'), publicUrl: PUBLIC_URL })
    const [row] = await alerts()
    expect(row).toMatchObject({ delivered_at: null, last_error: expect.stringMatching(/refused|blocked/) })
    expect(JSON.stringify(row)).not.toMatch(/s3cret|169\.254/)
    await fixture.kit.db.pool.query('update event set not_before = null')
    await deliverAlerts(fixture.kit, { url: undefined, publicUrl: PUBLIC_URL })
    expect(await alerts()).toMatchObject([{ given_up_at: expect.any(Date) }])
  })
})
