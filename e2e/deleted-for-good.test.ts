/** After a deletion no wrapped data key is left that the vault could open what was deleted with, also not from a copy of the rows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../server/open-store.ts'
import { sealedColumns } from '../server/sealed-places.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient } from './api-client.ts'
import { addIntegration, addOrgApp, connect } from './customer.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  for (const key of ['gone', 'kept']) {
    await addIntegration(server, key, addOrgApp(server, key === 'gone' ? 'acme-uat' : 'globex-uat', `deleted_${key}`))
    await connect(server, key)
  }
})
afterAll(() => server?.close())

async function query<T>(text: string, values: unknown[] = []): Promise<T[]> {
  return (await server.kit.db.pool.query(text, values)).rows as T[]
}

/** Every wrapped data key in the database, as hex, by where it lies; those in jobs too. */
async function dataKeys(): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const { table, column } of sealedColumns) {
    const rows = await query<{ key: string }>(`select encode(${column}, 'hex') as key from "${table}" where ${column} is not null`)
    found.set(
      `${table}.${column}`,
      rows.map((row) => row.key),
    )
  }
  const jobs = await query<{ key: string }>(
    `select encode(decode(payload ->> 'dataKey', 'base64'), 'hex') as key from graphile_worker._private_jobs where payload ->> 'dataKey' is not null`,
  )
  found.set(
    'jobs',
    jobs.map((row) => row.key),
  )
  return found
}
const all = (keys: Map<string, string[]>) => [...keys.values()].flat()

async function keysOfIntegration(name: string): Promise<string[]> {
  const rows = await query<{ key: string }>(
    `select encode(k, 'hex') as key from (
       select g.data_key as k from "grant" g join connection c on c.grant_id = g.id join integration i on i.id = c.integration_id where i.unique_key = $1
       union all select o.data_key from oauth_client o join integration i on i.id = o.integration_id where i.unique_key = $1
       union all select i.webhook_data_key from integration i where i.unique_key = $1
       union all select c.secret_config_data_key from connection c join integration i on i.id = c.integration_id where i.unique_key = $1
     ) keys where k is not null`,
    [name],
  )
  return rows.map((row) => row.key)
}

describe('7. what was deleted', () => {
  it('with an integration: its data keys are in no table, and in no job once its grants are revoked', async () => {
    const [gone, kept] = [await keysOfIntegration('gone'), await keysOfIntegration('kept')]
    expect([gone.length, kept.length]).toEqual([2, 2])
    expect(all(await dataKeys())).toEqual(expect.arrayContaining([...gone, ...kept]))
    const deleted = await createApiClient(server.url, server.apiKey).call('DELETE', '/integrations/gone')
    expect(deleted.status, JSON.stringify(deleted.body)).toBe(200)
    const left = async () => all(await dataKeys()).filter((key) => gone.includes(key))
    await expect.poll(left, { timeout: 10_000 }).toEqual([])
    expect(all(await dataKeys())).toEqual(expect.arrayContaining(kept))
  })

  // No endpoint and no command deletes an environment; who does it in the database takes everything with it.
  it('with an environment: nothing that was encrypted in it is left, and a copy of a row opens no more', async () => {
    type Row = { id: string; environment_id: string; data_key: Buffer; credentials: Buffer }
    const [row] = await query<Row>('select id, environment_id, data_key, credentials from "grant"')
    const { id, environment_id: environment, data_key: dataKey, credentials } = row!
    expect(server.kit.vault.openSealed(environment, dataKey, credentials, 'grant', id).toString()).toContain('refresh_token')
    await query('delete from environment where id = $1', [environment])
    expect(await query('select id from environment where id = $1', [environment])).toEqual([])
    expect(all(await dataKeys())).toHaveLength((await query('select 1 from environment')).length)
    // Another process: in this one the key stays in memory until it ends.
    const store = await openStore(server.config, { clockOffsetMs: 0 })
    try {
      await store.vault.ready(environment)
      expect(() => store.vault.openSealed(environment, dataKey, credentials, 'grant', id)).toThrow('does not open')
    } finally {
      await store.close()
    }
  })
})
