import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@hawser/testkit/test-database.ts'
import { newId } from '#lib/ids.ts'
import { SpoolUnwritable, type Spool } from '#vault/spool.ts'
import { spoolPayload } from './spool-payload.ts'
import {
  accessToken,
  connect,
  createNode,
  createWorld,
  deafBus,
  failureOf,
  frozenGuard,
  handTimers,
  type Connected,
  type Node,
  type World,
} from './node-for-tests.ts'
import { createTokenEndpoint } from './token-endpoint-for-tests.ts'

let test: TestDatabase
let world: World
let observer: Node

beforeAll(async () => {
  test = await createTestDatabase()
  world = await createWorld(test.url)
  observer = await createNode(world)
})
beforeEach(() => {
  world.endpoint = createTokenEndpoint(world.clock)
})
afterAll(async () => {
  await world.close()
  await test.close()
})

async function versionOf({ live }: Connected): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from "grant" where id = ${live.grant!.id}`.execute(observer.db.kysely)
  return rows[0]!.version
}

/** The database goes away between the request and its answer. */
function losesDatabase(node: Node): void {
  world.endpoint.script.push(async () => {
    node.database.away = true
    return world.endpoint.usual(world.endpoint.current)
  })
}

describe('26. the database is away when the answer comes', () => {
  it('the tokens go to disk, this node uses them at once, and they are stored when it is back', async () => {
    const timers = handTimers()
    const node = await createNode(world, { timers })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    const fresh = await node.connections.fresh(connected.live)
    expect(accessToken(fresh)).toBe('at-1')
    expect(fresh.credentials).toMatchObject({ refresh_token: world.endpoint.current })
    expect(accessToken(await node.connections.fresh(connected.live))).toBe('at-1')
    expect(await node.spool.list()).toMatchObject([{ version: 2, committedAt: null }])
    expect(await versionOf(connected)).toBe(1)
    node.database.away = false
    timers.fire()
    await expect.poll(() => versionOf(connected)).toBe(2)
    await expect.poll(() => node.spool.list()).toMatchObject([{ version: 2, committedAt: expect.any(Number) }])
    world.clock.moveBy(3_600_000)
    expect(accessToken(await node.connections.fresh(await connected.find(node)))).toBe('at-2')
    expect(world.endpoint.revoked).toBe(false)
  })

  it('a process that dies then finds them at its next start', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    await node.connections.fresh(connected.live)
    const next = await createNode(world, { spoolFolder: node.spoolFolder })
    await next.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(2)
    expect(accessToken(await next.connections.fresh(await connected.find(next)))).toBe('at-1')
    expect(await next.spool.list()).toMatchObject([{ committedAt: expect.any(Number) }])
  })

  it('6. what lies on disk shows no token', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    await node.connections.fresh(connected.live)
    const files = readdirSync(node.spoolFolder).map((name) => readFileSync(join(node.spoolFolder, name)).toString('latin1'))
    expect(files).toHaveLength(1)
    expect(files[0]).not.toMatch(/at-1|rt-|access_token/)
  })

  it('and the disk is full: the tokens are not handed out, and are stored from memory later', async () => {
    const timers = handTimers()
    const unwritable = {
      put: async () => Promise.reject(new SpoolUnwritable('ENOSPC')),
      list: async () => [],
      sweep: async () => 0,
    } as unknown as Spool
    const node = await createNode(world, { timers, spool: unwritable })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    expect((await failureOf(() => node.connections.fresh(connected.live))).code).toBe('credentials_unavailable')
    node.database.away = false
    expect(accessToken(await node.connections.fresh(await connected.find(node)))).toBe('at-1')
    expect(world.endpoint.requests).toHaveLength(1)
    expect(await versionOf(connected)).toBe(2)
  })

  it('an UPDATE whose confirmation was lost is recognised as stored', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    await node.connections.fresh(connected.live)
    // Another process of this folder has been quicker; the bytes are the same.
    const next = await createNode(world, { spoolFolder: node.spoolFolder })
    await next.connections.reapplySpool()
    node.database.away = false
    await node.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(2)
    expect(await node.spool.list()).toMatchObject([{ version: 2, committedAt: expect.any(Number) }])
  })

  it('a full disk alone stops nothing', async () => {
    const unwritable = { put: async () => Promise.reject(new SpoolUnwritable('ENOSPC')) } as unknown as Spool
    const node = await createNode(world, { spool: unwritable })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    expect(accessToken(await node.connections.fresh(connected.live))).toBe('at-1')
  })
})

describe('the spool', () => {
  it('brings back tokens that a database has lost again', async () => {
    const node = await createNode(world)
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    const before = await sql<{ credentials: Buffer }>`select credentials from "grant" where id = ${connected.live.grant!.id}`.execute(
      node.db.kysely,
    )
    await node.connections.fresh(connected.live)
    await sql`update "grant" set credentials = ${before.rows[0]!.credentials}, version = 1 where id = ${connected.live.grant!.id}`.execute(
      observer.db.kysely,
    )
    await node.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(2)
    expect(accessToken(await observer.connections.fresh(await connected.find(observer)))).toBe('at-1')
  })

  it('of a day with thousands of refreshes costs few statements, and what is missing is found among them', async () => {
    const node = await createNode(world, { timers: handTimers(), bus: deafBus() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    await node.connections.fresh(connected.live)
    await sql`update "grant" set version = 1 where id = ${connected.live.grant!.id}`.execute(observer.db.kysely)
    for (let count = 0; count < 2_500; count++)
      writeFileSync(join(node.spoolFolder, `${newId()}.2.${count.toString(16)}.${world.clock.now()}.done`), '')
    const before = node.db.statements
    await node.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(2)
    expect(node.db.statements - before).toBeLessThan(10)
  })

  it('of a process that died after its UPDATE is marked as done, and an entry that lost to another answer goes', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const stored = await connect(node, world, { expiresInMs: -1_000 })
    const { sealed } = (await node.connections.fresh(stored.live)).live.grant!
    const grantId = stored.live.grant!.id
    for (const { id } of await node.spool.list()) await node.spool.discard(id)
    await node.spool.put({ grantId, version: 2, sealed: spoolPayload({ sealed, expiresAt: undefined, fingerprint: undefined }) })
    await node.connections.reapplySpool()
    expect(await node.spool.list()).toMatchObject([{ version: 2, committedAt: expect.any(Number) }])
    for (const { id } of await node.spool.list()) await node.spool.discard(id)
    await node.spool.put({
      grantId,
      version: 2,
      sealed: spoolPayload({ sealed: Buffer.from('x'), expiresAt: undefined, fingerprint: undefined }),
    })
    await node.connections.reapplySpool()
    expect(await node.spool.list()).toEqual([])
    expect(await versionOf(stored)).toBe(2)
  })

  it('is asked before the first refresh of a new process, although nobody has gone through it yet', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    await node.connections.fresh(connected.live)
    world.clock.moveBy(200_000) // the note of an unknown outcome would allow another attempt by now
    const next = await createNode(world, { spoolFolder: node.spoolFolder })
    expect(accessToken(await next.connections.fresh(await connected.find(next)))).toBe('at-1')
    expect(world.endpoint.requests).toHaveLength(1)
  })

  it('never overwrites newer tokens', async () => {
    const node = await createNode(world)
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    await node.connections.fresh(connected.live)
    world.clock.moveBy(3_600_000)
    await observer.connections.fresh(await connected.find(observer))
    await node.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(3)
  })

  it('is left alone while the vault is frozen', async () => {
    const node = await createNode(world, { timers: handTimers() })
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    losesDatabase(node)
    await node.connections.fresh(connected.live)
    const frozen = await createNode(world, { spoolFolder: node.spoolFolder, guard: frozenGuard })
    await frozen.connections.reapplySpool()
    expect(await versionOf(connected)).toBe(1)
  })
})

describe('without a database', () => {
  it('an expired token is 503, and no token request is made', async () => {
    const node = await createNode(world)
    const connected = await connect(node, world, { expiresInMs: -1_000 })
    node.database.away = true
    expect((await failureOf(() => node.connections.fresh(connected.live))).code).toBe('credentials_unavailable')
    expect(world.endpoint.requests).toEqual([])
  })

  it('30. warm connections are served, for as long as the setting says', async () => {
    const node = await createNode(world, { bus: deafBus() })
    const connected = await connect(node, world)
    await connected.find(node)
    node.database.away = true
    world.clock.moveBy(14 * 60_000)
    expect(accessToken(await node.connections.fresh(await connected.find(node)))).toBe('at-0')
    world.clock.moveBy(2 * 60_000)
    expect((await failureOf(() => connected.find(node))).code).toBe('credentials_unavailable')
    node.database.away = false
    expect(accessToken(await node.connections.fresh(await connected.find(node)))).toBe('at-0')
  })
})
