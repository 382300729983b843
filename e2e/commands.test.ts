/** The commands that talk to a server, through their own functions: the kill switch, revocation, connection tokens. */
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addFreeze } from '../cli/commands/freeze.ts'
import { addTokens } from '../cli/commands/tokens.ts'
import { startTestServer, type TestServer } from '../testkit/test-server.ts'
import { addIntegration, addOrgApp, connect, DATA, proxied } from './customer.ts'

let server: TestServer
let id: string

beforeAll(async () => {
  server = await startTestServer()
  await addIntegration(server, 'one', addOrgApp(server, 'acme-uat', 'commands'))
  id = await connect(server, 'one')
})
afterAll(() => server?.close())

async function hawser(...words: string[]): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    const program = new Command('hawser').option('--json').option('--server <url>').option('--key <key>')
    addFreeze(program)
    addTokens(program)
    await program.parseAsync(['--server', server.url, '--key', server.apiKey, ...words], { from: 'user' })
    return printed.mock.calls.map(([line]) => String(line)).join('\n')
  } finally {
    printed.mockRestore()
  }
}
const called = async () => (await proxied(server, id, 'one', `${DATA}/limits`)).status

describe('hawser freeze and unfreeze', () => {
  it.each([
    ['the environment', []],
    ['the integration one', ['--integration', 'one']],
    ['the connection', ['--integration', 'one', '--connection']],
  ])('%s', async (what, words) => {
    const of = words.at(-1) === '--connection' ? [...words, id] : words
    expect(await hawser('freeze', ...of, '--reason', 'a laptop was lost')).toMatch(new RegExp(`^Frozen: ${what}.*within a second\\.$`))
    const refused = await proxied(server, id, 'one', `${DATA}/limits`)
    expect([refused.status, await refused.text()]).toEqual([423, expect.stringContaining('a laptop was lost')])
    expect(await hawser('unfreeze', ...of)).toMatch(new RegExp(`^In use again: ${what}`))
    expect(await called()).toBe(200)
  })

  it('what is not there is said in a sentence', async () => {
    await expect(hawser('freeze', '-c', id)).rejects.toThrow('--connection goes with --integration')
    await expect(hawser('freeze', '-i', 'nowhere')).rejects.toThrow('(unknown_provider_config)')
  })
})

describe('hawser tokens', () => {
  it('mints once, lists without the token, revokes one and all', async () => {
    const minted = await hawser('tokens', 'mint', id, '--name', 'browser', '--methods', 'get', '--expires', '5m')
    const token = minted.split('\n')[0]!
    expect(token).toMatch(/^hct_[0-9A-Za-z]{43}$/)
    const listed = await hawser('tokens', 'list', '--connection', id)
    expect(listed).toMatch(/hct_\w{4}….* one \/ .* browser \(GET; until .*\) {2}by .* last used never/)
    expect(listed).not.toContain(token)
    expect(await hawser('tokens', 'revoke', listed.split(' ')[0]!)).toContain('Revoked.')
    const made = JSON.parse(await hawser('--json', 'tokens', 'mint', id, '-i', 'one')) as { id: string; token: string }
    expect(made.token).toMatch(/^hct_/)
    expect(await hawser('tokens', 'revoke', '--connection', id)).toMatch(/: 1\.$/)
    expect(await hawser('tokens')).toBe('No connection token works at the moment.')
  })

  it.each([
    [['mint', 'ID', '--expires', '25h'], /--expires is a duration from 1m to 24h/],
    [['mint', 'ID', '--methods', 'FETCH'], /--methods/],
    [['mint', 'nobody'], /No connection is called "nobody"/],
    [['revoke'], /Say which token by its id/],
    [['revoke', 'x', '--connection', 'ID'], /Say which token by its id/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    await expect(hawser('tokens', ...words.map((word) => (word === 'ID' ? id : word)))).rejects.toThrow(sentence)
  })
})

describe('hawser revoke', () => {
  it('asks for --yes, counts without changing anything, and ends the grants', async () => {
    await expect(hawser('revoke')).rejects.toThrow('Look first with --dry-run')
    expect(await hawser('revoke', '--dry-run')).toBe('Would end 1 grant of 1 connection. Nothing was changed.')
    expect(await hawser('revoke', '--dry-run', '--connection', 'nobody')).toBe('Would end 0 grants of 0 connections. Nothing was changed.')
    expect(await called()).toBe(200)
    expect(await hawser('revoke', '--yes', '-i', 'one')).toMatch(/^Ended 1 grant of 1 connection/)
    expect(await called()).toBe(424)
  })
})
