/** Whoever uses a customer's credentials, a key or the server itself, is in the audit trail; and who the customer was can be erased from it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAuditKey } from '#audit/audit-key.ts'
import { forgetEndUser } from '../server/activity/store.ts'
import { eraseEndUser } from '#audit/erase-end-user.ts'
import { exportAudit } from '#audit/export-audit.ts'
import { createAudit } from '#audit/record-disclosure.ts'
import { verifyAudit } from '#audit/verify-audit.ts'
import { openStore } from '../server/open-store.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect, connectionPath, proxied, query, readConnection } from './customer.ts'

const DAY = 86_400_000
const KEY = 'uses'
const PERSON = 'erika.mustermann-4711'
let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, KEY, addOrgApp(server, 'acme-uat', 'audit_uses'))
  id = await connect(server, KEY, { endUser: PERSON })
})
afterAll(() => server?.close())

interface Event {
  action: string
  actor: { kind: string; id?: string }
  subject: Record<string, unknown>
  end_user: { id: string | null } | null
  count: number
}

async function events(filter: Record<string, string>): Promise<Event[]> {
  await server.server.flush()
  const answer = await createApiClient(server.url, server.apiKey).get<{ events: Event[] }>(`/audit?${new URLSearchParams(filter)}`)
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body.events
}

async function runJob(name: 'refresh-org-facts' | 'refresh-ahead' | 'clean-up'): Promise<void> {
  await server.kit.queue.add(name, {})
  const waiting = () => server.kit.db.pool.query('select 1 from graphile_worker.jobs where task_identifier = $1', [name])
  await expect.poll(async () => (await waiting()).rows, { timeout: 10_000, interval: 50 }).toEqual([])
}

describe('34. a use of credentials leaves a row that names the end user', () => {
  const named = { subject: { connection: expect.any(String) }, end_user: { id: PERSON } }

  it('by a key, through the proxy', async () => {
    for (let n = 0; n < 3; n += 1) await proxied(server, id, KEY, query('SELECT Id FROM Account'))
    const found = await events({ action: 'credentials.used', connection: id })
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(3)
    expect(found[0]).toMatchObject({ actor: { kind: 'key' }, ...named })
  })

  it('by a refresh that a caller asked for', async () => {
    await readConnection(server, id, KEY, { force_refresh: 'true' })
    expect(await events({ actor: 'system:refresh' })).toMatchObject([
      { action: 'credentials.used', actor: { kind: 'system' }, ...named, count: 1 },
    ])
  })

  it('by the look at the org', async () => {
    server.clock.advance(DAY)
    await proxied(server, id, KEY, query('SELECT Id FROM Account'))
    server.clock.advance(60_000)
    await server.server.flush()
    await runJob('refresh-org-facts')
    expect((await events({ actor: 'system:org-check' }))[0]).toMatchObject({ actor: { kind: 'system', id: 'system:org-check' }, ...named })
  })

  it('by a refresh ahead of time, as the heartbeat makes it', async () => {
    server.clock.advance(28 * DAY)
    await runJob('refresh-ahead')
    expect((await events({ actor: 'system:refresh-ahead' }))[0]).toMatchObject(named)
  })

  it('and so does a token that is made for the connection', async () => {
    const made = await createApiClient(server.url, server.apiKey).post(`/connections/${id}/tokens?provider_config_key=${KEY}`, {})
    expect(made.status, JSON.stringify(made.body)).toBeLessThan(300)
    expect((await events({ action: 'connection_token.create' }))[0]).toMatchObject(named)
  })
})

describe('34. after an end user was erased', () => {
  it('no table and no export names him, and the trail is whole', async () => {
    const deleted = await createApiClient(server.url, server.apiKey).call('DELETE', connectionPath(id, KEY))
    expect(deleted.status, JSON.stringify(deleted.body)).toBe(200)
    await server.server.flush()
    // Connect sessions name him until they have ended.
    await runJob('clean-up')
    const store = await openStore(server.config, { clockOffsetMs: 0 })
    try {
      const { kysely } = store.db
      const key = await openAuditKey(kysely, store.key.provider)
      const audit = createAudit({ db: store.db, clock: server.clock, log: server.kit.log }, { key })
      const rows = (await store.db.pool.query(`select distinct environment_id from audit_person where end_user_id = $1`, [PERSON])).rows
      expect(rows).toHaveLength(1)
      expect(await exported(kysely)).toContain(PERSON)
      await eraseEndUser({ kysely, audit }, { environmentId: rows[0].environment_id, endUserId: PERSON, actor: { kind: 'command_line' } })
      await forgetEndUser(kysely, rows[0].environment_id, PERSON)
      await audit.close()
      expect(await exported(kysely)).not.toContain(PERSON)
      expect(await tablesNaming(PERSON)).toEqual([])
      const verdict = await verifyAudit({ kysely, key })
      expect(verdict.faults).toEqual([])
      expect(verdict.erasedPersons).toBeGreaterThan(0)
    } finally {
      await store.close()
    }
  })
})

async function exported(kysely: Parameters<typeof exportAudit>[0]): Promise<string> {
  let text = ''
  for await (const line of exportAudit(kysely, undefined, undefined)) text += `${line}\n`
  return text
}

/** Tables with the text in any row. */
async function tablesNaming(text: string): Promise<string[]> {
  const { pool } = server.kit.db
  const { rows } = await pool.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public'`)
  const naming: string[] = []
  for (const { name } of rows) {
    const found = await pool.query(`select 1 from "${name}" t where strpos(to_jsonb(t)::text, $1) > 0 limit 1`, [text])
    if (found.rows.length > 0) naming.push(name)
  }
  return naming
}
