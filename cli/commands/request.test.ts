import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addRequest } from './request.ts'

interface Seen {
  path: string
  headers: Record<string, string>
}
let seen: Seen[]
/** What `GET /connections` answers, by its query. */
let list: (query: URLSearchParams) => Response

beforeEach(() => {
  seen = []
  vi.stubGlobal('fetch', async (input: string, init: { headers: Headers }) => {
    const url = new URL(input)
    seen.push({ path: url.pathname, headers: Object.fromEntries(init.headers) })
    return url.pathname === '/connections' ? list(url.searchParams) : Response.json({ called: true })
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const one = (id: string) => ({ connection_id: id, provider_config_key: 'salesforce' })
const connections = (...found: unknown[]) => Response.json({ connections: found })
const forbidden = () => Response.json({ error: { code: 'forbidden', message: 'Insufficient scope.' } }, { status: 403 })

async function request(...words: string[]): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  const program = new Command('hawser').option('--json').option('--server <url>').option('--key <key>')
  addRequest(program)
  await program.parseAsync(['--server', 'http://localhost:3003', '--key', 'k', 'request', ...words], { from: 'user' })
  return String(printed.mock.calls[0]?.[0])
}

const called = () => seen.at(-1)!.headers

describe('hawser request', () => {
  it('finds the connection by its id', async () => {
    list = (query) => (query.get('connectionId') === 'c-1' ? connections(one('c-1')) : connections())
    expect(await request('c-1', '/x')).toContain('"called": true')
    expect(called()).toMatchObject({ 'connection-id': 'c-1', 'provider-config-key': 'salesforce' })
  })

  it("finds a user's only connection", async () => {
    list = (query) => (query.get('endUserId') === 'user-1' ? connections(one('c-2')) : connections())
    await request('user-1', '/x')
    expect(called()).toMatchObject({ 'connection-id': 'c-2' })
  })

  it.each([
    [[], /No connection is called "user-1"/],
    [[one('c-1'), one('c-2')], /several connections: salesforce \/ c-1, salesforce \/ c-2/],
  ])('refuses what does not name one: %j', async (found, sentence) => {
    list = (query) => (query.has('endUserId') ? connections(...found) : connections())
    await expect(request('user-1', '/x')).rejects.toThrow(sentence)
  })

  it('needs no right to look up where both names are given', async () => {
    list = forbidden
    await request('c-1', '/x', '--integration', 'salesforce')
    expect(called()).toMatchObject({ 'connection-id': 'c-1', 'provider-config-key': 'salesforce' })
    await expect(request('c-1', '/x')).rejects.toThrow('Insufficient scope.')
  })

  it.each([
    [['c-1', '/x', '-X', 'OPTIONS'], /--method is one of/],
    [['c-1', '/x', '-d', '{bad'], /--data is not JSON/],
    [['c-1', '/../environment'], /must not lead out of the provider’s API/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    list = () => connections(one('c-1'))
    await expect(request(...words)).rejects.toThrow(
      expect.objectContaining({ name: 'CommandFailure', message: expect.stringMatching(sentence) }),
    )
  })
})

it.each(['localhost:3003', 'nonsense', 'ftp://x'])('an address that is none is refused in a sentence: %s', async (server) => {
  const program = new Command('hawser').option('--server <url>').option('--key <key>')
  addRequest(program)
  await expect(program.parseAsync(['--server', server, '--key', 'k', 'request', 'c-1', '/x'], { from: 'user' })).rejects.toThrow(
    'is no address of a server',
  )
})
