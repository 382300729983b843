import { platform } from 'node:process'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { surviveOutage } from './database-outage.ts'
import { createKillWorld, type KillWorld } from './kill-world.ts'

const MINUTE = 60_000
const timeout = 4 * MINUTE + 90_000

let world: KillWorld
beforeAll(async () => void (world = await createKillWorld()))
afterAll(() => world?.close())

describe('30. the database is away for a minute while a refresh is under way: warm calls go on, its tokens are kept', () => {
  it('stopped, and started again', { timeout }, () => surviveOutage(world, { kind: 'stopped', ms: MINUTE }))
  it('stopped, and the server is killed before it is back', { timeout }, () =>
    surviveOutage(world, { kind: 'stopped', ms: MINUTE, killed: true }),
  )
  it.runIf(platform === 'linux')('hung', { timeout }, () => surviveOutage(world, { kind: 'hung', ms: MINUTE }))
})
