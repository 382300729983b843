import { sql } from 'kysely'
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
  otherEnvironmentId,
  type Connected,
  type Node,
  type World,
} from './node-for-tests.ts'
import { createTokenEndpoint, refused } from './token-endpoint-for-tests.ts'

const OLD = '00D5g000004abCdEAI'
const NEW = '00D5g000004abCeEAI'
const NEWER = '00D5g000004abCfEAI'

let test: TestDatabase
let world: World
let node: Node
let elsewhere: Node
/** What hosts tell. */
let told: OrgIdOfHost = { ok: false, reason: 'not_told' }
/** A host of its own for each test. */
let instanceUrl = ''

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  const orgIdOfHost = async () => told
  const readTokenExtras = (_provider: unknown, raw: Record<string, unknown>) => ({
    connectionConfig: typeof raw['instance_url'] === 'string' ? { instance_url: raw['instance_url'] } : {},
  })
  node = await createNode(world, { orgIdOfHost, readTokenExtras })
  elsewhere = await createNode(world, { orgIdOfHost, readTokenExtras })
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
  told = { ok: false, reason: 'not_told' }
  instanceUrl = `https://acme--s${newId().replaceAll('-', '').slice(0, 20)}.sandbox.my.salesforce.com`
  for (const one of [node, elsewhere]) one.events.length = one.told.length = 0
})
afterAll(async () => {
  await world.close()
  await test.close()
})

/** Each with an integration, an app and a grant of its own. */
async function connected(orgId = OLD, url = instanceUrl): Promise<Connected> {
  const integration = await addIntegration(node, environmentId, `sf-${newId()}`, 'sandbox')
  const credentials = { refresh_token: `rt-${newId()}` }
  const made = await connect(node, world, { integration, expiresInMs: -1_000, credentials, config: { org_id: orgId, instance_url: url } })
  for (const one of [node, elsewhere]) one.events.length = one.told.length = 0
  return made
}

const fails = async ({ live }: Connected, on = node) => failureOf(() => freshOn(on, live))
const toldOf = ({ live }: Connected, ...nodes: Node[]) =>
  (nodes.length === 0 ? [node] : nodes)
    .flatMap((one) => one.told)
    .filter((event) => event.subject.id === live.connection.id)
    .map((event) => event.type)
const refuseNext = () => void world.endpoint.script.push(async () => refused('invalid_grant'))

