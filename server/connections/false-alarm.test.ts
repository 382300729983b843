import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import type { OrgIdOfHost } from '#orgs/org-id-of-host.ts'
import { newId } from '#lib/ids.ts'
import { freshOn, grantStateOf, issuesOn } from './grant-state-for-tests.ts'
import {
  accessToken,
  addIntegration,
  connect,
  createNode,
  createWorld,
  environmentId,
  failureOf,
  type Connected,
  type Node,
  type World,
} from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

const OLD = '00D5g000004abCdEAI'
const WRONG = '00D5g000004abCeEAI'

let test: TestDatabase
let world: World
let node: Node
let told: OrgIdOfHost = { ok: false, reason: 'not_told' }

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  node = await createNode(world, { orgIdOfHost: async () => told })
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
  told = { ok: false, reason: 'not_told' }
})
afterAll(async () => {
  await world.close()
  await test.close()
})

async function connected(): Promise<Connected> {
  const integration = await addIntegration(node, environmentId, `sf-${newId()}`, 'sandbox')
  const config = { org_id: OLD, instance_url: `https://acme--s${newId().replaceAll('-', '').slice(0, 20)}.sandbox.my.salesforce.com` }
  return connect(node, world, { integration, expiresInMs: -1_000, config })
}

/** Is stopped for another org while its refresh is answered. */
async function stoppedDuringRotation(answeredFor: string | undefined): Promise<Connected> {
  const one = await connected()
  world.endpoint.extra = answeredFor === undefined ? {} : { id: `https://test.salesforce.com/id/${answeredFor}/0055g000004abCdAAI` }
  world.endpoint.script.push(async () => {
    const answer = world.endpoint.usual(world.endpoint.current)
    await node.connections.sandboxRefreshed({ environmentId, connectionId: one.live.connection.id, newOrgId: WRONG })
    return answer
  })
  return one
}

describe('26. a host that told another org while the answer of a rotation was on its way', () => {
  it('does not cost the only live refresh token: an answer for the known org is kept, and the connection goes on', async () => {
    const one = await stoppedDuringRotation(OLD)
    expect(accessToken(await freshOn(node, one.live))).toBe('at-1')
    expect(await grantStateOf(node, one.live)).toMatchObject({ broken_at: null })
    expect(await issuesOn(node, one.live)).toEqual([])
    world.clock.moveBy(7_200_000)
    expect(accessToken(await freshOn(node, one.live))).toBe('at-2')
  })

  it.each([WRONG, undefined])('does not let in tokens of the other org, or of nobody knows which: %s', async (answeredFor) => {
    const one = await stoppedDuringRotation(answeredFor)
    expect((await failureOf(() => freshOn(node, one.live))).code).toBe('invalid_credentials')
    expect((await issuesOn(node, one.live)).map((issue) => issue.kind)).toEqual(['sandbox_refreshed'])
  })
})

describe('a host that tells the known org again', () => {
  const again = ({ live }: Connected) => node.connections.sandboxIsTheSame({ environmentId, connectionId: live.connection.id })

  it('lets the connection go on with its tokens: the id of a refreshed sandbox never comes back', async () => {
    const one = await connected()
    await node.connections.sandboxRefreshed({ environmentId, connectionId: one.live.connection.id, newOrgId: WRONG })
    expect((await failureOf(() => freshOn(node, one.live))).code).toBe('invalid_credentials')
    expect(await again(one)).toBe(true)
    expect(await issuesOn(node, one.live)).toEqual([])
    await expect.poll(async () => accessToken(await freshOn(node, one.live)), { interval: 10 }).toBe('at-1')
    expect(await again(one)).toBe(false)
  })

  it('does not revive what the provider’s own token answer has stopped, or what broke for other reasons', async () => {
    const one = await connected()
    world.endpoint.extra = { id: `https://test.salesforce.com/id/${WRONG}/0055g000004abCdAAI` }
    expect((await failureOf(() => freshOn(node, one.live))).code).toBe('invalid_credentials')
    const two = await connected()
    world.endpoint.revoked = true
    expect((await failureOf(() => freshOn(node, two.live))).code).toBe('invalid_credentials')
    expect([await again(one), await again(two)]).toEqual([false, false])
  })
})
