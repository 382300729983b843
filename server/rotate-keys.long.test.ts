import { afterAll, expect, it } from 'vitest'
import { insertGrants, keysOf, readAll, remaining, rotateInChild, rotationWorld, startTraffic, untilRewrapped } from './rotation-rig.ts'

const closers: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closers.reverse()) await close()
})

it('31. 100,000 rows get a new key under reads and writes, although the rotating process is killed twice', async () => {
  const world = await rotationWorld()
  closers.push(world.close)
  const ids = await insertGrants(world, 100_000)
  const servers = [await world.another(), await world.another()]
  const traffic = servers.map((server) => startTraffic(world, server, ids))
  for (const count of [20_000, 60_000]) {
    const { child, done } = rotateInChild(world, 500)
    await untilRewrapped(world, count, child)
    child.kill('SIGKILL')
    await done
    expect(await remaining(world, 2)).toBeGreaterThan(0)
  }
  expect(await rotateInChild(world, 500).done).toMatchObject({ code: 0 })
  for (const each of traffic) await each.stop()
  expect(traffic.flatMap((each) => each.failed)).toEqual([])
  expect(await remaining(world, 2)).toBe(0)
  expect(await keysOf(world)).toEqual({ current: 2, generations: [2] })
  expect(await readAll(world)).toBe(ids.length)
})