describe('a refused refresh, and a host that tells another org', () => {
  it('stops every connection of the environment to the host, on every node, and tells each backend once', async () => {
    const [one, two] = [await connected(), await connected()]
    const elsewhereHost = await connected(OLD, instanceUrl.replace('acme', 'other'))
    await freshFails(elsewhere, two)
    told = { ok: true, orgId: NEW }
    refuseNext()
    expect(await fails(one)).toMatchObject({
      code: 'invalid_credentials',
      details: {
        diagnosis: { code: 'sandbox-refreshed', class: 'reconnect', evidence: { old_org_id: OLD, new_org_id: NEW, basis: 'host' } },
      },
    })
    const requests = world.endpoint.requests.length
    const stopped = { code: 'invalid_credentials', details: { diagnosis: { code: 'sandbox-refreshed' } } }
    expect(await fails(two)).toMatchObject(stopped)
    // The announcement takes a moment.
    await expect.poll(() => fails(two, elsewhere), { interval: 10 }).toMatchObject(stopped)
    expect(await failureOf(async () => node.connections.fresh(await two.find(node), { force: true }))).toMatchObject({
      code: 'invalid_credentials',
    })
    world.clock.moveBy(3_600_000)
    expect((await fails(two)).code).toBe('invalid_credentials')
    expect(world.endpoint.requests).toHaveLength(requests)
    for (const each of [one, two]) {
      expect(await issuesOn(node, each.live)).toMatchObject([{ kind: 'sandbox_refreshed', count: 1 }])
      expect(toldOf(each).sort()).toEqual(['connection.sandbox_refreshed', 'issue.opened'])
      expect(node.events.filter((event) => event.connection.id === each.live.connection.id)).toMatchObject([
        { operation: 'refresh', failure: { type: 'sandbox_refreshed' } },
      ])
    }
    expect(await grantStateOf(node, elsewhereHost.live)).toMatchObject({ broken_at: null })
  })

  it('leaves other environments alone', async () => {
    const integration = await addIntegration(node, otherEnvironmentId, `sf-${newId()}`, 'sandbox')
    const { connection } = await node.connections.save({
      ...{ environmentId: otherEnvironmentId, environmentName: 'prod', integration, authMode: 'OAUTH2', actor: {} },
      credentials: { type: 'OAUTH2', access_token: 'at', refresh_token: `rt-${newId()}`, raw: {} },
      client: { kind: 'integration' },
      connectionConfig: { org_id: OLD, instance_url: instanceUrl },
    })
    const one = await connected()
    told = { ok: true, orgId: NEW }
    refuseNext()
    await fails(one)
    const live = await node.connections.findById(otherEnvironmentId, connection.id)
    expect(accessToken(await node.connections.fresh(live))).toBe('at')
  })

  it('upgrades what was broken before under another name, and a second refresh of the sandbox is told again', async () => {
    const [one, two] = [await connected(), await connected()]
    refuseNext()
    expect(await fails(one)).toMatchObject({ details: { diagnosis: { code: 'grant-refused' } } })
    const seen = { environmentId, connectionId: two.live.connection.id }
    expect(await node.connections.sandboxRefreshed({ ...seen, newOrgId: NEW })).toBe(2)
    expect(await node.connections.sandboxRefreshed({ ...seen, newOrgId: NEW })).toBe(0)
    expect((await issuesOn(node, one.live)).map((issue) => issue.kind)).toEqual(['sandbox_refreshed'])
    expect(toldOf(one)).toEqual(['issue.opened', 'issue.resolved', 'issue.opened', 'connection.sandbox_refreshed'])
    // The contract's message for the break was sent when it broke.
    expect(node.events.filter((event) => event.connection.id === one.live.connection.id)).toHaveLength(1)
    expect(await node.connections.sandboxRefreshed({ ...seen, newOrgId: NEWER })).toBe(2)
    expect(toldOf(two).filter((type) => type === 'connection.sandbox_refreshed')).toHaveLength(2)
  })

  it('two nodes that see it at once tell it once', async () => {
    const all = [await connected(), await connected(), await connected()]
    const seen = { environmentId, connectionId: all[0]!.live.connection.id, newOrgId: NEW }
    const stopped = await Promise.all([node, elsewhere, node].map((on) => on.connections.sandboxRefreshed(seen)))
    expect(stopped.reduce((sum, count) => sum + count)).toBe(3)
    for (const each of all) expect(toldOf(each, node, elsewhere).sort()).toEqual(['connection.sandbox_refreshed', 'issue.opened'])
  })

  it('does nothing for the same org, another environment’s connection, and hosts that no refresh changes', async () => {
    const one = await connected()
    const production = await connected(OLD, 'https://acme.my.salesforce.com')
    const at = (connectionId: string, newOrgId: string, environment = environmentId) =>
      node.connections.sandboxRefreshed({ environmentId: environment, connectionId, newOrgId })
    expect(await at(one.live.connection.id, OLD.slice(0, 15))).toBe(0)
    expect(await at(one.live.connection.id, NEW, otherEnvironmentId)).toBe(0)
    expect(await at(production.live.connection.id, NEW)).toBe(0)
    expect(await at(newId(), NEW)).toBe(0)
  })

  it('voids a refresh of another connection that is under way: its token is handed to nobody', async () => {
    const [one, two] = [await connected(), await connected()]
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    world.endpoint.script.push(async () => {
      asked.resolve()
      await gate.promise
      return { ok: true, tokens: { access_token: 'at-late', raw: { access_token: 'at-late' } } }
    })
    const late = fails(two)
    await asked.promise
    expect(await node.connections.sandboxRefreshed({ environmentId, connectionId: one.live.connection.id, newOrgId: NEW })).toBe(2)
    gate.resolve()
    expect(await late).toMatchObject({ code: 'invalid_credentials', details: { diagnosis: { code: 'sandbox-refreshed' } } })
    expect((await fails(two)).code).toBe('invalid_credentials')
  })
})

