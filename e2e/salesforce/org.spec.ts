/** The real Salesforce CLI against the fake org: signing in, asking, and what our driver makes of its answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeSalesforce, type FakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import { connect } from '@hawser/fake-salesforce/testing/browser.ts'
import { deployProject, findSf, orgOf, type SfCli } from '../../cli/salesforce/sf-cli.ts'
import { reveal } from '../../server/lib/secret.ts'
import { createSfRig, SF, type SfRig } from './sf-rig.ts'

const SEED = new URL('seed-eca', import.meta.url).pathname
let fake: FakeSalesforce
let rig: SfRig
let sf: SfCli
let tokens: Record<string, string>
const instanceUrl = () => fake.url('org:acme-uat')

beforeAll(async () => {
  fake = await startFakeSalesforce({ ports: {} })
  rig = await createSfRig()
  tokens = await connect(fake)
  await rig.logIn('uat', { instanceUrl: instanceUrl(), accessToken: tokens['access_token'] ?? '' })
  sf = (await findSf(rig.env))!
})
afterAll(async () => {
  await fake?.close()
  await rig?.remove()
})

describe('the driver with the real CLI', () => {
  it('finds it', () => expect(sf).toMatchObject({ path: SF, version: expect.stringMatching(/^2\.\d+\.\d+$/) }))

  it('reads the org, and the token where this version keeps it', async () => {
    const found = await orgOf(sf, 'uat')
    expect(found).toMatchObject({
      ok: true,
      org: {
        alias: 'uat',
        username: 'ann@acme.example.uat',
        orgId: fake.state.orgs.get('acme-uat')?.orgId,
        instanceUrl: instanceUrl(),
        apiVersion: '67.0',
      },
    })
    expect(found.ok && reveal(found.org.accessToken)).toBe(tokens['access_token'])
  })

  it('reads the org of a username too', async () => {
    expect(await orgOf(sf, 'ann@acme.example.uat')).toMatchObject({ ok: true, org: { alias: 'uat' } })
  })

  it('gets its JSON where colours are forced', async () => {
    const colourful = (await findSf({ ...rig.env, FORCE_COLOR: '3' }))!
    expect(await orgOf(colourful, 'uat')).toMatchObject({ ok: true })
  })

  it('says that an alias is unknown', async () => {
    expect(await orgOf(sf, 'nobody')).toMatchObject({ ok: false, problem: 'sf knows no org "nobody".' })
    const project = await rig.project(SEED)
    expect(await deployProject(sf, { folder: project, alias: 'nobody', dryRun: false })).toMatchObject({
      ok: false,
      message: expect.stringContaining('sf knows no org "nobody".'),
    })
  })
})

describe('plain commands', () => {
  it('queries and calls the REST API', async () => {
    const rows = await rig.run(['data', 'query', '--target-org', 'uat', '--json', '--query', 'SELECT Id, Name FROM Account'])
    expect(rows.json?.result).toMatchObject({ totalSize: 3 })
    const table = await rig.run(['data', 'query', '--target-org', 'uat', '--query', 'SELECT Name FROM Account'])
    expect(table.stdout).toContain('Acme North')
    const limits = await rig.run(['api', 'request', 'rest', '/services/data/v67.0/limits', '--target-org', 'uat'])
    expect(JSON.parse(limits.stdout)).toHaveProperty('DailyApiRequests')
  })
})

describe('when the session has ended', () => {
  beforeAll(() => void fake.expireSessions('acme-uat'))

  it('says so, and how to sign in', async () => {
    expect(await orgOf(sf, 'uat')).toMatchObject({
      ok: false,
      problem: 'The session that sf has for "uat" has ended: Session expired or invalid.',
    })
  })

  it('says so for a deployment', async () => {
    const project = await rig.project(SEED)
    expect(await deployProject(sf, { folder: project, alias: 'uat', dryRun: true })).toMatchObject({
      ok: false,
      problems: [],
      message: expect.stringMatching(/has ended: Session expired or invalid\.\n.*sf org login web/),
    })
  })
})

describe('an alias that was made by sf org login web', () => {
  beforeAll(async () => void (await rig.logInByWeb('web', instanceUrl())))

  it('is refreshed by sf itself when its session has ended', async () => {
    const before = await orgOf(sf, 'web')
    fake.expireSessions('acme-uat')
    const after = await orgOf(sf, 'web')
    expect([before, after]).toMatchObject([{ ok: true }, { ok: true }])
    expect(fake.log.counts['token:refresh_token']).toBeGreaterThan(0)
    const token = after.ok ? reveal(after.org.accessToken) : ''
    expect(fake.state.accessTokens.get(token)).toMatchObject({ app: { developerName: 'PlatformCLI' } })
  })

  it('is told to sign in again when the approval is revoked', async () => {
    fake.revokeUser('ann@acme.example.uat')
    expect(await orgOf(sf, 'web')).toMatchObject({
      ok: false,
      problem: expect.stringContaining('has ended'),
      fix: expect.stringContaining('sf org login web --alias web'),
    })
  })
})
