import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fullConnectedApp, smallConnectedApp } from './connected-app-fixture.ts'
import { appFiles } from './metadata-files.ts'
import { migrateConnectedApp } from './migrate-connected-app.ts'
import type { MigratedApp } from './migrate-connected-app.ts'
import { migrationDefaults, migrationRules } from './migration-map.ts'
import { migrationNotes } from './migration-notes.ts'
import { parseAppFiles } from './parse-app-files.ts'

const FILE = 'force-app/main/default/connectedApps/Acme_Sync.connectedApp-meta.xml'

function migrated(xml: string, fileName = FILE): Extract<MigratedApp, { ok: true }> {
  const answer = migrateConnectedApp(xml, fileName)
  if (!answer.ok) throw new Error(answer.problem)
  return answer
}

const fromOf = (rows: readonly { from: string }[]): string[] =>
  [...new Set(rows.map(({ from }) => from))].filter((from) => from !== '').toSorted()

describe('migrateConnectedApp', () => {
  it('keeps everything that has a counterpart', () => {
    const { options, extras } = migrated(fullConnectedApp)
    expect(options).toEqual({
      label: 'Acme Sync',
      apiName: 'Acme_Sync',
      contactEmail: 'integrations@example.com',
      contactPhone: '+49 30 1234',
      description: 'Acme & friends',
      iconUrl: 'https://img.example.com/i.png',
      infoUrl: 'https://example.com/info',
      logoUrl: 'https://img.example.com/l.png',
      distribution: 'Local',
      callbackUrls: ['https://api.example.com/oauth/callback', 'https://old.example.com/callback'],
      scopes: ['api', 'refresh_token', 'openid', 'SemanticLayer'],
      flows: { clientCredentials: true, codeAndCredentials: true, device: true, tokenExchange: true },
      pkce: true,
      secretForWebServerFlow: false,
      secretForRefreshFlow: false,
      rotation: true,
      idleLimit: true,
      refreshTokens: { policy: 'inactivity', period: 90, unit: 'days' },
      sessionTimeoutMinutes: 60,
      requiredSessionLevel: 'HIGH_ASSURANCE',
      ipRelaxation: 'Enforce_RelaxRefresh',
      permittedUsers: 'AdminApprovedPreAuthorized',
      permissionSets: ['Acme Users', 'Acme Robots'],
      profiles: ['System Administrator'],
      extras: {
        certificate: '-----BEGIN CERTIFICATE-----\nMIIBfakefakefake\n-----END CERTIFICATE-----',
        idTokenAudience: 'aud',
        idTokenAttributes: true,
        idTokenCustomPermissions: true,
        idTokenStandardClaims: false,
        idTokenValidityMinutes: 5,
        codeCredentialsPostOnly: true,
        dpop: false,
        introspectAllTokens: true,
        namedUserJwt: false,
        mtls: false,
        secretForTokenExchange: true,
        assetTokenAudiences: 'things',
        assetTokenAttributes: true,
        assetTokenCustomPermissions: false,
        assetTokenSigningCertificate: 'Signing',
        assetTokenValidity: 30,
        singleLogoutUrl: 'https://example.com/slo',
        policySingleLogoutUrl: 'https://example.com/policy-slo',
        tokenExchangePolicy: true,
        clientCredentialsUser: 'robot@example.com',
        policyAction: 'Block',
        apexHandler: 'AcmeHandler',
        startUrl: 'https://example.com/start',
        customAttributes: [
          { key: 'mail', formula: '$User.Email' },
          { key: 'which', formula: 'IF(1 < 2, "a", \'b\')' },
        ],
        trustedIpRanges: [
          { start: '203.0.112.0', end: '203.0.113.255', description: 'office' },
          { start: '198.51.100.1', end: '198.51.100.9' },
        ],
      },
    })
    expect(extras).toEqual(options.extras)
    expect(parseAppFiles(appFiles(options)).options).toEqual(options)
  })

  it('accounts for every element of the file, and repeats no credential', () => {
    const { report, eligibility } = migrated(fullConnectedApp)
    expect(fromOf(report.dropped)).toEqual([
      'canvas',
      'canvasConfig',
      'mobileAppConfig',
      'mobileStartUrl',
      'oauthConfig.consumerKey',
      'oauthConfig.consumerSecret',
      'samlConfig',
      'somethingNew',
    ])
    expect(fromOf(report.defaulted)).toEqual([])
    expect(fromOf(report.blockers)).toEqual(['canvasConfig', 'plugin', 'samlConfig.encryptionType'])
    expect(fromOf(report.needsPerson)).toEqual(
      expect.arrayContaining(['oauthConfig.isIpBindingEnabled', 'mobileAppConfig', 'plugin', 'samlConfig', 'canvasConfig']),
    )
    const mapped = fromOf(report.mapped)
    for (const { from } of migrationRules) expect(mapped).toContain(from)
    expect(JSON.stringify([report, eligibility])).not.toMatch(/SECRET|MIIB/)
  })

  it('writes the differing defaults out: PKCE above all', () => {
    const { options, report } = migrated(smallConnectedApp)
    expect(options).toMatchObject({
      pkce: false,
      rotation: false,
      idleLimit: false,
      secretForWebServerFlow: true,
      refreshTokens: { policy: 'infinite' },
    })
    expect(appFiles(options).find(({ path }) => path.includes('.ecaGlblOauth'))?.content).toContain(
      '<isPkceRequired>false</isPkceRequired>',
    )
    expect(fromOf(report.defaulted)).toEqual(migrationDefaults.map(({ from }) => from).toSorted())
    expect(report.defaulted.find(({ from }) => from === 'oauthConfig.isPkceRequired')).toMatchObject({
      value: 'false',
      why: expect.stringContaining('refused'),
    })
    expect(report.needsPerson.map(({ from }) => from)).toContain('oauthConfig.isPkceRequired')
    expect(report.blockers).toEqual([])
  })

  it.each<[string, string, object]>([
    ['infinite', '<refreshTokenPolicy>infinite</refreshTokenPolicy>', { policy: 'infinite' }],
    ['zero', '<refreshTokenPolicy>zero</refreshTokenPolicy>', { policy: 'zero' }],
    [
      'lifetime',
      '<refreshTokenPolicy>specific_lifetime:12:MONTHS</refreshTokenPolicy>',
      { policy: 'lifetime', period: 12, unit: 'months' },
    ],
    [
      'inactivity',
      '<refreshTokenPolicy>specific_inactivity:7:HOURS</refreshTokenPolicy>',
      { policy: 'inactivity', period: 7, unit: 'hours' },
    ],
  ])('reads the refresh token policy %s', (_name, xml, policy) => {
    const withPolicy = smallConnectedApp.replace(
      '</oauthConfig>',
      `</oauthConfig><oauthPolicy><ipRelaxation>BYPASS_2FACTOR</ipRelaxation>${xml}</oauthPolicy>`,
    )
    expect(migrated(withPolicy).options).toMatchObject({ refreshTokens: policy, ipRelaxation: 'Bypass_2factor' })
  })

  it.each([
    ['a package', 'acme__Acme_Sync.connectedApp', '', 'The app was made in this org'],
    ['an Apex handler', 'Acme_Sync.connectedApp', '<plugin>Handler</plugin>', 'no Apex handler'],
    ['canvas', 'Acme_Sync.connectedApp', '<canvasConfig><canvasUrl>https://x.example</canvasUrl></canvasConfig>', 'no canvas app'],
    ['canvas of the older kind', 'Acme_Sync.connectedApp', '<canvas><x>1</x></canvas>', 'no canvas app'],
    ['Triple DES', 'Acme_Sync.connectedApp', '<samlConfig><encryptionType>Triple_Des</encryptionType></samlConfig>', 'Triple DES'],
  ])('says that the button is blocked by %s', (_name, file, xml, condition) => {
    const { report, eligibility } = migrated(smallConnectedApp.replace('<oauthConfig>', `${xml}<oauthConfig>`), file)
    const failed = eligibility.filter(({ state }) => state === 'not met')
    expect(failed.map((row) => row.condition).join()).toContain(condition)
    expect(failed).toHaveLength(1)
    expect(report.blockers).toHaveLength(1)
  })

  it('leaves to a person what no file tells', () => {
    const { eligibility } = migrated(smallConnectedApp)
    expect(eligibility).toHaveLength(10)
    expect(eligibility.filter(({ state }) => state === 'a person must look')).toHaveLength(6)
    expect(eligibility.filter(({ state }) => state === 'met').map(({ condition }) => condition)).toEqual([
      'It has no Apex handler.',
      'It is no canvas app.',
      'SAML does not encrypt with Triple DES.',
      'Its push notification settings are valid.',
    ])
    for (const { how } of eligibility) expect(how).toMatch(/\.$/)
    expect(migrationNotes.map(({ confidence }) => confidence)).toContain('?')
  })

  it('takes a name that a new app can have', () => {
    expect(migrated(smallConnectedApp, 'acme__Sync.connectedApp').options.apiName).toBe('Sync')
    expect(migrated(smallConnectedApp, 'C:\\apps\\Acme_Sync.connectedApp').options.apiName).toBe('Acme_Sync')
    expect(migrated(smallConnectedApp, `${'x'.repeat(60)}.connectedApp`).options.apiName).toBe('Acme_Sync')
    expect(migrated(smallConnectedApp.replace(/<label>.*<\/label>/, ''), FILE).options.label).toBe('Acme_Sync')
  })

  it.each<[string, string, RegExp]>([
    ['nothing', '', /empty/],
    ['text', 'hello', /not well-formed/],
    ['half of it', fullConnectedApp.slice(0, 900), /not well-formed/],
    ['another root', '<CustomApplication/>', /root element is not ConnectedApp/],
    ['an ECA file', '<ExtlClntAppOauthSettings/>', /already is a part/],
    ['two roots', `${smallConnectedApp.replace(/<\?.*\?>\n/, '')}<ConnectedApp/>`, /one root/],
    ['no OAuth', '<ConnectedApp><label>x</label></ConnectedApp>', /no OAuth settings/],
    ['a document type', smallConnectedApp.replace('<ConnectedApp', '<!DOCTYPE x [<!ENTITY a "b">]><ConnectedApp'), /document type/],
    ['an unknown entity', smallConnectedApp.replace('Acme Sync', '&secret;'), /entity/],
    ['a name like __proto__', smallConnectedApp.replace('<contactEmail>', '<__proto__>x</__proto__><contactEmail>'), /not well-formed/],
    ['300 KB', smallConnectedApp.replace('Acme Sync', 'x'.repeat(300_000)), /larger than/],
    ['deep nesting', `${'<ConnectedApp>'.repeat(3000)}${'</ConnectedApp>'.repeat(3000)}`, /nested too deeply/],
    [
      'a boolean that is none',
      smallConnectedApp.replace('<scopes>Api', '<isPkceRequired>maybe</isPkceRequired><scopes>Api'),
      /pkce: .*neither true nor false/,
    ],
    ['an http callback', smallConnectedApp.replace('https://api', 'http://api'), /callbackUrls: .*http/],
  ])('says what is wrong with %s', (_name, xml, problem) => {
    const answer = migrateConnectedApp(xml, FILE)
    expect(answer).toMatchObject({ ok: false, problem: expect.stringMatching(problem) })
    expect(JSON.stringify(answer)).not.toContain('secret;')
  })

  it('reads a byte order mark, Windows line ends, comments and CDATA', () => {
    const dressed = smallConnectedApp
      .replace('<label>Acme Sync', '<!-- <label>no</label> --><label><![CDATA[R&D <x>]]>')
      .replaceAll('\n', '\r\n')
    expect(migrated(`\uFEFF${dressed}`).options).toEqual({ ...migrated(smallConnectedApp).options, label: 'R&D <x>' })
  })

  it('never throws, however the file is damaged', () => {
    const damage = fc.tuple(
      fc.nat(fullConnectedApp.length),
      fc.nat(40),
      fc.oneof(fc.string(), fc.constantFrom('<', '>', '&', '</', '<![CDATA[', '-->', '&#0;', '&#xD800;', '\0')),
    )
    fc.assert(
      fc.property(damage, ([at, length, text]) => {
        const answer = migrateConnectedApp(fullConnectedApp.slice(0, at) + text + fullConnectedApp.slice(at + length), FILE)
        if (!answer.ok) expect(answer.problem).toMatch(/\.$/)
        else expect(parseAppFiles(appFiles(answer.options)).options).toEqual(answer.options)
      }),
      { numRuns: 100, examples: [[[0, 0, '']]] },
    )
  })
})
