import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { closeAll, startRig, startUpstream, type Rig } from './proxy-rig.ts'
import { callProxy, KEY } from './raw-calls.ts'

afterEach(closeAll)

const SIZE = 1_000

/** Sends its body a byte at a time, fast enough never to be silent, until the server has had enough. Resolves with what came back. */
async function trickle(rig: Rig): Promise<string> {
  const { port, hostname } = new URL(rig.api)
  const socket: Socket = connect(Number(port), hostname)
  let received = ''
  socket.on('error', () => {}).on('data', (bytes) => (received += bytes.toString('latin1')))
  await once(socket, 'connect')
  const head = [
    'POST /proxy/x HTTP/1.1',
    'host: x',
    `authorization: Bearer ${KEY}`,
    'provider-config-key: salesforce',
    'connection-id: acme',
  ]
  socket.write([...head, `content-length: ${SIZE}`, '', ''].join('\r\n'))
  const timer = setInterval(() => socket.write('x'), 10)
  await Promise.race([once(socket, 'close'), expect.poll(() => received, { timeout: 5_000 }).toContain('HTTP/1.1')])
  clearInterval(timer)
  socket.destroy()
  return received
}

it('22. callers who send byte after byte do not keep the memory of all kept bodies', async () => {
  const upstream = await startUpstream((request, response) => {
    request.resume().on('end', () => {
      if (request.headers.authorization === 'Bearer token-2') response.end('{}')
      else response.writeHead(401, { 'content-type': 'application/json' }).end('[{"errorCode":"INVALID_SESSION_ID"}]')
    })
  })
  const rig = await startRig({ upstream, settings: { deadlineMs: 300, idleMs: 200, keptTotalBytes: 2 * SIZE } })
  const answers = await Promise.all([trickle(rig), trickle(rig)])
  for (const answer of answers) {
    expect(answer).toContain('HTTP/1.1 400')
    expect(answer).toContain('did not arrive in time')
  }
  expect(upstream.seen).toEqual([])
  // All of the memory is free: this body is kept, and so can be sent again with a new token.
  const sent = await callProxy(rig, '/', { method: 'POST', body: 'x'.repeat(2 * SIZE) })
  expect([sent.status, upstream.seen.length]).toEqual([200, 2])
})
