/** What the server does with customers' credentials by itself is counted in the audit before it happens. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { fail } from '@hawser/api/errors.ts'
import { orgIdInProduction } from './ask-production.ts'
import { addIntegration, connect, createNode, createWorld, environmentId, failureOf, type Node, type World } from './node-for-tests.ts'
import { systemTimers } from './timers.ts'

let test: TestDatabase
let world: World
let node: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

describe('34. a use by the server itself', () => {
  it('is counted for a refresh, and none where nothing was asked', async () => {
    const { live } = await connect(node, world, { expiresInMs: 60_000 })
    const connectionId = live.connection.id
    node.used.length = 0
    await node.connections.fresh(live)
    expect(node.used).toEqual([])
    await node.connections.fresh(live, { force: true })
    expect(node.used).toEqual([{ environmentId, connectionId, endUserId: undefined, job: 'refresh', method: 'POST' }])
  })

  it('does not happen while no trace of it could be kept', async () => {
    const untraced = await createNode(world, {
      audit: {
        disclosed: async () => {},
        changed: async () => {},
        used: () => {
          throw fail('audit_unavailable')
        },
      },
    })
    const { live } = await connect(untraced, world, { expiresInMs: 60_000 })
    const before = world.endpoint.requests.length
    expect((await failureOf(() => untraced.connections.fresh(live, { force: true }))).code).toBe('audit_unavailable')
    expect(world.endpoint.requests).toHaveLength(before)
  })

  it('is counted when a production org is asked about its sandbox', async () => {
    const provider = 'sandbox'
    const integration = await addIntegration(node, environmentId, 'production', provider)
    const { live } = await connect(node, world, {
      integration,
      config: { instance_url: 'https://acme.my.salesforce.com', org_id: '00D5g000004abCdEAI' },
    })
    node.used.length = 0
    const deps = {
      ...{
        db: node.db.kysely,
        timers: systemTimers,
        egress: undefined as never,
        audit: { used: (use: never) => void node.used.push(use) },
      },
      ...{ salesforceProviders: () => [provider], findById: node.connections.findById, fresh: node.connections.fresh },
    }
    // There is nothing to send it with: the count comes first.
    await expect(orgIdInProduction(deps, environmentId, 'acme--uat.sandbox.my.salesforce.com')).rejects.toThrow(TypeError)
    expect(node.used).toMatchObject([{ connectionId: live.connection.id, job: 'ask-production', method: 'GET' }])
  })
})
