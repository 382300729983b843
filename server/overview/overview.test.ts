import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { createCallCounts, type CallCounts } from '#activity/call-counts.ts'
import { openDatabase, type Database } from '#db/pool.ts'
import type { Handler } from '#http/handler.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import { createApiUsageGauge } from '#orgs/api-usage.ts'
import { getOverview } from './get-overview.ts'
import { getVault, type VaultDeps } from './get-vault.ts'

const NOW = Date.UTC(2026, 2, 10, 12, 7)
const ENVIRONMENT = newId()
const OTHER = newId()
const clock = { now: () => NOW }
const usage = createApiUsageGauge(clock)
let test: TestDatabase
let db: Database
let counts: CallCounts
let folder: string

beforeAll(async () => {
  test = await createTestDatabase()
  db = await openDatabase({ url: test.url })
  counts = createCallCounts({ db: db.kysely, log: pino({ level: 'silent' }) })
  folder = await mkdtemp(join(tmpdir(), 'hawser-overview-'))
  for (const [id, name] of [
    [ENVIRONMENT, 'dev'],
    [OTHER, 'prod'],
  ])
    await db.pool.query(`insert into environment (id, name, wrapped_key, webhook_data_key, webhook_key) values ($1, $2, '', '', '')`, [
      id,
      name,
    ])
})
afterAll(async () => {
  await counts?.close()
  await db?.close()
  await test?.close()
  await rm(folder, { recursive: true, force: true })
})

async function ask({ route, handle }: Handler, query = {}, more: Partial<KeyPrincipal> = {}) {
  const principal = { kind: 'key', keyId: 'k', environmentId: ENVIRONMENT, environmentName: 'dev', scopes: [], ...more }
  const answer = await handle({ query: route.query!.parse(query), principal } as never)
  route.reply.body!.parse(answer)
  return (answer as { data: Record<string, never> }).data
}
const overview = (query = {}, environmentId = ENVIRONMENT) =>
  ask(getOverview({ db: db.kysely, clock, usage, flush: () => counts.flush() }), query, { environmentId })

async function integration(key: string, connections: { id: string; broken?: boolean; frozen?: boolean; org?: string }[]): Promise<string> {
  const integrationId = newId()
  const { pool } = db
  await pool.query(
    `insert into integration (id, environment_id, unique_key, provider, display_name) values ($1, $2, $3, 'salesforce', $3)`,
    [integrationId, ENVIRONMENT, key],
  )
  for (const { id, broken = false, frozen = false, org } of connections) {
    const grantId = newId()
    await pool.query(
      `insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials, broken_at) values ($1, $2, $3, 'OAUTH2', '', '', case when $4 then now() end)`,
      [grantId, ENVIRONMENT, integrationId, broken],
    )
    const uuid = newId()
    await pool.query(
      `insert into connection (id, environment_id, integration_id, connection_id, grant_id, connection_config) values ($1, $2, $3, $4, $5, $6)`,
      [uuid, ENVIRONMENT, integrationId, id, grantId, org === undefined ? {} : { org_id: org }],
    )
    if (frozen)
      await pool.query(`insert into frozen (id, environment_id, connection_id, reason) values ($1, $2, $3, 'looked odd')`, [
        newId(),
        ENVIRONMENT,
        uuid,
      ])
    if (broken)
      await pool.query(`insert into issue (id, environment_id, connection_id, kind) values ($1, $2, $3, 'refresh_failed')`, [
        newId(),
        ENVIRONMENT,
        uuid,
      ])
  }
  return integrationId
}

