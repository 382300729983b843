import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MandateRow } from '@hawser/salesforce/eca/mandate-report.ts'
import { Hawser } from '@hawser/node'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

const KEY = 'salesforce-sandbox'
let rig: Rig
let folder: string
let client: Hawser
beforeAll(async () => {
  rig = await startRig()
  folder = join(rig.folder, 'app')
  rig.server.fake.set('orgs.acme-uat.ecaSecretRest', true)
  client = new Hawser({ host: rig.server.url, apiKey: rig.server.apiKey })
  const made = await rig.run(
    ...['salesforce', 'app', 'deploy', folder, '--target-org', 'uat', '--name', 'Acme Sync', '--contact-email', 'ops@acme.example'],
    ...['--partner-mandate', '--token-ip-range', '203.0.113.1-203.0.113.20'],
  )
  expect(made.failed, made.err).toBe(false)
})
afterAll(() => rig.close())

const check = (...more: string[]): Promise<Ran> => rig.run('salesforce', 'app', 'check', '--integration', KEY, ...more)
const rowsOf = (ran: Ran) => ran.json()['rows'] as MandateRow[]
const row = (ran: Ran, control: string) => rowsOf(ran).find((one) => one.control === control)
const tokenRequests = () => rig.server.fake.log.entries.filter(({ path }) => path.includes('/oauth2/token')).length

describe('hawser salesforce app check', () => {
  it('compares the files with the org and its sign-in page', async () => {
    const ran = await check(folder, '--target-org', 'uat', '--strict', '--json')
    expect(ran.failed, ran.err).toBe(false)
    expect(row(ran, 'PKCE')).toMatchObject({ required: 'on', deployed: 'on', observed: 'on', verdict: 'met' })
    expect(row(ran, 'Refresh token rotation')).toMatchObject({ deployed: 'on', observed: 'unknown', verdict: 'met' })
    expect(row(ran, '30-day idle limit')).toMatchObject({ deployed: 'on', observed: 'unknown' })
    expect(row(ran, 'IP allowlist')).toMatchObject({ deployed: 'on', observed: 'unknown' })
    expect(row(ran, 'Refresh tokens outlive the session')).toMatchObject({ deployed: 'on', observed: 'on' })
    expect(row(ran, 'Distribution is local')).toMatchObject({ observed: 'on' })
  })

  it('says what cannot be told from outside alone, and fails when strict', async () => {
    const ran = await check('--strict')
    expect(ran.failed).toBe(true)
    expect(ran.out).toMatch(/PKCE +required +files: unknown +seen: on +met/)
    expect(ran.out).toMatch(/Refresh token rotation .*cannot tell/)
    expect(ran.out).toContain('--refresh-once refreshes one connection')
  })

  it('without --refresh-once no token request is made', async () => {
    const before = tokenRequests()
    await check(folder, '--target-org', 'uat')
    expect(tokenRequests()).toBe(before)
  })

  it('sees a contradiction', async () => {
    rig.server.fake.set('apps.Acme_Sync.flags.pkceRequired', false)
    rig.server.fake.set('apps.Acme_Sync.policy.rtPolicy', 'Zero')
    const ran = await check(folder, '--target-org', 'uat', '--json')
    rig.server.fake.set('apps.Acme_Sync.flags.pkceRequired', true)
    rig.server.fake.set('apps.Acme_Sync.policy.rtPolicy', 'Infinite')
    expect(row(ran, 'PKCE')).toMatchObject({ deployed: 'on', observed: 'off', verdict: 'contradiction' })
    expect(row(ran, 'Refresh tokens outlive the session')).toMatchObject({ verdict: 'contradiction' })
  })

  it('refreshes exactly one connection when asked to, and shows no token', async () => {
    expect((await check('--refresh-once')).out).toContain('No connection works')
    const session = await client.createConnectSession({ end_user: { id: 'user-1' }, allowed_integrations: [KEY] })
    const browser = rig.server.browser()
    await browser.open(`${rig.server.url}/oauth/connect/${KEY}?${new URLSearchParams({ connect_session_token: session.token })}`)
    await browser.close()
    const before = tokenRequests()
    const ran = await check('--refresh-once', '--json')
    expect(tokenRequests() - before).toBe(1)
    expect(row(ran, 'Refresh token rotation')).toMatchObject({ observed: 'on', verdict: 'met' })
    const [{ connection_id: id } = { connection_id: '' }] = await client.listConnections()
    rig.server.fake.set('apps.Acme_Sync.flags.rotation', false)
    const still = await check('--refresh-once', id, '--json')
    rig.server.fake.set('apps.Acme_Sync.flags.rotation', true)
    expect(row(still, 'Refresh token rotation')).toMatchObject({ observed: 'off', verdict: 'not met' })
    for (const grant of rig.server.fake.state.grants.values())
      for (const token of [grant.refreshToken, ...grant.previous])
        if (token) expect(`${ran.out}${ran.err}${still.out}${still.err}`).not.toContain(token)
  })

  it.each<[string[], RegExp]>([
    [['--refresh-once', 'nobody'], /has no connection "nobody"/],
    [['--target-org', 'prod'], /No External Client App of prod has the key/],
    [['/nowhere'], /There is no folder/],
  ])('%j is refused in a sentence', async (words, sentence) => {
    rig.server.fake.set('orgs.acme.ecaSecretRest', true)
    const ran = await check(...words)
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(sentence)
  })
})

describe('hawser salesforce app package', () => {
  const pack = (url: string, ...more: string[]) =>
    rig.run('salesforce', 'app', 'package', '--integration', KEY, '--install-url', url, ...more)
  const installUrl = async () => ((await client.getIntegration(KEY)) as unknown as { install_url: string | null }).install_url

  it('notes the link, and tells how a package is built, as something nobody has tried', async () => {
    const url = 'https://login.salesforce.com/packaging/installPackage.apexp?p0=04t000000000001'
    const ran = await pack(url)
    expect(ran.failed, ran.err).toBe(false)
    expect(ran.err).toContain('not verified on a live org')
    expect(ran.out).toMatch(/sf package version promote/)
    expect(await installUrl()).toBe(url)
    expect((await pack('none', '--json')).json()).toMatchObject({ install_url: null, verified_on_a_live_org: false })
    expect(await installUrl()).toBeNull()
  })

  it.each(['http://login.salesforce.com/x', 'javascript:alert(1)', 'https://user:password@evil.example/', 'nonsense'])(
    'refuses %s',
    async (url) => {
      expect((await pack(url)).err).toContain('--install-url is an https address')
      expect(await installUrl()).toBeNull()
    },
  )
})
