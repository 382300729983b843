import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FakeSalesforce, FakeSalesforceOptions } from '../fake-salesforce.ts'
import { acmeSync, deployed } from '../metadata/app-files-fixture.ts'
import { startFakeSalesforce } from '../start.ts'
import { appOf, askToAuthorize, CALLBACK, connect, data, refresh, STOPPED_CLOCK, type Flow } from '../testing/browser.ts'

const PRACTICE: Flow = { at: 'org:practice', app: 'hawser_practice' }
const CREDENTIALS = { consumerKey: 'practice-key', consumerSecret: 'practice-secret' }
const AS_REGISTERED: Flow = { ...PRACTICE, form: { client_id: 'practice-key', client_secret: 'practice-secret' } }
const MINUTE = 60_000

let folder: string
let stateFile: string
let fake: FakeSalesforce
const warnings: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'practice-'))
  stateFile = join(folder, 'practice-org.json')
  warnings.length = 0
})

afterEach(async () => {
  vi.useRealTimers()
  await fake.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: FakeSalesforceOptions = {}): Promise<FakeSalesforce> {
  fake = await startFakeSalesforce({
    seed: 'practice',
    approval: 'automatic',
    callbackUrls: [CALLBACK],
    clock: STOPPED_CLOCK,
    ...options,
    practice: { ...CREDENTIALS, stateFile, onWarning: (line) => warnings.push(line), ...options.practice },
  })
  return fake
}

async function restart(options: FakeSalesforceOptions = {}): Promise<FakeSalesforce> {
  await fake.close()
  return start(options)
}

/** The status of a data call with these tokens at the address of now. */
async function call(tokens: Record<string, string>): Promise<number> {
  return (await data(fake, { ...tokens, instance_url: fake.url('org:practice') }, '/query?q=SELECT+Name+FROM+Account')).status
}

const renewed = (token: string | undefined, flow: Flow = AS_REGISTERED) => refresh(fake, token ?? '', flow)

describe('what outlives a restart', () => {
  it('is a connection: its access token, and its refresh token, whose answer names the address of now', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    await restart()
    expect(await call(tokens)).toBe(200)
    const answer = await renewed(tokens['refresh_token'])
    expect(answer.status).toBe(200)
    expect(answer.json.instance_url).toBe(`http://localhost:${fake.port}`)
    expect(answer.json.id.replace(/^https?:\/\/[^/]+/, '')).toBe(new URL(tokens['id'] ?? '').pathname)
    expect(await call(answer.json)).toBe(200)
    expect(warnings).toEqual([])
  })

  it('is every record, made, changed or deleted, and the calls that count against the limit', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    const { id } = (await data(fake, tokens, '/sobjects/Account', { json: { Name: 'Tideway Rope' } })).json
    const version = await data(fake, tokens, '/sobjects/ContentVersion', {
      json: { Title: 'a', PathOnClient: 'a.txt', VersionData: Buffer.from('rope').toString('base64') },
    })
    const { used } = fake.state.orgs.get('practice')?.limits ?? { used: 0 }
    expect(used).toBeGreaterThan(0)
    await restart()
    expect(fake.state.orgs.get('practice')?.limits.used).toBe(used)
    const now = { ...tokens, instance_url: fake.url('org:practice') }
    expect((await data(fake, now, `/sobjects/Account/${id}`)).json.Name).toBe('Tideway Rope')
    expect((await data(fake, now, `/sobjects/ContentVersion/${version.json.id}/VersionData`)).text).toBe('rope')
    expect((await data(fake, now, `/sobjects/Account/${id}`, { method: 'DELETE' })).status).toBe(204)
    await restart()
    now.instance_url = fake.url('org:practice')
    expect((await data(fake, now, `/sobjects/Account/${id}`)).status).toBe(404)
    expect((await data(fake, now, '/query?q=SELECT+COUNT()+FROM+Account')).json.totalSize).toBe(5)
  })

  it('is the rotation: a token that was replaced before kills the family afterwards', async () => {
    await start()
    const first = (await connect(fake, PRACTICE))['refresh_token']
    const second = (await renewed(first)).json.refresh_token
    await restart()
    const third = await renewed(second)
    expect([third.status, third.json.refresh_token === second]).toEqual([200, false])
    await restart()
    expect((await renewed(first)).json.error_description).toBe('expired access/refresh token')
    expect((await renewed(third.json.refresh_token)).status).toBe(400)
  })

  it('is the end of a session, by the clock and by what moved the clock', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    fake.advance(100 * MINUTE)
    await restart()
    expect(fake.state.clock.now()).toBe(STOPPED_CLOCK.now() + 100 * MINUTE)
    fake.advance(20 * MINUTE)
    expect(await call(tokens)).toBe(401)
    const { json } = await renewed(tokens['refresh_token'])
    await restart({ clock: { now: () => STOPPED_CLOCK.now() + 119 * MINUTE } })
    expect(await call(json)).toBe(200)
    await restart({ clock: { now: () => STOPPED_CLOCK.now() + 240 * MINUTE } })
    expect(await call(json)).toBe(401)
  })

  it('is an app that was deployed, with its staged credentials', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    await deployed(fake, tokens, acmeSync())
    const staged = fake.stageConsumer('Acme_Sync')
    await restart()
    expect(warnings).toEqual([])
    expect(fake.state.apps.get('Acme_Sync')).toMatchObject({
      scopes: ['api', 'refresh_token'],
      consumers: [{}, { key: staged.key, state: 'Staged' }],
    })
    await connect(fake, { at: 'org:practice', app: 'Acme_Sync' })
  })

  it('is what was broken, until it is repaired', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    fake.breakPractice('secret')
    await restart()
    expect((await renewed(tokens['refresh_token'])).json.error_description).toBe('invalid client credentials')
    fake.breakPractice('repair')
    fake.breakPractice('outage')
    await restart()
    expect((await renewed(tokens['refresh_token'])).status).toBe(503)
    fake.breakPractice('sandbox-refresh')
    const orgId = fake.state.orgs.get('practice')?.orgId
    await restart()
    expect([fake.state.apps.size, fake.state.orgs.get('practice')?.orgId]).toEqual([0, orgId])
    fake.breakPractice('repair')
    await restart()
    expect((await renewed(tokens['refresh_token'])).status).toBe(400)
    expect(await call(await connect(fake, AS_REGISTERED))).toBe(200)
  })

  it('is how many ids and random bytes were given out: with a random seed too, none comes twice', async () => {
    const seen: string[] = []
    for (let run = 0; run < 3; run++) {
      await start({ randomSeed: 'practice' })
      const tokens = await connect(fake, PRACTICE)
      const { json } = await renewed(tokens['refresh_token'])
      const [row] = fake.addRecords('practice', 'Account', [{ Name: 'One' }])
      seen.push(...[tokens, json].flatMap((one) => [one.access_token, one.refresh_token]), row?.Id ?? '', fake.controlToken)
      await fake.close()
    }
    expect(seen).toHaveLength(18)
    expect(new Set(seen).size).toBe(18)
  })
})

