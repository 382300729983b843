import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { KeyPrincipal } from '#http/principal.ts'
import { openIssueOn } from './open-issue-for-tests.ts'
import type { StoredIntegration } from '#integrations/integration.ts'
import { call, everything } from './call-for-tests.ts'
import { addIntegration, createNode, createWorld, environmentId, otherEnvironmentId, type Node, type World } from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

let test: TestDatabase
let world: World
let node: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
  for (const list of [node.events, node.disclosures, node.changes, node.revoked]) list.length = 0
})
afterAll(async () => {
  await world.close()
  await test.close()
})

const foreign: KeyPrincipal = { ...everything, environmentId: otherEnvironmentId, environmentName: 'prod' }
const ask = (name: string, input: Parameters<typeof call>[2], on = node) => call(on.connections.handlers, name, input)

describe('GET /connections', () => {
  async function names(query: Record<string, unknown>, principal = everything): Promise<unknown[]> {
    const { connections } = await ask('listConnections', { query, principal })
    return (connections as { connection_id: string }[]).map((listed) => listed.connection_id)
  }

  it('lists newest first, by pages, without credentials', async () => {
    const integration = await addIntegration(node)
    for (const name of ['first', 'second', 'third']) await named(integration, name)
    const only = { integrationId: integration.uniqueKey }
    expect(await names(only)).toEqual(['third', 'second', 'first'])
    expect(await names({ ...only, limit: '2' })).toEqual(['third', 'second'])
    expect(await names({ ...only, limit: '2', page: '1' })).toEqual(['first'])
    const { connections } = await ask('listConnections', { query: only })
    expect(JSON.stringify(connections)).not.toMatch(/credential|access_token|secret-at/)
  })

  it('13. never shows another environment’s', async () => {
    const integration = await addIntegration(node)
    await named(integration, 'mine')
    expect(await names({ integrationId: integration.uniqueKey }, foreign)).toEqual([])
    expect(await names({ connectionId: 'mine' }, foreign)).toEqual([])
  })

  it('finds by each filter', async () => {
    const integration = await addIntegration(node)
    const other = await addIntegration(node)
    const organization = { id: 'org-1', display_name: null }
    const jane = { id: 'u-jane', display_name: 'Jane Doe', email: 'jane@acme.example', tags: null, organization }
    await named(integration, '100%_sure', { tags: { plan: 'pro', team: 'a' } })
    await named(integration, 'janes', { endUser: jane, tags: { plan: 'pro', team: 'b' } })
    await named(other, 'elsewhere')
    const both = `${integration.uniqueKey}, ${other.uniqueKey}`
    const cases: [Record<string, unknown>, string[]][] = [
      [{ integrationId: both }, ['elsewhere', 'janes', '100%_sure']],
      [{ connectionId: '100%_sure' }, ['100%_sure']],
      [{ search: '%_S' }, ['100%_sure']],
      [{ search: 'jane d', integrationId: both }, ['janes']],
      [{ search: 'ACME.EX' }, ['janes']],
      [{ endUserId: 'u-jane' }, ['janes']],
      [{ endUserOrganizationId: 'org-1' }, ['janes']],
      [{ tags: { plan: 'pro' }, integrationId: both }, ['janes', '100%_sure']],
      [{ tags: { Plan: 'pro', team: 'a' } }, ['100%_sure']],
      [{ tags: { plan: 'free' } }, []],
      [{ search: 'U-JANE' }, ['janes']],
      [{ search: 'org-1' }, ['janes']],
      [{ search: '\\' }, []],
    ]
    for (const [query, expected] of cases) expect([query, await names(query)]).toEqual([query, expected])
  })

  it('says what works, what is broken, and what is frozen, and lists each', async () => {
    const integration = await addIntegration(node)
    const ids = {
      fine: await named(integration, 'fine'),
      dead: await named(integration, 'dead'),
      stopped: await named(integration, 'stopped'),
    }
    const { pool } = node.db
    await pool.query(`update "grant" set broken_at = now() where id in (select grant_id from connection where id = any($1))`, [
      [ids.dead, ids.stopped],
    ])
    await pool.query(`insert into frozen (id, environment_id, connection_id, reason) values (gen_random_uuid(), $1, $2, 'r')`, [
      environmentId,
      ids.stopped,
    ])
    const only = { integrationId: integration.uniqueKey }
    const states = async (query: object = {}) => {
      const { connections } = await ask('listConnections', { query: { ...only, ...query } })
      return (connections as { connection_id: string; state: string }[]).map((one) => `${one.connection_id} ${one.state}`)
    }
    expect(await states()).toEqual(['stopped frozen', 'dead broken', 'fine ok'])
    expect(await states({ state: 'ok' })).toEqual(['fine ok'])
    expect(await states({ state: 'broken' })).toEqual(['dead broken'])
    expect(await states({ state: 'frozen' })).toEqual(['stopped frozen'])
    await pool.query(`insert into frozen (id, environment_id, integration_id, reason) values (gen_random_uuid(), $1, $2, 'r')`, [
      environmentId,
      integration.id,
    ])
    expect(await states({ state: 'frozen' })).toEqual(['stopped frozen', 'dead frozen', 'fine frozen'])
    expect(await states({ state: 'ok' })).toEqual([])
    await pool.query('delete from frozen')
    await pool.query(`insert into frozen (id, environment_id, reason) values (gen_random_uuid(), $1, 'r')`, [environmentId])
    expect(await states({ state: 'frozen' })).toHaveLength(3)
    expect(await states({ state: 'broken' })).toEqual([])
    await pool.query('delete from frozen')
  })

  it('pages by cursor, and counts when asked to', async () => {
    const integration = await addIntegration(node)
    for (const name of ['a', 'b', 'c']) await named(integration, name)
    const only = { integrationId: integration.uniqueKey }
    const first = await ask('listConnections', { query: { ...only, limit: '2', total: 'true' } })
    expect([first['total'], (first['connections'] as unknown[]).length]).toEqual([3, 2])
    const second = await ask('listConnections', { query: { ...only, limit: '2', cursor: first['next'] } })
    expect(second).toMatchObject({ connections: [{ connection_id: 'a' }], next: null, total: null })
    expect(await ask('listConnections', { query: only })).toMatchObject({ next: null, total: null })
    await expect(ask('listConnections', { query: { cursor: '5', page: '1' } })).rejects.toMatchObject({ code: 'invalid_query_params' })
  })

  it('names the open issues', async () => {
    const integration = await addIntegration(node)
    const id = await named(integration, 'broken')
    await openIssueOn(node, id, 'refresh_failed')
    const { connections } = await ask('listConnections', { query: { integrationId: integration.uniqueKey } })
    expect(connections).toMatchObject([{ errors: [{ type: 'auth', log_id: expect.any(String) }] }])
  })
})

async function named(integration: StoredIntegration, connectionId: string, more: object = {}): Promise<string> {
  const { connection } = await node.connections.save({
    ...{ environmentId, environmentName: 'dev', integration, connectionId, authMode: 'OAUTH2', connectionConfig: {}, actor: {} },
    credentials: { type: 'OAUTH2', access_token: 'secret-at', raw: {} },
    client: { kind: 'integration' },
    ...more,
  })
  return connection.id
}
