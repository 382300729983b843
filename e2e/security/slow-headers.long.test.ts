import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../testkit/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server?.close())

/** Sends a byte of a header a second, as slow-loris does; resolves with the seconds until the server hangs up. */
function secondsUntilCut(url: string): Promise<number> {
  const startedAt = Date.now()
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), 'localhost', () => socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nX: '))
    const drip = setInterval(() => socket.write('a'), 1_000)
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(drip)
      resolve((Date.now() - startedAt) / 1000)
    })
  })
}

describe('20, 22. a caller who never ends his headers', () => {
  it.each([
    ['the API', () => server.url, 20],
    ['the gateway', () => server.gatewayUrl, 30],
  ] as const)('%s hangs up at its deadline', async (_what, url, deadline) => {
    const seconds = await secondsUntilCut(url())
    expect(seconds).toBeGreaterThanOrEqual(deadline - 1)
    expect(seconds).toBeLessThan(deadline + 10)
  })
})