describe('options', () => {
  it('win where they differ from those of the run before', async () => {
    await start()
    const tokens = await connect(fake, PRACTICE)
    const other = { consumerKey: 'other-key', consumerSecret: 'other-secret' }
    await restart({ callbackUrls: ['http://localhost:4003/oauth/callback'], practice: other })
    expect(fake.practice).toEqual({ ...other, callbackUrls: ['http://localhost:4003/oauth/callback'] })
    expect((await renewed(tokens['refresh_token'])).json.error_description).toBe('client identifier invalid')
    expect((await renewed(tokens['refresh_token'], PRACTICE)).status).toBe(200)
    expect((await askToAuthorize(fake, PRACTICE)).text).toContain('redirect_uri_mismatch')
    expect(appOf(fake, 'hawser_practice')).toMatchObject({ key: 'other-key', secret: 'other-secret' })
  })

  it('that are not given are as before', async () => {
    const unnamed = { stateFile }
    fake = await startFakeSalesforce({ seed: 'practice', practice: unnamed })
    const { practice } = fake
    await fake.close()
    fake = await startFakeSalesforce({ seed: 'practice', practice: unnamed })
    expect(fake.practice).toEqual(practice)
    expect(appOf(fake, 'hawser_practice')).toMatchObject({ key: practice?.consumerKey, secret: practice?.consumerSecret })
  })
})

const stored = (): Record<string, unknown> => JSON.parse(readFileSync(stateFile, 'utf8')) as Record<string, unknown>

