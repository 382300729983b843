import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { isId18 } from '../ids.ts'
import { startFakeSalesforce } from '../start.ts'
import { appOf, connect, data, refresh, send, STOPPED_CLOCK, type Flow } from '../testing/browser.ts'
import {
  acmeSync,
  changed,
  deployBody,
  deployed,
  deployZip,
  GLOBAL,
  HEADER,
  metadataXml,
  OAUTH_POLICY,
  OWN,
  POLICY,
  problemsOf,
  SECURITY,
} from './app-files-fixture.ts'

const ACME_SYNC: Flow = { app: 'Acme_Sync' }
let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const deploy = (files: Record<string, string | Uint8Array>, options: Record<string, unknown> = {}) => deployed(fake, tokens, files, options)

describe('a deployment', () => {
  it('registers the app with exactly what the files say, and users can sign in with it', async () => {
    const answer = await deploy(acmeSync())
    expect(answer.json.deployResult).toMatchObject({
      status: 'Succeeded',
      done: true,
      success: true,
      numberComponentsTotal: 5,
      numberComponentsDeployed: 5,
      numberComponentErrors: 0,
    })
    expect(answer.json.deployResult.details.componentSuccesses).toHaveLength(6)
    expect(answer.json.deployResult.details.componentSuccesses[0]).toMatchObject({
      componentType: 'ExternalClientApplication',
      fullName: 'Acme_Sync',
      fileName: HEADER,
      created: true,
      changed: false,
      success: true,
    })
    const app = appOf(fake, 'Acme_Sync')
    expect(app).toMatchObject({
      orgKey: 'acme-uat',
      type: 'eca',
      label: 'Acme Sync',
      distribution: 'Local',
      callbackUrls: ['https://api.example.com/oauth/callback', 'http://localhost:3003/oauth/callback'],
      scopes: ['api', 'refresh_token'],
      flags: { pkceRequired: true, secretRequiredWeb: true, secretRequiredRefresh: true, codeCred: true, device: false, rotation: false },
      policy: { rtPolicy: 'Infinite', permittedUsers: 'AllSelfAuthorized', ipRelaxation: 'Enforce', requiredSessionLevel: 'STANDARD' },
      enabled: true,
      oauthEnabled: true,
      tokenIpRanges: [],
    })
    expect(app.key).toMatch(/^3MVG9/)
    expect(app.secret).toMatch(/^[A-F0-9]{64}$/)
    const own = await connect(fake, ACME_SYNC)
    expect(own['scope']).toBe('api refresh_token')
  })

  it('is accepted as Pending with a real id, and takes as many polls as the knob says', async () => {
    fake.set('knobs.deployPolls', 2)
    const accepted = await data(fake, tokens, '/metadata/deployRequest', deployBody(deployZip(acmeSync())))
    expect([accepted.status, isId18(accepted.json.id), accepted.json.id.slice(0, 3)]).toEqual([201, true, '0Af'])
    expect(accepted.json).toMatchObject({
      deployOptions: { checkOnly: false, rollbackOnError: true },
      deployResult: { status: 'Pending', done: false },
    })
    const path = `/metadata/deployRequest/${accepted.json.id.slice(0, 15)}`
    const first = await data(fake, tokens, path)
    expect([first.json.deployResult.status, first.json.deployResult.details]).toEqual(['InProgress', null])
    expect(fake.state.apps.has('Acme_Sync')).toBe(false)
    expect((await data(fake, tokens, path)).json.deployResult.status).toBe('Succeeded')
    expect((await data(fake, tokens, path)).json.deployResult.status).toBe('Succeeded')
    expect(fake.state.apps.has('Acme_Sync')).toBe(true)
    const globex = await connect(fake, { at: 'org:globex-uat', app: 'hawser_globex_uat' })
    expect((await data(fake, globex, path)).status).toBe(404)
  })

  it('can be canceled before it is done, and only then', async () => {
    const { id } = (await data(fake, tokens, '/metadata/deployRequest', deployBody(deployZip(acmeSync())))).json
    const cancel = { method: 'PATCH', json: { deployResult: { status: 'Canceling' } } }
    const canceled = await data(fake, tokens, `/metadata/deployRequest/${id}`, cancel)
    expect([canceled.status, canceled.json.deployResult.status]).toEqual([202, 'Canceled'])
    expect((await data(fake, tokens, `/metadata/deployRequest/${id}`)).json.deployResult).toMatchObject({
      status: 'Canceled',
      success: false,
    })
    expect((await data(fake, tokens, `/metadata/deployRequest/${id}`, cancel)).status).toBe(400)
    expect(fake.state.apps.has('Acme_Sync')).toBe(false)
  })

  it('that only checks registers nothing, and can be deployed afterwards by its id', async () => {
    const answer = await deploy(acmeSync(), { checkOnly: true })
    expect(answer.json.deployResult).toMatchObject({ status: 'Succeeded', checkOnly: true, numberComponentsTotal: 5 })
    expect(fake.state.apps.has('Acme_Sync')).toBe(false)
    const json = { validatedDeployRequestId: answer.json.id }
    const quick = await data(fake, tokens, '/metadata/deployRequest', { json })
    expect((await data(fake, tokens, `/metadata/deployRequest/${quick.json.id}`)).json.deployResult.status).toBe('Succeeded')
    expect(fake.state.apps.has('Acme_Sync')).toBe(true)
    expect((await data(fake, tokens, '/metadata/deployRequest', { json: { validatedDeployRequestId: quick.json.id } })).status).toBe(400)
  })

  it('takes a zip with a folder around the package', async () => {
    const accepted = await data(fake, tokens, '/metadata/deployRequest', deployBody(deployZip(acmeSync(), 'unpackaged/')))
    const answer = await data(fake, tokens, `/metadata/deployRequest/${accepted.json.id}`)
    expect(answer.json.deployResult.status).toBe('Succeeded')
  })

  it('of the same app changes it, keeps key and secret and approvals, and resets what is omitted', async () => {
    await deploy({
      ...acmeSync(),
      [GLOBAL]: metadataXml(
        'ExtlClntAppGlobalOauthSettings',
        `<callbackUrl>http://localhost:3003/oauth/callback</callbackUrl>${OWN}<isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled><isEnforceRefreshTokenTTL>true</isEnforceRefreshTokenTTL>`,
      ),
    })
    const before = appOf(fake, 'Acme_Sync')
    const own = await connect(fake, ACME_SYNC)
    expect([before.flags.rotation, before.flags.enforceTtl30d]).toEqual([true, true])
    const answer = await deploy(acmeSync())
    expect(answer.json.deployResult.details.componentSuccesses[0]).toMatchObject({ created: false, changed: true })
    const after = appOf(fake, 'Acme_Sync')
    expect([after.key, after.secret]).toEqual([before.key, before.secret])
    expect([after.flags.rotation, after.flags.enforceTtl30d, after.callbackUrls.length]).toEqual([false, false, 2])
    expect((await refresh(fake, own['refresh_token'] ?? '', ACME_SYNC)).status).toBe(200)
  })

  it('of one component leaves the others as they are', async () => {
    await deploy(acmeSync())
    const { [OAUTH_POLICY]: policy = '' } = acmeSync()
    await deploy({ [OAUTH_POLICY]: policy.replace('Infinite', 'Zero') })
    expect(appOf(fake, 'Acme_Sync')).toMatchObject({
      policy: { rtPolicy: 'Zero' },
      scopes: ['api', 'refresh_token'],
      flags: { codeCred: true },
    })
  })

  it('without a policy file gives refresh tokens a year', async () => {
    const { [OAUTH_POLICY]: _policy, ...rest } = acmeSync()
    await deploy(rest)
    expect(appOf(fake, 'Acme_Sync').policy).toMatchObject({ rtPolicy: 'SpecificLifetime', rtPeriod: 365, rtUnit: 'Days' })
    const own = await connect(fake, ACME_SYNC)
    fake.advance(366 * 86_400_000)
    expect((await refresh(fake, own['refresh_token'] ?? '', ACME_SYNC)).json.error_description).toBe('token validity expired')
  })

  it('takes key and secret that are given, so that an app comes back as it was', async () => {
    const key = '3MVG9Before.Refresh_1'
    const secret = 'AB'.repeat(32)
    await deploy(changed(GLOBAL, OWN, `${OWN}<consumerKey>${key}</consumerKey><consumerSecret>${secret}</consumerSecret>`))
    expect(appOf(fake, 'Acme_Sync')).toMatchObject({ key, secret })
    expect(JSON.stringify(fake.state.apps.get('Acme_Sync')?.metadata)).not.toContain(secret)
  })

  it('registers token IP ranges, permission sets, and that an app is off', async () => {
    const range = '<tokenIpRanges><startIpAddress>198.51.100.1</startIpAddress><endIpAddress>198.51.100.9</endIpAddress></tokenIpRanges>'
    await deploy({
      ...changed(POLICY, '<isEnabled>true', '<isEnabled>false'),
      [OAUTH_POLICY]: metadataXml(
        'ExtlClntAppOauthConfigurablePolicies',
        `${OWN}<commaSeparatedPermissionSet>Sync_Users, Admins</commaSeparatedPermissionSet><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType><refreshTokenPolicyType>SpecificInactivity</refreshTokenPolicyType><refreshTokenValidityPeriod>3</refreshTokenValidityPeriod><refreshTokenValidityUnit>Months</refreshTokenValidityUnit><sessionTimeoutInMinutes>15</sessionTimeoutInMinutes>`,
      ),
      [SECURITY]: metadataXml('ExtlClntAppOauthSecuritySettings', `${OWN}${range}${range.replaceAll('198.51', '203.0')}`),
    })
    expect(appOf(fake, 'Acme_Sync')).toMatchObject({
      enabled: false,
      tokenIpRanges: [
        { start: '198.51.100.1', end: '198.51.100.9' },
        { start: '203.0.100.1', end: '203.0.100.9' },
      ],
      policy: {
        permittedUsers: 'AdminApprovedPreAuthorized',
        permissionSets: ['Sync_Users', 'Admins'],
        rtPolicy: 'SpecificInactivity',
        rtPeriod: 3,
        rtUnit: 'Months',
        sessionTimeoutMin: 15,
      },
    })
  })

  it('switches the secrets API on by the org-wide settings', async () => {
    const path = 'settings/ExternalClientApp.settings'
    const on = metadataXml('ExternalClientAppSettings', '<enableClientSecretInRestApiAccess>true</enableClientSecretInRestApiAccess>')
    expect((await deploy({ [path]: on })).json.deployResult.status).toBe('Succeeded')
    expect(fake.state.orgs.get('acme-uat')?.ecaSecretRest).toBe(true)
  })

  it('deletes an app by destructiveChanges.xml', async () => {
    await deploy(acmeSync())
    const own = await connect(fake, ACME_SYNC)
    const destructive = metadataXml('Package', '<types><members>Acme_Sync</members><name>ExternalClientApplication</name></types>')
    const manifest = metadataXml('Package', '<version>66.0</version>')
    const answer = await deploy({ 'package.xml': manifest, 'destructiveChanges.xml': destructive })
    expect(answer.json.deployResult.details.componentSuccesses[0]).toMatchObject({ fullName: 'Acme_Sync', deleted: true })
    expect(fake.state.apps.has('Acme_Sync')).toBe(false)
    expect((await data(fake, own, '/limits')).status).toBe(401)
    const again = await deploy({ 'package.xml': manifest, 'destructiveChanges.xml': destructive })
    expect(problemsOf(again)).toEqual(['Acme_Sync: INVALID_CROSS_REFERENCE_KEY: no external client app named Acme_Sync found'])
  })

  it('of one name in two orgs makes two apps', async () => {
    await deploy(acmeSync())
    const globex = await connect(fake, { at: 'org:globex-uat', app: 'hawser_globex_uat' })
    expect((await deployed(fake, globex, acmeSync())).json.deployResult.status).toBe('Succeeded')
    expect(fake.state.apps.get('Acme_Sync')?.orgKey).toBe('acme-uat')
    const second = appOf(fake, 'Acme_Sync.globex-uat')
    expect(second.key).not.toBe(appOf(fake, 'Acme_Sync').key)
    await connect(fake, { at: 'org:globex-uat', app: 'Acme_Sync.globex-uat' })
  })

  it('comes back after a sandbox refresh with the same files', async () => {
    await deploy(acmeSync())
    const before = appOf(fake, 'Acme_Sync')
    fake.sandboxRefresh('acme-uat')
    fake.addApp({ orgKey: 'acme-uat', developerName: 'admins_tool', callbackUrls: ['http://localhost:3003/oauth/callback'] })
    tokens = await connect(fake, { app: 'admins_tool' })
    expect((await deploy(acmeSync())).json.deployResult.status).toBe('Succeeded')
    expect(appOf(fake, 'Acme_Sync').key).not.toBe(before.key)
    await connect(fake, ACME_SYNC)
  })
})

