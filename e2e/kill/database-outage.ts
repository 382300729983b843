/** The database away in the middle: stopped (connections are refused), or hung (statements are never answered). */
import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { addIntegrationTo, askDatabase, callProxy, forceRefresh, importGrant, type KillWorld } from './kill-world.ts'

export interface Outage {
  kind: 'stopped' | 'hung'
  ms: number
  /** Whether the server is killed while its new tokens are on disk alone. */
  killed?: boolean
}

const LEASE_MS = 60_000

/** Proves that nobody notices: calls go on, and a refresh that was under way is kept. Throws where not. `world` is a new one, or one that survived. */
export async function surviveOutage(world: KillWorld, { kind, ms, killed = false }: Outage): Promise<void> {
  let server = await world.start()
  await addIntegrationTo(world.api(server), world.app)
  const [warm, refreshed] = [`warm-${kind}-${killed}`, `refreshed-${kind}-${killed}`]
  const grants = new Map<string, string>()
  for (const name of [warm, refreshed]) {
    const { grantId, tokens } = world.newGrant()
    await importGrant(world.api(server), name, tokens)
    grants.set(name, grantId)
    expect(await callProxy(server, world.apiKey, name)).toBe(200)
  }
  world.door.sent.length = 0
  const held = world.door.holdNext()
  endSession(world, grants.get(refreshed)!)
  const caught = callProxy(server, world.apiKey, refreshed)
  await held.carriedOut

  const restore = await takeAway(world, kind)
  const until = Date.now() + ms
  held.release()
  // The new token is on disk by then, and may be used; one that is not told yet whether it was stored waits.
  if (kind === 'stopped') expect(await caught).toBe(200)
  const answers = new Set<number>()
  do answers.add(await callProxy(server, world.apiKey, warm))
  while (Date.now() < until && (await pause(20)))
  expect([...answers]).toEqual([200])
  if (killed) await server.kill()
  await restore()
  if (killed) {
    world.clockOffsetMs += LEASE_MS // what the dead process held must not be waited for here
    server = await world.start()
  }

  expect(await caught).toBe(200)
  await stored(world, refreshed)
  expect(world.door.sent).toHaveLength(1)
  for (const [name, grantId] of grants) {
    expect(await callProxy(server, world.apiKey, name)).toBe(200)
    expect(await forceRefresh(world.api(server), name)).toMatchObject({ status: 200 })
    expect(world.fake.state.grants.has(grantId)).toBe(true)
  }
  expect(new Set(world.door.sent).size).toBe(3)
  expect(world.door.sent).toHaveLength(3)
  await server.kill()
}

/** Ends the sessions of one grant. */
function endSession({ fake }: KillWorld, grantId: string): void {
  for (const [value, token] of fake.state.accessTokens) if (token.grantId === grantId) fake.state.accessTokens.delete(value)
}

/** Returns how it comes back. */
async function takeAway(world: KillWorld, kind: Outage['kind']): Promise<() => Promise<void>> {
  if (kind === 'stopped') {
    await world.database.stop()
    return world.database.start
  }
  const pids = processesOf(world.database.pid())
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  return async () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
}

/** The postmaster and what it has started: each of them in a process group of its own, so that they are stopped one by one. */
function processesOf(postmaster: number): number[] {
  const children = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === postmaster)
  return [postmaster, ...children.map(Number)]
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined // gone meanwhile
  }
}

/** Until the grant's second version is in the database; tokens on disk are tried again after 30 s at most. */
async function stored(world: KillWorld, name: string): Promise<void> {
  const text = 'select g.version from "grant" g join connection c on c.grant_id = g.id where c.connection_id = $1'
  const version = async (): Promise<number> => Number((await askDatabase<{ version: string }>(world.databaseUrl, text, [name]))[0]?.version)
  await expect.poll(version, { timeout: 45_000, interval: 100 }).toBe(2)
}

const pause = (ms: number): Promise<true> => new Promise((resolve) => setTimeout(() => resolve(true), ms))