describe('a file that cannot be used', () => {
  const damages: [string, () => string, string][] = [
    ['cut off', () => readFileSync(stateFile, 'utf8').slice(0, -40), 'it is not JSON'],
    ['empty', () => '', 'it is not JSON'],
    ['of another version', () => JSON.stringify({ ...stored(), version: 2 }), 'another version of Hawser wrote it'],
    ['something else', () => '{"name":"hawser"}', 'it is something else'],
    ['a list', () => '[]', 'it is something else'],
    ['without records', () => JSON.stringify({ ...stored(), rows: undefined }), 'it is damaged'],
    ['without the app of an approval', () => JSON.stringify({ ...stored(), apps: [] }), 'it is damaged'],
    ['with a wrong counter', () => JSON.stringify({ ...stored(), clockOffsetMs: -1 }), 'it is damaged'],
  ]
  it.each(damages)('%s, is set aside with one line', async (_name, damaged, reason) => {
    await start()
    await connect(fake, PRACTICE)
    await fake.close()
    const text = damaged()
    writeFileSync(stateFile, text)
    await start()
    expect(warnings).toEqual([
      `The practice org starts anew: its file ${stateFile} cannot be used (${reason}) and is now ${stateFile}.set-aside. Reconnect what was connected.`,
    ])
    expect(readFileSync(`${stateFile}.set-aside`, 'utf8')).toBe(text)
    const tokens = await connect(fake, PRACTICE)
    await restart()
    expect(await call(tokens)).toBe(200)
    expect(warnings).toHaveLength(1)
  })

  it('nor renamed, is left alone', async () => {
    writeFileSync(join(folder, 'file'), 'mine')
    await start({ practice: { stateFile: join(folder, 'file', 'practice-org.json') } })
    expect(await call(await connect(fake, PRACTICE))).toBe(200)
    await fake.close()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/^The practice org starts anew and will not be remembered: .* \(it cannot be read\), nor renamed\.$/)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine')
  })

  it('with anything in any of its places, either serves or is set aside', async () => {
    await start()
    await connect(fake, PRACTICE)
    await fake.close()
    const whole = stored()
    const place = fc.constantFrom(...Object.keys(whole))
    await fc.assert(
      fc.asyncProperty(place, fc.jsonValue(), async (name, value) => {
        writeFileSync(stateFile, JSON.stringify({ ...whole, [name]: value }))
        warnings.length = 0
        await start()
        const aside = existsSync(`${stateFile}.set-aside`)
        rmSync(`${stateFile}.set-aside`, { force: true })
        expect(warnings).toHaveLength(aside ? 1 : 0)
        expect(await connect(fake, AS_REGISTERED)).toHaveProperty('refresh_token')
        await fake.close()
      }),
      { numRuns: 25 },
    )
  })
})

describe('writing', () => {
  it('happens once for many changes, 100 ms after the first, for the owner only', async () => {
    await start()
    await fake.close()
    rmSync(stateFile)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    await start()
    vi.advanceTimersByTime(99)
    fake.addRecords('practice', 'Account', [{ Name: 'Tideway Rope' }])
    expect(readdirSync(folder)).toEqual([])
    vi.advanceTimersByTime(1)
    expect(readdirSync(folder)).toEqual(['practice-org.json'])
    expect(readFileSync(stateFile, 'utf8')).toContain('Tideway Rope')
    expect(statSync(stateFile).mode & 0o777).toBe(0o600)
    expect(vi.getTimerCount()).toBe(0)
    const { ino } = statSync(stateFile)
    fake.set('knobs.pageSize', 7)
    fake.set('knobs.pageSize', 8)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(100)
    expect([stored()['knobs'], statSync(stateFile).ino === ino]).toEqual([expect.objectContaining({ pageSize: 8 }), false])
  })

  it('follows a request, and does not wait for the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    await start()
    vi.advanceTimersByTime(100)
    expect(stored()['grants']).toEqual([])
    const tokens = await connect(fake, PRACTICE)
    vi.advanceTimersByTime(100)
    expect(stored()['grants']).toEqual([expect.objectContaining({ refreshToken: tokens['refresh_token'] })])
    fake.breakPractice('user-inactive')
    vi.advanceTimersByTime(100)
    expect(stored()['users']).toEqual([expect.objectContaining({ active: false })])
  })

  it('that fails is told once, and the org goes on', async () => {
    mkdirSync(`${stateFile}.tmp`)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    await start()
    await connect(fake, PRACTICE)
    vi.advanceTimersByTime(100)
    expect(warnings).toHaveLength(1)
    fake.breakPractice('session')
    vi.advanceTimersByTime(100)
    await fake.close()
    await fake.close()
    expect(warnings).toEqual([expect.stringMatching(/^The practice org cannot write .*practice-org\.json \(\w+\): after a restart/)])
    expect(existsSync(stateFile)).toBe(false)
  })

  it('does not happen when the port is taken, nor without the option', async () => {
    await start()
    const file = { ...CREDENTIALS, stateFile: join(folder, 'second.json') }
    await expect(startFakeSalesforce({ seed: 'practice', port: fake.port ?? 0, practice: file })).rejects.toThrow('EADDRINUSE')
    await fake.close()
    const plain = await startFakeSalesforce({ seed: 'practice', practice: CREDENTIALS })
    await plain.close()
    expect(readdirSync(folder)).toEqual(['practice-org.json'])
  })
})