describe('a refresh that goes well', () => {
  const tokensFor = (orgId: string, url: string) => ({
    access_token: `at-of-${orgId}`,
    raw: { access_token: `at-of-${orgId}`, id: `https://test.salesforce.com/id/${orgId}/0055g000004abCdAAI`, instance_url: url },
  })

  it('for another org on the same host: nobody gets the token, and all connections are stopped', async () => {
    const [one, two] = [await connected(), await connected()]
    world.endpoint.script.push(async () => ({ ok: true, tokens: tokensFor(NEW, instanceUrl) }))
    expect(await fails(one)).toMatchObject({
      details: { diagnosis: { code: 'sandbox-refreshed', evidence: { basis: 'token_answer', new_org_id: NEW } } },
    })
    expect(await grantStateOf(node, one.live)).toMatchObject({ version: 1, broken_at: expect.any(Date) })
    expect((await fails(two)).code).toBe('invalid_credentials')
    expect((await one.find(node)).connection.connectionConfig).toMatchObject({ org_id: OLD })
  })

  it('for another org elsewhere: the connection is broken, the others are not', async () => {
    const [one, two] = [await connected(), await connected()]
    world.endpoint.script.push(async () => ({ ok: true, tokens: tokensFor(NEW, 'https://globex--qa.sandbox.my.salesforce.com') }))
    expect(await fails(one)).toMatchObject({ details: { diagnosis: { code: 'refresh-named-another-org' } } })
    expect((await one.find(node)).connection.connectionConfig).toEqual({ org_id: OLD, instance_url: instanceUrl })
    expect(await grantStateOf(node, two.live)).toMatchObject({ broken_at: null })
    expect(toldOf(one)).toEqual(['issue.opened'])
  })

  it('for the same org on another host, after a migration: all is well, and the address is followed', async () => {
    const one = await connected()
    const moved = instanceUrl.replace('acme', 'renamed')
    world.endpoint.script.push(async () => ({ ok: true, tokens: tokensFor(OLD, moved) }))
    expect(accessToken(await freshOn(node, one.live))).toBe(`at-of-${OLD}`)
    expect((await one.find(node)).connection.connectionConfig).toMatchObject({ instance_url: moved })
    expect(node.told).toEqual([])
  })
})

describe('a refused refresh while the host does not answer', () => {
  it('rests, and is judged when the host is back', async () => {
    const one = await connected()
    told = { ok: false, reason: 'unreachable' }
    refuseNext()
    expect(await fails(one)).toMatchObject({
      code: 'refresh_token_external_error',
      details: { diagnosis: { code: 'sandbox-not-reachable', transient: true, evidence: { refused_with: 'grant-refused' } } },
    })
    expect([await issuesOn(node, one.live), node.told, node.events]).toEqual([[], [], []])
    told = { ok: true, orgId: NEW }
    world.clock.moveBy(61_000)
    refuseNext()
    expect(await fails(one)).toMatchObject({ details: { diagnosis: { code: 'sandbox-refreshed' } } })
  })

  it('not for ever: a host that stays away has other reasons', async () => {
    const one = await connected()
    told = { ok: false, reason: 'unreachable' }
    let tries = 0
    for (let code: unknown; code !== 'invalid_credentials' && tries < 30; tries++) {
      refuseNext()
      code = (await fails(one)).code
      world.clock.moveBy(61_000)
    }
    expect(tries).toBe(16)
    expect(await issuesOn(node, one.live)).toMatchObject([{ kind: 'refresh_failed' }])
  })
})

