import { Readable } from 'node:stream'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addDoctor } from './doctor.ts'

let fetched = 0

beforeEach(() => {
  fetched = 0
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    fetched += 1
    throw new Error('the explanation needs no server')
  })
})
afterEach(() => {
  process.exitCode = 0
})

async function doctor(...words: string[]): Promise<{ text: string; exitCode: unknown }> {
  process.exitCode = 0
  const printed = vi
    .spyOn(console, 'log')
    .mockImplementation(() => {})
    .mockClear()
  const program = new Command('hawser').option('--json').option('--key <key>').option('--server <url>')
  addDoctor(program)
  await program.parseAsync(['node', 'hawser', ...words])
  return { text: printed.mock.calls.map(([line]) => String(line)).join('\n'), exitCode: process.exitCode }
}

describe('hawser doctor <text>', () => {
  it('says what it is, why, what to do, who, how sure, and where more stands', async () => {
    const { text, exitCode } = await doctor('doctor', 'OAUTH_EC_APP_NOT_FOUND', ':', 'External client app is not installed in this org')
    expect(text).toMatch(/^The external client app is not installed in this org \(external-app-not-installed\)\n {2}Why: {3}A local/)
    for (const part of [
      '  Do:    1. ',
      '\n         2. ',
      '  Who:   you, who build',
      '  Sure:  V, verified',
      'docs/guides/salesforce-errors.md#external-app-not-installed',
    ])
      expect(text).toContain(part)
    expect([exitCode, fetched]).toEqual([0, 0])
  })

  it('prints one value for programs', async () => {
    const { text } = await doctor('--json', 'doctor', '{"error":"invalid_client_id","error_description":"client identifier invalid"}')
    expect(JSON.parse(text)).toMatchObject({ known: true, recognised_as: 'token_answer', diagnosis: { code: 'token-client-id-unknown' } })
  })

  it('says plainly that it does not know, what would help, and fails', async () => {
    const { text, exitCode } = await doctor('doctor', 'it', 'does', 'not', 'work')
    expect(text).toMatch(/^We do not know this error/)
    expect(text).toContain('the whole address from the address bar')
    expect(exitCode).toBe(1)
    expect(JSON.parse((await doctor('--json', 'doctor', 'x')).text)).toEqual({ known: false, recognised_as: null, diagnosis: null })
  })

  it('reads standard input', async () => {
    const input = vi
      .spyOn(process, 'stdin', 'get')
      .mockReturnValue(Readable.from(['OAUTH_APP', '_BLOCKED : this app is blocked by admin\n']) as never)
    expect((await doctor('doctor', '-')).text).toContain('(app-blocked)')
    input.mockRestore()
  })
})

describe('hawser doctor --integration', () => {
  const answer = (data: unknown) =>
    vi
      .spyOn(globalThis, 'fetch')
      .mockResolvedValue(new Response(JSON.stringify({ data }), { headers: { 'content-type': 'application/json' } }))
  const call = ['--server', 'http://localhost:1', '--key', `hws_dev_${'k'.repeat(43)}`, 'doctor', '--integration', 'uat']

  it('prints every check, and what to do about those that failed', async () => {
    const diagnosis = { title: 'The callback address is not one of the app’s', fix: ['Copy it.'] }
    const asked = answer({
      ok: false,
      host: 'test.salesforce.com',
      pkce_required: null,
      checks: [
        { name: 'client_id', result: 'ok', diagnosis: null },
        { name: 'callback_url', result: 'failed', diagnosis },
        { name: 'pkce', result: 'unknown', diagnosis: null },
        { name: 'scopes', result: 'unknown', diagnosis: null },
      ],
    })
    const { text, exitCode } = await doctor(...call, '--hostname', 'acme--uat')
    expect(text).toMatch(
      /^Asked test\.salesforce\.com:\nok {4}Client id\nFAIL {2}Callback {3}The callback address is not one of the app’s\n *→ Copy it\.\n/,
    )
    expect(text).toContain('?     PKCE       whether the app requires it could not be seen')
    expect(exitCode).toBe(1)
    const [url, init] = asked.mock.calls[0] as [string | URL, RequestInit]
    expect(String(url)).toBe('http://localhost:1/integrations/uat/probe')
    expect(init.body).toBe('{"hostname":"acme--uat"}')
  })

  it('is content with a good one', async () => {
    answer({ ok: true, host: 'test.salesforce.com', pkce_required: true, checks: [{ name: 'pkce', result: 'ok', diagnosis: null }] })
    const { text, exitCode } = await doctor(...call)
    expect(text).toContain('ok    PKCE       the app requires it\nA user can sign in.')
    expect(exitCode).toBe(0)
  })

  it('takes --hostname only with an integration', async () => {
    await expect(doctor('doctor', '--hostname', 'acme')).rejects.toThrow('--integration')
  })
})
