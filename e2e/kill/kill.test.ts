import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKillRun, type KillRun } from './kill-run.ts'
import { killSteps } from './kill-steps.ts'
import { createKillWorld, type KillWorld } from './kill-world.ts'

const SEED = process.env['HAWSER_TEST_KILL_SEED'] ?? 'hawser'
const ROUNDS = 4
const ANYWHERE = 20

let world: KillWorld
let run: KillRun

beforeAll(async () => {
  world = await createKillWorld()
  run = await createKillRun(world, SEED)
})
afterAll(() => world?.close())

describe(`a server that is killed in the middle of refreshes (seed "${SEED}")`, () => {
  it(
    'loses no grant whose new token was on disk, tells of each that was, and never sends an old refresh token twice',
    { timeout: 180_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round++) await run.strike(killSteps.length)
      expect(run.report.wrongs).toEqual([])
      // Each step came up once a round; those after the provider has acted and before the disk cannot be saved.
      const lost = ROUNDS * killSteps.filter(({ fate }) => fate === 'told').length
      expect(run.report).toMatchObject({ kills: ROUNDS, refreshes: ROUNDS * killSteps.length, lost })
    },
  )

  it('the same, killed at any moment with many refreshes under way', { timeout: 180_000 }, async () => {
    await run.strikeAnywhere(ANYWHERE, 200)
    expect(run.report.wrongs).toEqual([])
  })
})