describe('a reconnect', () => {
  const reconnect = ({ live, integration }: Connected, orgId: string) =>
    node.connections.save({
      ...{ environmentId, environmentName: 'dev', integration, authMode: 'OAUTH2', actor: {} },
      reconnects: live.connection.id,
      credentials: { type: 'OAUTH2', access_token: `at-${orgId}`, refresh_token: `rt-${newId()}`, raw: {} },
      client: { kind: 'integration' },
      connectionConfig: { org_id: orgId, instance_url: instanceUrl },
    })

  it('with the new org keeps the id, closes the issue, lets calls through, and stops those that still know the old org', async () => {
    const [one, two] = [await connected(), await connected()]
    expect((await reconnect(one, NEW)).connection.id).toBe(one.live.connection.id)
    expect(toldOf(one)).toEqual(['connection.sandbox_refreshed'])
    expect(node.told[0]).toMatchObject({ data: { basis: 'reconnect', old_org_id: OLD, new_org_id: NEW } })
    expect(accessToken(await freshOn(node, one.live))).toBe(`at-${NEW}`)
    expect(await fails(two)).toMatchObject({ details: { diagnosis: { code: 'sandbox-refreshed', evidence: { basis: 'reconnect' } } } })
    node.told.length = 0
    await reconnect(two, NEW)
    expect(toldOf(two)).toEqual(['issue.resolved'])
    expect(await issuesOn(node, two.live)).toEqual([])
    expect(accessToken(await freshOn(node, two.live))).toBe(`at-${NEW}`)
    const { rows } = await sql`select closed_at from issue where connection_id = ${two.live.connection.id}`.execute(node.db.kysely)
    expect(rows).toEqual([{ closed_at: expect.any(Date) }])
  })

  it('two at once, each with the other in sight, both succeed', async () => {
    const all = [await connected(), await connected(), await connected(), await connected()]
    await Promise.all(all.map((each) => reconnect(each, NEW)))
    for (const each of all) {
      expect(accessToken(await freshOn(node, each.live))).toBe(`at-${NEW}`)
      expect(await issuesOn(node, each.live)).toEqual([])
    }
  })

  it('with the same org tells nothing', async () => {
    const [one, two] = [await connected(), await connected()]
    await reconnect(one, OLD)
    expect(node.told).toEqual([])
    expect(await grantStateOf(node, two.live)).toMatchObject({ broken_at: null })
  })
})

describe('a thousand connections to one sandbox', () => {
  it('are stopped within seconds, each once', async () => {
    const first = await connected()
    const integration = first.integration.id
    await sql`
      with made as (
        insert into "grant" (id, environment_id, integration_id, auth_mode, data_key, credentials)
        select gen_random_uuid(), ${environmentId}, ${integration}, 'OAUTH2', '', '' from generate_series(1, 999) returning id)
      insert into connection (id, environment_id, integration_id, connection_id, grant_id, connection_config)
      select gen_random_uuid(), ${environmentId}, ${integration}, id::text, id, ${JSON.stringify({ org_id: OLD, instance_url: instanceUrl })}::jsonb from made`.execute(
      node.db.kysely,
    )
    const seen = { environmentId, connectionId: first.live.connection.id, newOrgId: NEW }
    expect(await node.connections.sandboxRefreshed(seen)).toBe(1_000)
    expect(node.told.filter((event) => event.type === 'connection.sandbox_refreshed')).toHaveLength(1_000)
    expect(await node.connections.sandboxRefreshed(seen)).toBe(0)
  })
})

/** Warms the node's cache with a connection whose refresh is refused for the moment only. */
async function freshFails(on: Node, { live }: Connected): Promise<void> {
  world.endpoint.script.push(async () => ({ ok: false, failure: { network: 'refused', sent: false, bodyKind: 'none' } }))
  expect((await failureOf(() => freshOn(on, live))).code).toBe('refresh_token_external_error')
}
