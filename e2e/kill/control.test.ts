/** What the other tests of this folder find in a token store that was not made for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKillRun } from './kill-run.ts'
import type { KillStep } from './kill-steps.ts'
import { addIntegrationTo, callProxy, createKillWorld, importGrant, ORG, type KillWorld } from './kill-world.ts'

const TAKES_LOCK = /set locked_until = [$]2/
const STORES = /set access = /
const kept = { fate: 'lives', sentAgain: 1, rests: false } as const

const steps: readonly KillStep[] = [
  { name: 'before the request is sent', at: { point: { on: { statement: TAKES_LOCK }, when: 'after' } }, ...kept },
  { name: 'after the request was sent', at: { door: 'request-arrived' }, ...kept },
  { name: 'before the tokens are stored', at: { point: { on: { statement: STORES }, when: 'before' } }, ...kept },
  { name: 'after the tokens are stored', at: { point: { on: { statement: STORES }, when: 'after' } }, ...kept },
]

let world: KillWorld

beforeAll(async () => {
  world = await createKillWorld()
})
afterAll(() => world?.close())

describe('a lock without a fence, and tokens that are stored after use', () => {
  it('lose each grant that is killed between the answer and the UPDATE, and nothing tells', { timeout: 180_000 }, async () => {
    const run = await createKillRun(world, 'control', { entry: './naive-entry.ts', steps, issues: async () => new Map() })
    const rounds = 3
    for (let round = 0; round < rounds; round++) await run.strike(steps.length)
    expect(run.report.lost).toBe(rounds)
    expect(run.report.wrongs.filter((text) => text.includes('killed before the tokens are stored: it is lost, and no issue'))).toHaveLength(
      rounds,
    )
    expect(run.report.wrongs.filter((text) => !text.includes('killed before the tokens are stored'))).toEqual([])
  })

  it('lose a grant without any crash, when the provider takes longer than the lock', { timeout: 180_000 }, async () => {
    const lock = { entry: './naive-entry.ts', env: { NAIVE_LOCK_MS: '500' } }
    const servers = [await world.start(lock), await world.start(lock)]
    const { grantId, tokens } = world.newGrant()
    await addIntegrationTo(world.api(servers[0]!), world.app)
    await importGrant(world.api(servers[0]!), 'slow', tokens)
    world.fake.expireSessions(ORG)
    world.door.setTokenLatency(1_250)
    await Promise.all(servers.map((server) => callProxy(server, world.apiKey, 'slow')))
    expect(world.door.sent.filter((token) => token === tokens['refresh_token']).length).toBeGreaterThan(1)
    expect(world.fake.state.grants.has(grantId)).toBe(false)
  })
})
