import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { startFakeSalesforce } from '../start.ts'
import { appOf, connect, STOPPED_CLOCK } from '../testing/browser.ts'
import {
  acmeSync,
  changed,
  deployed,
  GLOBAL,
  HEADER,
  metadataXml,
  OAUTH,
  OAUTH_POLICY,
  OWN,
  POLICY,
  problemsOf,
  SECURITY,
} from './app-files-fixture.ts'

let fake: FakeSalesforce
let tokens: Record<string, string>

beforeEach(async () => {
  fake = await startFakeSalesforce({ clock: STOPPED_CLOCK })
  tokens = await connect(fake)
})

afterEach(() => fake.close())

const deploy = (files: Record<string, string | Uint8Array>, options: Record<string, unknown> = {}) => deployed(fake, tokens, files, options)

describe('a deployment fails', () => {
  const without = (path: string) => {
    const { [path]: _left, ...rest } = acmeSync()
    return rest
  }
  const cases: [what: string, files: () => Record<string, string>, problem: string][] = [
    [
      'without the OAuth settings',
      () => without(OAUTH),
      "Acme_Sync_glbloauth: The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration.",
    ],
    [
      'without the global settings',
      () => without(GLOBAL),
      "Acme_Sync_oauth: The external client app doesn't have a valid OAuth settings configuration: its global OAuth settings are missing.",
    ],
    [
      'when a file names another app',
      () => changed(OAUTH_POLICY, 'Acme_Sync</ext', 'Acme_Synk</ext'),
      'Acme_Sync_oauthPlcy: INVALID_CROSS_REFERENCE_KEY: no external client app named Acme_Synk found',
    ],
    [
      'for an unknown enum value',
      () => changed(HEADER, '>Local<', '>Packageable<'),
      "Acme_Sync: Invalid value 'Packageable' for distributionState. Valid values are: Local, Packaged",
    ],
    [
      'for a policy in the old spelling',
      () => changed(OAUTH_POLICY, '>Infinite<', '>infinite<'),
      "Acme_Sync_oauthPlcy: Invalid value 'infinite' for refreshTokenPolicyType. Valid values are: Infinite, Zero, SpecificLifetime, SpecificInactivity",
    ],
    [
      'for an unknown element',
      () => changed(POLICY, OWN, `${OWN}<ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType>`),
      'Acme_Sync_plcy: Element {http://soap.sforce.com/2006/04/metadata}ipRelaxationPolicyType invalid at this location in type ExtlClntAppConfigurablePolicies',
    ],
    [
      'for a lifetime without a period',
      () => changed(OAUTH_POLICY, 'Infinite', 'SpecificLifetime'),
      'Acme_Sync_oauthPlcy: refreshTokenValidityPeriod and refreshTokenValidityUnit are required for this refresh token policy',
    ],
    [
      'for a package made in a sandbox',
      () => changed(HEADER, '>Local<', '>Packaged<'),
      "Acme_Sync: You can't package external client apps from a scratch org or sandbox.",
    ],
    [
      'for a callback that is no https',
      () => changed(GLOBAL, 'https://api', 'http://api'),
      'Acme_Sync_glbloauth: The callback URL http://api.example.com/oauth/callback must be https, http://localhost, or of a custom scheme',
    ],
    [
      'for a broken boolean',
      () => changed(GLOBAL, /(isPkceRequired>)true/, '$1yes'),
      "Acme_Sync_glbloauth: 'yes' is not a valid value for the type xsd:boolean",
    ],
    [
      'for a connected app',
      () => ({ 'connectedApps/Old.connectedApp': metadataXml('ConnectedApp', '<label>Old</label>') }),
      'Old: Creating connected apps is not allowed in this org. Create an external client app instead.',
    ],
    [
      'for an unknown suffix',
      () => ({
        ...acmeSync(),
        'externalClientApps/Acme_Sync.externalClientApplication': '<x/>',
        'package.xml': metadataXml(
          'Package',
          '<types><members>*</members><name>ExternalClientApplication</name></types><version>66.0</version>',
        ),
      }),
      'externalClientApps/Acme_Sync.externalClientApplication: The file externalClientApps/Acme_Sync.externalClientApplication has a directory or suffix that belongs to no metadata type',
    ],
    [
      'for entities',
      () => changed(HEADER, '<ExternalClientApplication', '<!DOCTYPE a [<!ENTITY b "c">]><ExternalClientApplication'),
      'Acme_Sync: Error parsing file: a document type declaration is not allowed',
    ],
    [
      'for another root element',
      () => changed(POLICY, /ExtlClntAppConfigurablePolicies/g, 'ConnectedApp'),
      'Acme_Sync_plcy: Error parsing file: the root element is ConnectedApp, ExtlClntAppConfigurablePolicies was expected',
    ],
    [
      'for a taken key',
      () => changed(GLOBAL, OWN, `${OWN}<consumerKey>PlatformCLI</consumerKey>`),
      'Acme_Sync_glbloauth: DUPLICATE_VALUE: the consumer key is already in use',
    ],
  ]

  it.each(cases)('%s', async (_what, files, problem) => {
    const answer = await deploy(files())
    expect(answer.json.deployResult).toMatchObject({ status: 'Failed', done: true, success: false, numberComponentsDeployed: 0 })
    expect(problemsOf(answer)).toContain(problem)
    expect(fake.state.apps.has('Acme_Sync')).toBe(false)
  })

  it('for an unknown scope, with the list of those that exist', async () => {
    const [problem = ''] = problemsOf(await deploy(changed(OAUTH, 'Api, RefreshToken', 'Api, ChatterApi')))
    expect(problem).toMatch(
      /^Acme_Sync_oauth: There's a problem with your scope\(s\): ChatterApi\. Valid values are: .*Api, .*RefreshToken/,
    )
  })

  it('at the line and column of what is wrong', async () => {
    const answer = await deploy(changed(HEADER, '<contactEmail>', '\n\n  <contactMail>x</contactMail><contactEmail>'))
    expect(answer.json.deployResult.details.componentFailures[0]).toMatchObject({ problemType: 'Error', lineNumber: 5, columnNumber: 3 })
  })

  it('for a name that a connected app of the org has', async () => {
    fake.addApp({ orgKey: 'acme-uat', developerName: 'Acme_Sync', type: 'ca' })
    expect(problemsOf(await deploy(acmeSync()))).toContain('Acme_Sync: DUPLICATE_VALUE: the developer name Acme_Sync is already in use')
  })

  it('for another key of an app that exists', async () => {
    await deploy(acmeSync())
    const { key } = appOf(fake, 'Acme_Sync')
    expect((await deploy(changed(GLOBAL, OWN, `${OWN}<consumerKey>${key}</consumerKey>`))).json.deployResult.status).toBe('Succeeded')
    const answer = await deploy(changed(GLOBAL, OWN, `${OWN}<consumerKey>3MVG9another</consumerKey>`))
    expect(problemsOf(answer)[0]).toContain('the consumer key of an existing app cannot be changed')
  })

  it('for the headless flow where the org refuses it; PKCE silently comes back where the org wants it', async () => {
    fake.set('orgs.acme-uat.refusesCodeCred', true)
    expect(problemsOf(await deploy(acmeSync()))[0]).toContain('isCodeCredFlowEnabled')
    fake.set('orgs.acme-uat.refusesCodeCred', false)
    fake.set('orgs.acme-uat.pkceAlwaysOn', true)
    expect((await deploy(changed(GLOBAL, /(isPkceRequired>)true/, '$1false'))).json.deployResult.success).toBe(true)
    expect(appOf(fake, 'Acme_Sync').flags.pkceRequired).toBe(true)
    fake.set('orgs.acme-uat.pkceAlwaysOn', false)
    await deploy(changed(GLOBAL, /(isPkceRequired>)true/, '$1false'))
    expect(appOf(fake, 'Acme_Sync').flags.pkceRequired).toBe(false)
  })

  it('without permissions: at once, or by component', async () => {
    fake.set('/users/ann@acme.example.uat/permissions/externalClientAppDeveloper', false)
    const answer = await deploy(acmeSync())
    expect(problemsOf(answer)).toHaveLength(5)
    expect(problemsOf(answer)[0]).toContain('INSUFFICIENT_ACCESS_OR_READONLY')
    fake.set('/users/ann@acme.example.uat/permissions/modifyMetadata', false)
    const refused = await deploy(acmeSync())
    expect([refused.status, refused.json[0].errorCode]).toEqual([403, 'INSUFFICIENT_ACCESS'])
  })

  it('for the commands that replace credentials, unless warnings are ignored', async () => {
    await deploy(acmeSync())
    const { secret } = appOf(fake, 'Acme_Sync')
    const files = changed(GLOBAL, OWN, `${OWN}<shouldRotateConsumerSecret>true</shouldRotateConsumerSecret>`)
    const answer = await deploy(files)
    expect(answer.json.deployResult.details.componentFailures[0]).toMatchObject({ problemType: 'Warning', success: false })
    expect(appOf(fake, 'Acme_Sync').secret).toBe(secret)
    expect((await deploy(files, { ignoreWarnings: true })).json.deployResult.success).toBe(true)
    expect(appOf(fake, 'Acme_Sync').secret).not.toBe(secret)
  })

  it('as a whole, unless rollback is off, which production refuses', async () => {
    const other = Object.fromEntries(
      Object.entries(acmeSync()).map(([path, text]) => [path.replace('Acme_Sync', 'Other'), text.replaceAll('Acme_Sync', 'Other')]),
    )
    const files = { ...changed(HEADER, '>Local<', '>Nowhere<'), ...other }
    expect((await deploy(files)).json.deployResult.status).toBe('Failed')
    expect(fake.state.apps.has('Other')).toBe(false)
    const partial = await deploy(files, { rollbackOnError: false })
    expect(partial.json.deployResult).toMatchObject({ status: 'SucceededPartial', success: true })
    expect([fake.state.apps.has('Other'), fake.state.apps.has('Acme_Sync')]).toEqual([true, false])
    tokens = await connect(fake, { at: 'org:acme', app: 'hawser_acme' })
    expect((await deploy(acmeSync(), { rollbackOnError: false })).status).toBe(400)
  })

  it('for what is in the manifest but not in the zip, in the zip but not in the manifest, and of an unknown version', async () => {
    const manifest = (types: string, version = '66.0') => metadataXml('Package', `${types}<version>${version}</version>`)
    const header = acmeSync()[HEADER] ?? ''
    const named = '<types><members>Ghost</members><name>ExternalClientApplication</name></types>'
    expect(problemsOf(await deploy({ 'package.xml': manifest(named) }))).toEqual([
      "Ghost: An object 'Ghost' of type ExternalClientApplication was named in package.xml, but was not found in zipped directory",
    ])
    expect(problemsOf(await deploy({ 'package.xml': manifest(''), [HEADER]: header }))).toEqual(['Acme_Sync: Not in package.xml'])
    expect(problemsOf(await deploy({ 'package.xml': manifest('', '99.0') }))).toEqual(['package.xml: Invalid version specified:99.0'])
    const unknown = '<types><members>*</members><name>Nonsense</name></types>'
    expect(problemsOf(await deploy({ 'package.xml': manifest(unknown) }))).toEqual([
      "Nonsense: Unknown type name 'Nonsense' specified in package.xml",
    ])
  })

  it('for too many addresses', async () => {
    const range = (start: string, end: string) =>
      `<tokenIpRanges><startIpAddress>${start}</startIpAddress><endIpAddress>${end}</endIpAddress></tokenIpRanges>`
    const files = (ranges: string) => ({ ...acmeSync(), [SECURITY]: metadataXml('ExtlClntAppOauthSecuritySettings', `${OWN}${ranges}`) })
    expect(problemsOf(await deploy(files(range('10.0.0.0', '10.0.1.0'))))[0]).toContain('256 addresses')
    expect(problemsOf(await deploy(files(range('10.0.0.9', '10.0.0.1'))))[0]).toContain('no IP range')
    expect((await deploy(files(range('10.0.0.0', '10.0.0.255')))).json.deployResult.success).toBe(true)
  })
})
