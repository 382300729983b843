/** The program as people start it: real standard streams, a real port, and the driver of the Salesforce CLI. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { createFakeSf, type FakeSf } from '../../salesforce/fake-sf-for-tests.ts'

const MAIN = new URL('../../main.ts', import.meta.url).pathname
const ACME = ['--name', 'Acme Sync', '--contact-email', 'ops@acme.example', '--callback-url', 'https://hawser.acme.example/oauth/callback']
const TOKEN = '00D000000000123!AQEAQpiped.Token'
let fake: FakeSalesforce
let sf: FakeSf
let folder: string

beforeAll(async () => {
  fake = await startFakeSalesforce({ ports: {} })
  sf = await createFakeSf()
  folder = await mkdtemp(join(tmpdir(), 'hawser-process-'))
  const now = fake.state.clock.now()
  const times = { issuedAt: now, lastUsedAt: now, expiresAt: now + 86_400_000, slidesByMs: 0 }
  const who = { username: 'ann@acme.example.uat', orgKey: 'acme-uat', app: fake.state.apps.get('PlatformCLI')!, consumerKey: 'PlatformCLI' }
  fake.state.accessTokens.set(TOKEN, { value: TOKEN, grantId: 'of the CLI', scope: ['api'], ...who, ...times })
})
afterAll(async () => {
  await fake.close()
  await sf.remove()
  await rm(folder, { recursive: true })
})

async function hawser(words: string[], { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { ...process.env, HAWSER_API_KEY: 'k', ...env },
    timeout: 20_000,
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => void (out += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => void (err += String(chunk)))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { out, err, code }
}

describe('as a process', () => {
  it('takes a piped token for an org on this machine, when told that this is one', async () => {
    const words = ['salesforce', 'app', 'deploy', 'app', ...ACME, '--no-integration', '--instance-url', fake.url('org:acme-uat')]
    const refused = await hawser(words, { input: `${TOKEN}\n` })
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('No token is sent there') })
    const made = await hawser([...words, '--allow-loopback-org'], { input: `${TOKEN}\n` })
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('Deployed "Acme Sync"') })
    expect(made.out + made.err).not.toContain(TOKEN)
    expect(fake.state.apps.get('Acme_Sync')?.callbackUrls).toEqual(['https://hawser.acme.example/oauth/callback'])
  })

  it('says so when nobody answers', async () => {
    const ran = await hawser(['salesforce', 'verify-live', '--instance-url', fake.url('org:acme-uat'), '--allow-loopback-org'])
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('The input ended before the question was answered') })
  })

  it('hands sf no alias that it would take for an option', async () => {
    await sf.answers()
    const ran = await hawser(['salesforce', 'verify-live', '--target-org', '--json'], { env: sf.env })
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringContaining('alias') })
    expect((await sf.calls()).filter(({ args }) => args[0] === 'org')).toEqual([])
  })

  it('hands any other alias on as one argument that no shell reads', async () => {
    const alias = '$(touch owned); `id` "x"'
    await sf.answers({
      to: 'org display',
      exitCode: 1,
      stdout: { status: 1, name: 'NamedOrgNotFoundError', message: 'No authorization found.' },
    })
    const ran = await hawser(['salesforce', 'verify-live', '--target-org', alias], { env: sf.env })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect((await sf.calls()).at(-1)!.args).toContain(alias)
    expect(existsSync(join(folder, 'owned'))).toBe(false)
  })

  it('sends no token to a host that sf was talked into', async () => {
    const display = {
      id: '00D000000000123AAA',
      username: 'ann@acme.example',
      instanceUrl: 'https://evil.example',
      accessToken: TOKEN,
      connectedStatus: 'Connected',
    }
    await sf.answers({ to: 'org display', stdout: { status: 0, result: display } })
    const ran = await hawser(['salesforce', 'verify-live', '--target-org', 'uat'], { env: sf.env })
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('No token is sent there') })
    expect(ran.out + ran.err).not.toContain(TOKEN)
  })
})
