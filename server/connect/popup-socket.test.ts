import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { POPUP_TOPIC } from './popup-message.ts'
import { createPopupSockets, type PopupSockets } from './popup-socket.ts'
import { memoryBus } from './slice-for-tests.ts'

let bus: ReturnType<typeof memoryBus>
let sockets: PopupSockets
let server: Server
let clients: WebSocket[]

beforeEach(async () => {
  bus = memoryBus()
  server = createServer()
  sockets = createPopupSockets({ bus, maxSockets: 2, addressOf: (request) => String(request.headers['x-from'] ?? '10.0.0.1') })
  sockets.attach(server)
  clients = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  for (const client of clients) client.terminate()
  sockets.close()
  server.closeAllConnections()
  server.close()
})

const base = () => `127.0.0.1:${(server.address() as AddressInfo).port}`

async function open(
  path = '/',
  from = '10.0.0.1',
): Promise<{ client: WebSocket; id: string; next: () => Promise<Record<string, unknown>> }> {
  const client = new WebSocket(`ws://${base()}${path}`, { headers: { 'x-from': from } })
  clients.push(client)
  const next = async () => JSON.parse(String((await once(client, 'message'))[0])) as Record<string, unknown>
  const ack = await next()
  expect(ack['message_type']).toBe('connection_ack')
  return { client, id: String(ack['ws_client_id']), next }
}

/** The status of an upgrade that was not made. */
function refusal(path: string, from = '10.0.0.1'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      'x-from': from,
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const asked = httpRequest(`http://${base()}${path}`, { headers }, (response) => resolve(response.statusCode))
    asked.on('upgrade', () => reject(new Error('upgraded')))
    asked.on('error', reject)
    asked.end()
  })
}

describe('the popup’s WebSocket', () => {
  it('greets with a random id, hands over the result meant for it, and closes', async () => {
    const [one, two] = [await open(), await open()]
    expect(one.id).toMatch(/^[0-9a-f-]{36}$/)
    expect(one.id).not.toBe(two.id)
    let strayed = false
    two.client.on('message', () => (strayed = true))
    const message = { message_type: 'success', provider_config_key: 'sf', connection_id: 'c1', is_pending: false }
    const heard = one.next()
    const closed = once(one.client, 'close')
    await bus.send(POPUP_TOPIC, JSON.stringify({ wsClientId: one.id, message }))
    expect(await heard).toEqual(message)
    await closed
    expect(strayed).toBe(false)
    await vi.waitFor(() => expect(sockets.open).toBe(1))
  })

  it('ignores what nobody waits for, and what is not JSON', async () => {
    await bus.send(POPUP_TOPIC, JSON.stringify({ wsClientId: 'gone', message: {} }))
    await bus.send(POPUP_TOPIC, '{')
    await open()
    expect(sockets.open).toBe(1)
  })

  it('20. is bounded in number', async () => {
    await open()
    await open()
    expect(await refusal('/')).toBe(503)
  })

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001:db8::2'],
  ])('23. makes room for others out of what one caller holds (%s)', async (from, again) => {
    const oldest = await open('/', from)
    const closed = once(oldest.client, 'close')
    await open('/', again)
    const other = await open('/', '198.51.100.1')
    await closed
    expect(sockets.open).toBe(2)
    expect(await refusal('/', again)).toBe(503)
    expect(other.client.readyState).toBe(WebSocket.OPEN)
  })

  it('answers 426 on other paths', async () => {
    expect(await refusal('/proxy/x')).toBe(426)
  })

  it('20. hangs up on who talks much', async () => {
    const { client } = await open()
    const closed = once(client, 'close')
    client.send('x'.repeat(5000))
    expect((await closed)[0]).toBe(1009)
  })
})
