import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fail } from '@hawser/api/errors.ts'
import { createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  world.queued.length = 0
  world.afterSaving.next = () => {}
})

it('25. a sign-in that fails after its connection was stored does not revoke the tokens that the connection lives on', async () => {
  world.afterSaving.next = () => {
    throw fail('credentials_unavailable', { internal: 'the audit row could not be written' })
  }
  const page = await world.newBrowser().open(world.beginUrl('sf', await world.newSession()))
  expect(page.status).toBeGreaterThanOrEqual(400)
  expect(world.queued).toEqual([])
})