describe('what is no deployment', () => {
  it('is refused at once: no multipart, no zip part, no options', async () => {
    const at = (ask: Parameters<typeof data>[3]) => data(fake, tokens, '/metadata/deployRequest', ask)
    const { body, headers } = deployBody(deployZip(acmeSync()))
    const cut = body.subarray(0, body.length - 10)
    for (const ask of [
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      { body, headers: { 'content-type': 'multipart/form-data' } },
      { body: cut, headers },
    ]) {
      expect((await at({ method: 'POST', ...ask })).status).toBe(400)
    }
    expect((await at({ method: 'GET' })).status).toBe(405)
    const url = `${tokens['instance_url']}/services/data/v67.0/metadata/deployRequest`
    expect((await send(fake, url, { body, headers })).status).toBe(401)
  })

  it('fails when the zip is broken, or a bomb', async () => {
    const at = async (zip: Buffer) => {
      const { id } = (await data(fake, tokens, '/metadata/deployRequest', deployBody(zip))).json
      return problemsOf(await data(fake, tokens, `/metadata/deployRequest/${id}?includeDetails=true`))
    }
    expect(await at(Buffer.from('no zip'))).toEqual(['package.xml: The zip file cannot be read'])
    expect(await at(deployZip({ ...acmeSync(), [HEADER]: new Uint8Array(300 * 1024) }))).toEqual([
      'package.xml: LIMIT_EXCEEDED: Maximum size of request reached',
    ])
    const lying = deployZip({ ...acmeSync(), [HEADER]: new Uint8Array(200 * 1024) })
    // The size in the central directory says one byte.
    const directory = lying.indexOf(Buffer.from('504b0102', 'hex'))
    const entry = lying.indexOf(Buffer.from(HEADER), directory) - 46
    lying.writeUInt32LE(1, entry + 24)
    expect((await at(lying)).length).toBeGreaterThan(0)
  })
})