describe('GET /overview', () => {
  it('of nothing is all zeros, with every bucket', async () => {
    for (const [hours, buckets, seconds] of [
      ['1', 60, 60],
      ['24', 96, 900],
      ['168', 84, 7200],
      ['720', 90, 28_800],
    ] as const) {
      const data = await overview({ hours })
      expect(data['series']).toHaveLength(buckets)
      expect(data).toMatchObject({
        bucket_seconds: seconds,
        connections: { total: 0 },
        totals: { calls: 0, p50_ms: null },
        api_usage: [],
        activity: { dropped: 0 },
      })
    }
  })

  it('counts every connection once, by what stops it', async () => {
    const org = '00D000000000001'
    await integration('one', [
      { id: 'a', org: `${org}AAA` },
      { id: 'b', broken: true },
      { id: 'c', frozen: true },
      { id: 'd', broken: true, frozen: true },
    ])
    const two = await integration('two', [{ id: 'e', broken: true }, { id: 'f' }])
    await db.pool.query(`insert into frozen (id, environment_id, integration_id, reason) values ($1, $2, $3, 'r')`, [
      newId(),
      ENVIRONMENT,
      two,
    ])
    expect(await overview()).toMatchObject({
      connections: {
        ...{ total: 6, ok: 1, broken: 1, frozen: 4 },
        by_integration: [
          { integration: 'one', total: 4, ok: 1, broken: 1, frozen: 2 },
          { integration: 'two', total: 2, ok: 0, broken: 0, frozen: 2 },
        ],
      },
      issues: { open: 3, by_kind: [{ kind: 'refresh_failed', count: 3 }] },
    })
    expect(await overview({}, OTHER)).toMatchObject({ connections: { total: 0 }, issues: { open: 0 } })
  })

  it('puts calls and refreshes into their time', async () => {
    for (const status of [200, 200, 404, 500, 0]) counts.call(ENVIRONMENT, 'one', status, 80, NOW)
    counts.call(ENVIRONMENT, 'one', 200, 80, NOW - 3 * 3_600_000)
    counts.call(ENVIRONMENT, 'one', 200, 80, NOW - 30 * 3_600_000)
    counts.call(OTHER, 'one', 200, 80, NOW)
    counts.refresh(ENVIRONMENT, 'one', false, NOW)
    counts.dropped(ENVIRONMENT, NOW)
    const data = await overview({ hours: '24' })
    expect(data).toMatchObject({
      to: '2026-03-10T12:15:00.000Z',
      totals: { calls: 6, client_errors: 1, server_errors: 1, no_answer: 1, refreshes: 0, refresh_failures: 1, p50_ms: 75 },
      activity: { dropped: 1 },
    })
    const busy = (data['series'] as unknown as { at: string; calls: number }[]).filter(({ calls }) => calls > 0)
    expect(busy).toMatchObject([
      { at: '2026-03-10T09:00:00.000Z', calls: 1 },
      { at: '2026-03-10T12:00:00.000Z', calls: 5 },
    ])
  })

  it('shows the API usage of its own orgs', async () => {
    usage.note('00D000000000001AAA', 'api-usage=900/1000')
    usage.note('00D000000000009AAA', 'api-usage=999/1000')
    expect((await overview())['api_usage']).toEqual([
      {
        org_id: '00D000000000001AAA',
        org_name: null,
        connection_id: 'a',
        integration: 'one',
        used: 900,
        max: 1000,
        seen_at: new Date(NOW).toISOString(),
      },
    ])
    expect((await overview({}, OTHER))['api_usage']).toEqual([])
  })
})

describe('GET /vault', () => {
  const deps = (): VaultDeps => ({
    db: db.kysely,
    state: () => ({ kind: 'frozen', reason: 'older' }),
    epoch: () => 'e',
    words: () => ['cause', 'step'],
    keyOf: async () => ({ key: { id: 'print', kind: 'local' }, generation: 1, rotation: null }),
    spool: { list: async () => [{ id: 'a' as never, grantId: 'g', version: 1, committedAt: null }] },
    journal: { folder, maxBytes: 100 },
    backupMark: join(folder, 'mark'),
  })

  it('says how it is doing', async () => {
    await writeFile(join(folder, 'x.journal'), '12345')
    await writeFile(join(folder, 'mark'), '2026-01-01T00:00:00.000Z\n')
    const data = await ask(getVault(deps()))
    expect(data).toMatchObject({
      ...{ state: 'frozen', reason: 'older', words: ['cause', 'step'], epoch: 'e', version: expect.any(String) },
      key: { id: 'print', kind: 'local', backed_up_at: '2026-01-01T00:00:00.000Z' },
      rotation: { generation: 1, step: null },
      ...{ spool: { files: 1, waiting: 1 }, audit_journal: { bytes: 5, max_bytes: 100 } },
      frozen: { total: 3 },
    })
    const places = (data['frozen'] as unknown as { places: object[] }).places
    expect(places).toContainEqual(
      expect.objectContaining({ what: 'connection', integration: 'one', connection_id: 'c', reason: 'looked odd' }),
    )
    expect(places).toContainEqual(expect.objectContaining({ what: 'integration', integration: 'two', connection_id: null }))
  })

  it('names nothing to a key with limits', async () => {
    const data = await ask(getVault(deps()), {}, { limits: { integrations: ['one'] } })
    expect(data['frozen']).toMatchObject({ places: [] })
  })
})
