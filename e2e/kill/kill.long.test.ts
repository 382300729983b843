import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKillRun, type KillRun } from './kill-run.ts'
import { killSteps } from './kill-steps.ts'
import { createKillWorld, type KillWorld } from './kill-world.ts'

const SEED = process.env['HAWSER_TEST_KILL_SEED'] ?? randomBytes(6).toString('hex')
/** 501 kills, 11,356 interrupted refreshes. */
const ROUNDS = Number(process.env['HAWSER_TEST_KILL_ROUNDS'] ?? 334)
const ROUNDS_ANYWHERE = Math.ceil(ROUNDS / 2)
const ANYWHERE = 40

let world: KillWorld
let run: KillRun

beforeAll(async () => {
  console.log(`seed of the kills: ${SEED}`)
  world = await createKillWorld()
  run = await createKillRun(world, SEED)
})
afterAll(() => world?.close())

it('no grant is lost whose new token was on disk, over hundreds of kills', { timeout: ROUNDS * 60_000 }, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await run.strike(killSteps.length)
    if (round % 2 === 0) await run.strikeAnywhere(ANYWHERE, 300)
    expect(run.report.wrongs).toEqual([])
    if (round % 50 === 49) console.log(`${run.report.kills} kills so far`)
  }
  console.log(
    `${run.report.refreshes} interrupted refreshes, ${run.report.kills} kills: ${run.report.lived} live, ${run.report.lost} lost and told`,
  )
  expect(run.report.kills).toBe(ROUNDS + ROUNDS_ANYWHERE)
  expect(run.report.refreshes).toBe(ROUNDS * killSteps.length + ROUNDS_ANYWHERE * ANYWHERE)
})
