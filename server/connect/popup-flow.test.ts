import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createWorld, type World } from './world-for-tests.ts'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

async function openSocket() {
  const socket = new WebSocket(world.config.publicUrl.replace('http:', 'ws:'))
  const next = async () => JSON.parse(String((await once(socket, 'message'))[0])) as Record<string, unknown>
  const { ws_client_id: id } = await next()
  return { id: String(id), next }
}

describe('the opener of a popup', () => {
  it('hears of the success what the stock client reads', async () => {
    const { id, next } = await openSocket()
    const heard = next()
    await world.newBrowser().open(world.beginUrl('sf', await world.newSession(), { ws_client_id: id }))
    expect(await heard).toEqual({
      message_type: 'success',
      provider_config_key: 'sf',
      connection_id: expect.stringMatching(/^c-/),
      is_pending: false,
    })
  })

  it('hears of a failure that the provider sent', async () => {
    world.fake.consent({ decision: 'deny' })
    const { id, next } = await openSocket()
    const heard = next()
    await world.newBrowser().open(world.beginUrl('sf', await world.newSession(), { ws_client_id: id }))
    world.fake.consent({ decision: 'allow' })
    expect(await heard).toMatchObject({
      message_type: 'error',
      provider_config_key: 'sf',
      error_type: 'callback_err',
      error_desc: expect.any(String),
      diagnosis: { class: 'user' },
    })
  })

  it('hears of a failure before the provider was reached', async () => {
    const { id, next } = await openSocket()
    const heard = next()
    await world.newBrowser().open(world.beginUrl('sf', await world.newSession(), { ws_client_id: id, 'params[hostname]': 'evil.example' }))
    expect(await heard).toMatchObject({ message_type: 'error', error_type: 'url_param_err' })
  })
})
