import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { acmeSync, deployed, OAUTH_POLICY } from '../metadata/app-files-fixture.ts'
import { startFakeSalesforce } from '../start.ts'
import { connect, data, refresh, send, STOPPED_CLOCK, type Answer } from '../testing/browser.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

async function soql(query: string, own = tokens, api = '/tooling/query'): Promise<Answer> {
  return data(fake, own, `${api}?q=${encodeURIComponent(query)}`)
}

const records = async (query: string, own = tokens) => (await soql(query, own)).json.records.map(withoutAttributes)

function withoutAttributes({ attributes: _dropped, ...record }: Record<string, unknown>): Record<string, unknown> {
  return record
}

describe('what checks read in an org', () => {
  it('the permissions of whoever asks, in one row', async () => {
    const columns = 'PermissionsExternalClientAppDeveloper, PermissionsViewClientSecret, PermissionsModifyMetadata, PermissionsApiEnabled'
    const query = `SELECT ${columns} FROM UserPermissionAccess`
    fake.addUser({ orgKey: 'acme-uat', username: 'bob@acme.example.uat', permissions: { viewClientSecret: false } })
    expect(await records(query)).toEqual([
      {
        PermissionsExternalClientAppDeveloper: true,
        PermissionsViewClientSecret: true,
        PermissionsModifyMetadata: true,
        PermissionsApiEnabled: true,
      },
    ])
    const bob = await connect(fake, { query: { login_hint: 'bob@acme.example.uat' } })
    expect((await soql(query, bob, '/query')).json.records[0]).toMatchObject({
      PermissionsExternalClientAppDeveloper: true,
      PermissionsViewClientSecret: false,
    })
  })

  it('external client apps with their settings and policies, deployed or not', async () => {
    const { [OAUTH_POLICY]: _policy, ...files } = acmeSync()
    await deployed(fake, tokens, files)
    const apps = await records('SELECT DeveloperName, MasterLabel, DistributionState, ContactEmail FROM ExternalClientApplication')
    expect(apps).toEqual([
      { DeveloperName: 'hawser_acme_uat', MasterLabel: 'Hawser', DistributionState: 'Local', ContactEmail: null },
      { DeveloperName: 'Acme_Sync', MasterLabel: 'Acme Sync', DistributionState: 'Local', ContactEmail: 'integrations@example.com' },
    ])
    const scopes =
      "SELECT OauthScopesAPI, OauthScopesREFRESH_TOKEN, OauthScopesFULL FROM ExtlClntAppOauthSettings WHERE ExternalClientApplication.DeveloperName = 'Acme_Sync'"
    expect(await records(scopes)).toEqual([{ OauthScopesAPI: true, OauthScopesREFRESH_TOKEN: true, OauthScopesFULL: false }])
    const policy =
      "SELECT DeveloperName, RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit, IpRelaxationPolicyType FROM ExtlClntAppOauthPlcyCnfg WHERE DeveloperName LIKE 'Acme%'"
    expect(await records(policy)).toEqual([
      {
        DeveloperName: 'Acme_Sync_defaultPolicy',
        RefreshTokenPolicyType: 'SpecificLifetime',
        RefreshTokenValidityPeriod: 365,
        RefreshTokenValidityUnit: 'Days',
        IpRelaxationPolicyType: 'Enforce',
      },
    ])
    expect(await records('SELECT IsEnabled, OauthPluginStatus FROM ExtlClntAppPlcyCnfg')).toHaveLength(2)
    const global = await soql('SELECT Id FROM ExtlClntAppGlobalOauthSettings')
    expect([global.status, global.json[0].errorCode]).toEqual([400, 'INVALID_TYPE'])
    expect((await soql('SELECT Id FROM ExternalClientApplication', tokens, '/query')).json.totalSize).toBe(2)
  })

  it('approvals: those of all for who manages users, else their own', async () => {
    await refresh(fake, tokens['refresh_token'] ?? '')
    fake.addUser({ orgKey: 'acme-uat', username: 'bob@acme.example.uat', permissions: { manageUsers: false } })
    const bob = await connect(fake, { query: { login_hint: 'bob@acme.example.uat' } })
    const query = 'SELECT AppName, UserId, UseCount, LastUsedDate FROM OauthToken'
    expect((await soql(query, bob, '/query')).json.records).toMatchObject([{ AppName: 'Hawser', UseCount: 1 }])
    expect((await soql(query, tokens, '/query')).json.records).toMatchObject([{ UseCount: 2 }, { UseCount: 1 }])
  })

  it('sandbox copies, in the Tooling API of the production org only', async () => {
    const production = await connect(fake, { at: 'org:acme', app: 'hawser_acme' })
    const query =
      "SELECT Id, Status, SandboxName, SandboxInfoId, LicenseType, CreatedDate, CopyProgress, SandboxOrganization, SourceId, Description, EndDate, Features FROM SandboxProcess WHERE SandboxName = 'uat' AND Status != 'D' ORDER BY CreatedDate DESC"
    const before = fake.state.orgs.get('acme-uat')?.orgId.slice(0, 15)
    expect(await records(query, production)).toMatchObject([{ Status: 'Completed', SandboxOrganization: before, CopyProgress: 100 }])
    fake.advance(60_000)
    const { newOrgId } = fake.sandboxRefresh('acme-uat', { copyMs: 60_000 })
    fake.advance(30_000)
    const running = await records(query, production)
    expect(running).toMatchObject([
      { Status: 'Processing', SandboxOrganization: newOrgId.slice(0, 15), CopyProgress: 50, EndDate: null },
      { Status: 'Completed', SandboxOrganization: before },
    ])
    fake.advance(30_000)
    expect((await records(query, production))[0]).toMatchObject({ Status: 'Completed', EndDate: expect.any(String) })
    expect((await soql(query, production, '/query')).json[0].errorCode).toBe('INVALID_TYPE')
    expect((await data(fake, production, '/sobjects/SandboxProcess')).status).toBe(404)
    const dev = await connect(fake, { at: 'org:dev', app: 'hawser_dev' })
    expect((await soql(query, dev)).json[0].errorCode).toBe('INVALID_TYPE')
  })

  it('none of it can be written', async () => {
    for (const ask of [{ json: { DeveloperName: 'x' } }, { method: 'PATCH', json: {} }, { method: 'DELETE' }]) {
      const [row] = await records('SELECT Id FROM ExternalClientApplication')
      const path = 'method' in ask ? `/sobjects/ExternalClientApplication/${row?.['Id']}` : '/sobjects/ExternalClientApplication'
      expect((await data(fake, tokens, path, ask)).status).toBe(405)
    }
  })

  it('what the CLI asks of every org', async () => {
    const fields = 'Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType'
    const kinds: Record<string, unknown> = {}
    for (const key of fake.state.orgs.keys()) {
      const own = await connect(fake, { at: `org:${key}`, app: `hawser_${key.replace('-', '_')}` })
      const [row] = await records(`SELECT ${fields} FROM Organization`, own)
      kinds[key] = [
        row?.['IsSandbox'],
        row?.['TrialExpirationDate'] !== null,
        row?.['OrganizationType'],
        new URL(own['instance_url'] ?? '').host,
      ]
    }
    expect(kinds).toEqual({
      acme: [false, false, 'Enterprise Edition', 'acme.my.salesforce.com'],
      'acme-uat': [true, false, 'Enterprise Edition', 'acme--uat.sandbox.my.salesforce.com'],
      'globex-uat': [true, false, 'Enterprise Edition', 'globex--uat.sandbox.my.salesforce.com'],
      dev: [false, false, 'Developer Edition', 'dev-dev-ed.develop.my.salesforce.com'],
      scratch: [true, true, 'Developer Edition', 'scratch.scratch.my.salesforce.com'],
      trailhead: [false, false, 'Developer Edition', 'trailhead.trailblaze.my.salesforce.com'],
      trial: [false, true, 'Enterprise Edition', 'trial.free.my.salesforce.com'],
    })
  })
})

describe('/.well-known/auth-configuration', () => {
  const at = (host: string) => send(fake, `https://${host}/.well-known/auth-configuration`)
  const UAT = 'acme--uat.sandbox.my.salesforce.com'

  it('names the org of a host without any session, and the new one after a refresh', async () => {
    const before = (await at(UAT)).json
    expect(before).toMatchObject({ OrgId: fake.state.orgs.get('acme-uat')?.orgId.slice(0, 15), Url: `https://${UAT}`, SamlProviders: [] })
    const { newOrgId } = fake.sandboxRefresh('acme-uat')
    expect((await at(UAT)).json.OrgId).toBe(newOrgId.slice(0, 15))
  })

  it('is not there on generic hosts, nor where it is switched off', async () => {
    fake.set('orgs.acme-uat.authConfiguration', false)
    for (const host of ['login.salesforce.com', 'test.salesforce.com', UAT]) {
      const answer = await at(host)
      expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=UTF-8'])
    }
  })
})
