import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '@hawser/fake-salesforce/state.ts'
import { Hawser } from '@hawser/node'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

const KEY = 'salesforce-sandbox'
let rig: Rig
let client: Hawser
let connection: string
beforeAll(async () => {
  rig = await startRig()
  rig.server.fake.set('orgs.acme-uat.ecaSecretRest', true)
  const made = await rig.run(
    ...[
      'salesforce',
      'app',
      'deploy',
      join(rig.folder, 'app'),
      '--target-org',
      'uat',
      '--name',
      'Acme Sync',
      '--contact-email',
      'ops@acme.example',
    ],
    ...['--hardened'],
  )
  expect(made.failed, made.err).toBe(false)
  client = new Hawser({ host: rig.server.url, apiKey: rig.server.apiKey })
  connection = await signedIn('user-1')
})
afterAll(() => rig.close())
beforeEach(() => void (rig.world.say = () => {}))

async function signedIn(user: string): Promise<string> {
  const session = await client.createConnectSession({ end_user: { id: user }, allowed_integrations: [KEY] })
  const browser = rig.server.browser()
  await browser.open(`${rig.server.url}/oauth/connect/${KEY}?${new URLSearchParams({ connect_session_token: session.token })}`)
  await browser.close()
  const { result } = await client.getConnectSession(session.token)
  if (result?.outcome !== 'success') throw new Error(JSON.stringify(result))
  return result.connection_id
}

const app = (): App => rig.server.fake.state.apps.get('Acme_Sync')!
const orgKey = () => app().consumers.find(({ state }) => state === 'Active')!.key
const rotate = (...more: string[]): Promise<Ran> =>
  rig.run('salesforce', 'app', 'rotate-secret', '--target-org', 'uat', '--integration', KEY, ...more)

/** A call with a token that was just refreshed: whichever credentials Hawser signs with have to work. */
async function expectWorking(): Promise<void> {
  await client.getConnection(KEY, connection, { forceRefresh: true })
  const { data } = await client.get({
    integration: KEY,
    connection,
    path: '/services/data/v65.0/query',
    params: { q: 'SELECT Id FROM Account LIMIT 1' },
  })
  expect(data).toMatchObject({ totalSize: 1 })
}

async function expectRotated(before: string): Promise<void> {
  expect(orgKey()).not.toBe(before)
  expect((await client.listIntegrationClients(KEY)).map(({ client_id, state }) => ({ client_id, state }))).toEqual([
    { client_id: orgKey(), state: 'active' },
  ])
  await expectWorking()
}

const STEPS = [
  'stage',
  'keep staged in Hawser',
  'promote in the org',
  'promote in Hawser',
  'confirm by a refresh',
  'forget the old',
  'done',
] as const

describe('hawser salesforce app rotate-secret', () => {
  it('shows the plan, and changes nothing', async () => {
    const before = orgKey()
    const ran = await rotate('--dry-run', '--json')
    expect(ran.json()).toEqual({ app: 'Acme_Sync', plan: STEPS })
    expect(orgKey()).toBe(before)
    expect(app().consumers).toHaveLength(1)
    expect(await client.listIntegrationClients(KEY)).toHaveLength(1)
  })

  it('replaces key and secret on both sides, step by step, and shows neither', async () => {
    const before = orgKey()
    const ran = await rotate('--json')
    expect(ran.failed, ran.err).toBe(false)
    expect((ran.json()['steps'] as { step: string }[]).map(({ step }) => step)).toEqual(STEPS)
    await expectRotated(before)
    for (const { secret, key } of app().consumers) for (const hidden of [secret, key]) expect(`${ran.out}${ran.err}`).not.toContain(hidden)
  })

  it('does nothing while the last rotation is young, unless told', async () => {
    const before = orgKey()
    expect((await rotate()).out).toContain('--again')
    expect(orgKey()).toBe(before)
    expect((await rotate('--again')).failed).toBe(false)
    await expectRotated(before)
  })

  it.each(STEPS)('killed after "%s", it goes on where it stopped, and no request fails', async (last) => {
    const before = orgKey()
    rig.world.say = (line) => {
      if (line.startsWith(`  ${last}: `)) throw new Error('killed')
    }
    const killed = await rotate('--again')
    expect(killed.err).toContain('killed')
    rig.world.say = () => {}
    await expectWorking()
    const resumed = await rotate()
    expect(resumed.failed, resumed.err).toBe(false)
    await expectRotated(before)
  })

  it.each(['staged/', 'staged'])('goes on after the org failed at %s', async (part) => {
    const before = orgKey()
    const { fetch } = rig.world
    let failures = 0
    rig.world.fetch = async (input, init) => {
      const answer = await fetch(input, init)
      // The request was carried out, and its answer is lost.
      if (!String(input).includes(part) || (init?.method ?? 'GET') === 'GET' || failures++ > 0) return answer
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })
    }
    const broken = await rotate('--again')
    rig.world.fetch = fetch
    expect(broken.err).toContain('cannot be reached (ECONNRESET)')
    await expectWorking()
    expect((await rotate()).failed).toBe(false)
    await expectRotated(before)
  })

  it('fails no request that comes meanwhile', async () => {
    const before = orgKey()
    let over = false
    let served = 0
    const traffic = (async () => {
      for (; !over && served < 500; served++) await expectWorking()
    })()
    const ran = await rotate('--again')
    over = true
    await traffic
    expect(ran.failed, ran.err).toBe(false)
    expect(served).toBeGreaterThan(2)
    await expectRotated(before)
  })

  it('takes over what somebody promoted in Setup', async () => {
    const before = orgKey()
    rig.server.fake.stageConsumer('Acme_Sync')
    rig.server.fake.promoteConsumer('Acme_Sync')
    await expectWorking()
    expect((await rotate()).failed).toBe(false)
    await expectRotated(before)
  })

  it('keeps both when no refresh confirms, and ends later', async () => {
    const before = orgKey()
    rig.world.say = (line) => {
      if (line.startsWith('  promote in Hawser: ')) rig.server.fake.set('knobs.faultsApplyTo', 'token')
      if (line.startsWith('  promote in Hawser: ')) rig.server.fake.set('knobs.fail503Times', 50)
    }
    const stopped = await rotate('--again')
    rig.server.fake.set('knobs.fail503Times', 0)
    rig.server.fake.set('knobs.faultsApplyTo', 'all')
    expect(stopped.err).toMatch(/could not be refreshed. Both sets of credentials are kept/)
    expect(await client.listIntegrationClients(KEY)).toHaveLength(2)
    rig.server.clock.advance(5 * 60_000)
    expect((await rotate()).failed).toBe(false)
    await expectRotated(before)
  })

  it('says what to switch on where the org hides its secrets', async () => {
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', false)
    const ran = await rotate()
    rig.server.fake.set('orgs.acme-uat.ecaSecretRest', true)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(/allow access to consumer secrets via REST API.*Or rotate by hand/s)
  })

  it.each<[string[], RegExp]>([
    [['--integration', 'nowhere'], /not_found|No integration|Nothing is here/],
    [['--app', 'No_Such_App'], /has no External Client App No_Such_App/],
    [['--app', "x' OR Name != '"], /is no API name/],
    [['--canary', 'nobody', '--again'], /has no connection "nobody"/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    const ran = await rotate(...words)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(sentence)
    expect((await rotate()).failed).toBe(false)
    await expectWorking()
  })
})
