import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRig, type Ran, type Rig } from './salesforce-rig.ts'

let rig: Rig
beforeAll(async () => void (rig = await startRig()))
afterAll(() => rig.close())

interface Line {
  about: string
  result: string
  saw: string
}
const verify = (...more: string[]): Promise<Ran> => rig.run('salesforce', 'verify-live', '--target-org', 'uat', ...more)
const checks = (ran: Ran) => ran.json()['checks'] as Line[]
const resultOf = (ran: Ran, about: string) => checks(ran).find((one) => one.about === about)?.result

describe('hawser salesforce verify-live', () => {
  it('only reads, unless told otherwise', async () => {
    const apps = rig.server.fake.state.apps.size
    const from = rig.server.fake.log.entries.length
    const ran = await verify('--json')
    expect(ran.failed, ran.err).toBe(false)
    const sent = rig.server.fake.log.entries.slice(from)
    expect(sent.length).toBeGreaterThan(8)
    expect(new Set(sent.map(({ method }) => method))).toEqual(new Set(['GET', 'HEAD']))
    expect(rig.server.fake.state.apps.size).toBe(apps)
    for (const about of ['api-version-retired', 'query-cursor-expired', 'secrets-api-disabled', 'identity-request-refused', 'An empty 401'])
      expect(checks(ran).find((one) => one.about === about)).toMatchObject({ result: 'pass' })
    expect(checks(ran).find((one) => one.about === 'app-blocked')).toMatchObject({ result: 'cannot', saw: 'cannot be tried by a program' })
    expect(checks(ran).find((one) => one.about === 'deploy-scope-unknown')).toMatchObject({ result: 'cannot', saw: 'needs --with-writes' })
  })

  it('makes a report that names nobody', async () => {
    const ran = await verify('--json')
    const { orgId, name } = rig.server.fake.state.orgs.get('acme-uat')!
    for (const hidden of [orgId, orgId.slice(0, 15), 'acme', name, 'ann@', ...rig.server.fake.state.accessTokens.keys()])
      expect(ran.out.toLowerCase()).not.toContain(hidden.toLowerCase())
  })

  it('says it in sentences, with how a person tries what a program cannot', async () => {
    const ran = await verify()
    expect(ran.out).toMatch(/pass {2}api-version-retired\n/)
    expect(ran.out).toMatch(/- {5}app-blocked\n.*\n +By hand: Block the app/)
    expect(ran.out).toMatch(/\d+ as expected, \d+ differ, \d+ not tried\./)
  })

  it('with writes, deploys and deletes a test app', async () => {
    const ran = await verify('--with-writes', '--json')
    for (const about of ['deploy-reference-wrong', 'deploy-settings-missing', 'deploy-scope-unknown'])
      expect(resultOf(ran, about), JSON.stringify(checks(ran).find((one) => one.about === about))).toBe('pass')
    expect(resultOf(ran, 'The generated app is accepted, can be read back and deleted')).toBe('pass')
    expect([...rig.server.fake.state.apps.values()].filter((app) => app.label === 'Hawser Live Check' && !app.deleted)).toEqual([])
  })

  it('writes to no org of another kind than was meant', async () => {
    const ran = await rig.run('salesforce', 'verify-live', '--target-org', 'prod', '--with-writes')
    expect(ran.failed).toBe(true)
    expect(ran.err).toMatch(/Nothing was written: this org is of kind production.*--org-kind production/)
  })

  it('goes on when one try fails', async () => {
    const { fetch } = rig.world
    rig.world.fetch = (input, init) =>
      String(input).includes('/v30.0/') ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)
    const ran = await verify('--json')
    rig.world.fetch = fetch
    expect(resultOf(ran, 'api-version-retired')).toBe('cannot')
    expect(resultOf(ran, 'query-cursor-expired')).toBe('pass')
  })
})
