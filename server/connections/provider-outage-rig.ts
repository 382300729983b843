/** For tests: a provider is down for six hours while all its connections are called; then it is back. Through the real refresh, lease and store. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { createTestDatabase } from '@hawser/testkit/test-database.ts'
import type { AuthMode } from '#auth-modes/auth-mode.ts'
import { newId } from '#lib/ids.ts'
import { addIntegration, createNode, createWorld, deafBus, environmentId, type Node, type World } from './node-for-tests.ts'
import { GRANT_LABEL } from './open-credentials.ts'
import { failed, refused } from './token-endpoint-for-tests.ts'

const HOUR_MS = 3_600_000
const TICK_MS = 5_000
/** As the setting’s default. */
const AT_ONCE = 20

/** Proves that nothing is marked broken, nobody is told, and all is back within two minutes; that what was truly revoked is flagged, and nothing else. */
export async function proveOutageSurvived(connections: number): Promise<void> {
  const test = await createTestDatabase()
  try {
    const world = await createWorld(test.url)
    await prove(world, connections).finally(() => world.close())
  } finally {
    await test.close()
  }
}

async function prove(world: World, connections: number): Promise<void> {
  const revokedCount = Math.round(connections / 100)
  let down = true
  let asked = 0
  const askedAt: number[] = []
  let underWay = 0
  let mostUnderWay = 0
  const revoked = new Set<string>()
  const mode = {
    name: 'OAUTH2',
    canRefresh: () => true,
    apply: () => ({}),
    async refresh({ credentials }: { credentials: Record<string, unknown> }) {
      asked += 1
      askedAt.push(world.clock.now())
      underWay += 1
      mostUnderWay = Math.max(mostUnderWay, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      const token = String(credentials['refresh_token'])
      if (down) return failed({ status: 503 })
      if (revoked.has(token)) return refused('invalid_grant')
      const expiresAt = new Date(world.clock.now() + 24 * HOUR_MS).toISOString()
      return { ok: true, tokens: { access_token: `new-${token}`, expires_at: expiresAt, raw: { access_token: `new-${token}` } } }
    },
  } as unknown as AuthMode
  let seed = 1
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
  const node = await createNode(world, { bus: deafBus(), authMode: () => mode, random, settings: { refreshWaitMs: 60_000 } })
  const ids = await addConnections(world, node, connections)
  const live = () => Promise.all(ids.map((id) => node.connections.findById(environmentId, id)))
  const call = async () => {
    const answers = await Promise.allSettled((await live()).map(async (one) => node.connections.fresh(one)))
    return answers.map((answer) => (answer.status === 'fulfilled' ? 'ok' : (answer.reason as { code: string }).code))
  }

  for (let hour = 0; hour < 6; hour += 3) {
    asked = 0
    const answers = await call()
    expect(new Set(answers)).toEqual(new Set(['refresh_token_external_error']))
    expect(asked).toBe(connections)
    world.clock.moveBy(3 * HOUR_MS)
  }
  expect(await broken(node)).toEqual([])
  expect(node.events).toEqual([])
  expect(node.told).toEqual([])
  expect((await sql`select 1 from issue`.execute(node.db.kysely)).rows).toEqual([])

  // The worst moment for the provider to come back: everybody has just been refused once more.
  await call()
  for (const id of ids.slice(0, revokedCount)) revoked.add(`rt-${id}`)
  down = false
  asked = 0
  askedAt.length = 0
  const backAt = world.clock.now()
  let answers: string[] = []
  for (let tick = 0; tick < 24; tick++) {
    const since = world.clock.now()
    answers = await call()
    if (answers.every((answer) => answer === 'ok' || answer === 'invalid_credentials')) break
    // Thousands take some seconds by themselves.
    world.clock.moveBy(Math.max(0, since + TICK_MS - world.clock.now()))
  }
  expect(world.clock.now() - backAt).toBeLessThan(120_000)
  // Spread by the jitter of the pauses, and never more at once than allowed.
  const byTick = Map.groupBy(askedAt, (at) => Math.floor((at - backAt) / TICK_MS))
  expect(Math.max(...[...byTick.values()].map((of) => of.length))).toBeLessThan(connections / 2)
  expect(mostUnderWay).toBeLessThanOrEqual(AT_ONCE)
  // Each once: nobody asks again for what was answered.
  expect(asked).toBe(connections)
  expect(answers.filter((answer) => answer === 'invalid_credentials')).toHaveLength(revokedCount)
  expect((await broken(node)).sort()).toEqual(ids.slice(0, revokedCount).sort())
}

/** They have failed for a while already: their pauses have their full length. */
async function addConnections(world: World, node: Node, connections: number): Promise<string[]> {
  const integration = await addIntegration(node)
  const ids = Array.from({ length: connections }, () => newId())
  const rows = ids.map((id) => {
    const expiresAt = new Date(world.clock.now() - 1_000).toISOString()
    const credentials = { type: 'OAUTH2', access_token: 'at', refresh_token: `rt-${id}`, expires_at: expiresAt, raw: {} }
    const sealed = world.vault.sealNew(environmentId, GRANT_LABEL, id, JSON.stringify(credentials))
    return { id, dataKey: sealed.data_key, credentials: sealed.ciphertext }
  })
  await sql`
    insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials, fingerprint, expires_at, failures)
    select id, ${environmentId}, ${integration.id}, 'OAUTH2', data_key, credentials, uuid_send(id), hawser_now(), 10
    from unnest(${ids}::uuid[], ${rows.map((row) => row.dataKey)}::bytea[], ${rows.map((row) => row.credentials)}::bytea[])
      as t (id, data_key, credentials)`.execute(node.db.kysely)
  await sql`
    insert into connection (id, environment_id, integration_id, connection_id, grant_id)
    select id, environment_id, integration_id, id::text, id from "grant"`.execute(node.db.kysely)
  return ids
}

async function broken(node: Node): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from "grant" where broken_at is not null`.execute(node.db.kysely)
  return rows.map((row) => row.id)
}
