/** security 9: a sign-in can be finished once, in time, and only in the browser that began it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { createApiClient, type ListedConnection } from './api-client.ts'
import { addIntegration, addOrgApp, connectUrl, openSession, resultOf } from './customer.ts'

const INTEGRATION = 'abused'
let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, INTEGRATION, addOrgApp(server, 'acme-uat', 'abused'))
})
afterAll(() => server?.close())

const connectionsOf = async (endUser: string): Promise<number> => {
  const list = await createApiClient(server.url, server.apiKey).get<{ connections: ListedConnection[] }>(
    `/connections?endUserId=${endUser}`,
  )
  return list.body.connections.length
}

/** Goes as far as the provider's consent; returns the browser, and the callback that it was sent to but has not opened. */
async function upToTheCallback(endUser: string) {
  const token = await openSession(server, INTEGRATION, { endUser })
  const browser = server.browser()
  let page = await browser.open(connectUrl(server, INTEGRATION, token), { follow: false })
  for (let hops = 0; hops < 5; hops++) {
    const next = new URL(String(page.headers['location']), page.url).href
    if (next.startsWith(server.url)) return { token, browser, callback: next }
    page = await browser.open(next, { follow: false })
  }
  throw new Error('the provider did not send the browser back')
}

describe('a callback', () => {
  it('works once', async () => {
    const { token, browser, callback } = await upToTheCallback('once')
    expect((await browser.open(callback)).status).toBe(200)
    const again = await browser.open(callback)
    expect(again.status).toBe(400)
    expect(await resultOf(server, token)).toMatchObject({ outcome: 'success' })
    expect(await connectionsOf('once')).toBe(1)
  })

  it('opened twenty times at once makes one connection', async () => {
    const { browser, callback } = await upToTheCallback('at-once')
    const pages = await Promise.all(Array.from({ length: 20 }, () => browser.open(callback)))
    expect(pages.filter((page) => page.status === 200)).toHaveLength(1)
    expect(await connectionsOf('at-once')).toBe(1)
  })

  it('does not work in another browser', async () => {
    const { callback } = await upToTheCallback('victim')
    const exchanges = server.fake.log.counts['token:authorization_code'] ?? 0
    const page = await server.browser().open(callback)
    expect(page.status).toBe(400)
    expect(page.text).toContain('browser')
    expect(server.fake.log.counts['token:authorization_code'] ?? 0).toBe(exchanges)
    expect(await connectionsOf('victim')).toBe(0)
  })

  it('does not work with another state or code', async () => {
    const { browser, callback } = await upToTheCallback('changed')
    const state = new URL(callback)
    state.searchParams.set('state', 'A'.repeat(43))
    expect((await browser.open(state.href)).status).toBe(400)
    const code = new URL(callback)
    code.searchParams.set('code', 'aPrxforged==')
    expect((await browser.open(code.href)).status).toBe(400)
    expect(await connectionsOf('changed')).toBe(0)
  })

  it('comes too late after 16 minutes', async () => {
    const { browser, callback } = await upToTheCallback('late')
    server.clock.advance(16 * 60_000)
    const page = await browser.open(callback)
    expect(page.status).toBe(400)
    expect(await connectionsOf('late')).toBe(0)
  })
})

describe('a connect link', () => {
  it('ends after 30 minutes', async () => {
    const token = await openSession(server, INTEGRATION, { endUser: 'slow' })
    server.clock.advance(31 * 60_000)
    const page = await server.browser().open(connectUrl(server, INTEGRATION, token), { follow: false })
    expect(page.status).toBe(401)
    expect((await createApiClient(server.url, token).get('/connect/session')).status).toBe(401)
  })
})
