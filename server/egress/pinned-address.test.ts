import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addressAllowed } from './addresses.ts'
import type { EgressOptions } from './dispatcher.ts'
import { createEgress } from './dispatcher.ts'

// No test may call the internet, so here 127.0.0.1 plays the public address, and everything else is private.
vi.mock('./addresses.ts', () => ({ addressAllowed: vi.fn<(ip: string) => boolean>((ip) => ip === '127.0.0.1') }))

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

const connections = vi.fn<() => void>()
let port: number
beforeEach(async () => {
  vi.mocked(addressAllowed).mockImplementation((ip) => ip === '127.0.0.1')
  connections.mockClear()
  const server = createServer((asked, response) => void response.end(asked.headers.host)).on('connection', connections)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  toClose.push(() => (server.closeAllConnections(), server.close()))
  port = (server.address() as AddressInfo).port
})

const get = async (options: Partial<EgressOptions>): Promise<string> => {
  const egress = createEgress({ trustedHosts: [], extraAllowedPorts: [port], connectTimeoutMs: 2_000, ...options })
  toClose.push(() => egress.close(0))
  return (await request(`http://rebind.example:${port}/`, { dispatcher: egress.dispatcher })).body.text()
}

const refused = expect.objectContaining({ code: 'ERR_EGRESS_REFUSED', reason: 'address' })

describe('17. the checked address', () => {
  it('is the one that is connected to, with the name kept for the server', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2']]
    const resolve = vi.fn<(hostname: string) => Promise<string[]>>(async () => answers.shift()!)
    expect(await get({ resolve })).toBe(`rebind.example:${port}`)
    expect(resolve.mock.calls).toEqual([['rebind.example']]) // nobody asks again between check and connect
    await expect(get({ resolve })).rejects.toThrow(refused)
  })

  it('is pinned also where Node tries one family only', async () => {
    const before = getDefaultAutoSelectFamily()
    setDefaultAutoSelectFamily(false)
    toClose.push(() => setDefaultAutoSelectFamily(before))
    expect(await get({ resolve: async () => ['127.0.0.1'] })).toBe(`rebind.example:${port}`)
    await expect(get({ resolve: async () => ['127.0.0.2'] })).rejects.toThrow(refused)
  })

  it('is every address of the name', async () => {
    await expect(get({ resolve: async () => ['127.0.0.1', '127.0.0.2'] })).rejects.toThrow(refused)
    await expect(get({ resolve: async () => ['127.0.0.2', '127.0.0.1'] })).rejects.toThrow(refused)
    expect(connections).not.toHaveBeenCalled()
  })

  it('is checked on the socket again: whatever led elsewhere, no request is sent', async () => {
    vi.mocked(addressAllowed).mockReturnValueOnce(true).mockReturnValueOnce(false)
    await expect(get({ resolve: async () => ['127.0.0.1'] })).rejects.toThrow(refused)
    expect(connections).toHaveBeenCalledTimes(1)
    expect(addressAllowed).toHaveBeenLastCalledWith('127.0.0.1')
  })
})
