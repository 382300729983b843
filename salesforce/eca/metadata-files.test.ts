import fc from 'fast-check'
import { unzipSync, strFromU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { acme, arbitraryAppInput, seedFiles } from './app-options-for-tests.ts'
import { checkAppOptions } from './app-options.ts'
import type { AppOptions } from './app-options.ts'
import { deployZip } from './deploy-zip.ts'
import { elementTable, listElementTable } from './element-table.ts'
import { appFiles } from './metadata-files.ts'
import type { AppFile } from './metadata-files.ts'
import { parseAppFiles } from './parse-app-files.ts'
import { applyPreset, presets } from './presets.ts'
import type { AppOverrides, PresetName } from './presets.ts'
import { parseXml } from './xml-tree.ts'

const RANGE = { tokenIpRanges: [{ start: '203.0.113.7', end: '203.0.113.7' }] }

function madeFrom(preset: PresetName, overrides: AppOverrides = {}): AppOptions {
  const checked = applyPreset(preset, { ...acme, ...RANGE, ...overrides })
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.options
}

function elementsOf(file: AppFile | undefined): Record<string, string> {
  const xml = parseXml(file?.content ?? '')
  if (!xml.ok) throw new Error(xml.problem)
  return Object.fromEntries(xml.root.children.map(({ name, text }) => [name, text]))
}

const ending = (files: readonly AppFile[], part: string): AppFile | undefined => files.find(({ path }) => path.endsWith(part))

describe('appFiles', () => {
  it('writes exactly what Setup makes of the guide', () => {
    const files = appFiles(madeFrom('as-guide', { tokenIpRanges: undefined }))
    const metadata = files.filter(({ path }) => path.startsWith('force-app/main/default/'))
    const written = Object.fromEntries(metadata.map((file) => [file.path.replace('force-app/main/default/', ''), elementsOf(file)]))
    expect(written).toEqual(seedFiles)
    expect(files.map(({ path }) => path).slice(0, 5)).toEqual([
      'sfdx-project.json',
      '.gitignore',
      'README.md',
      'hawser-app.json',
      'package.xml',
    ])
  })

  it('names every component in package.xml, with the version', () => {
    const manifest = ending(appFiles(madeFrom('partner-mandate')), 'package.xml')?.content ?? ''
    expect(manifest.match(/<members>\w+<\/members>/g)).toHaveLength(6)
    expect(manifest).toContain('<members>Acme_Sync_oauthSecurity</members>\n        <name>ExtlClntAppOauthSecuritySettings</name>')
    expect(manifest).toContain('<version>66.0</version>')
  })

  it.each(['hardened', 'partner-mandate'] as const)('%s leaves no switch to the org', (preset) => {
    const global = elementsOf(ending(appFiles(madeFrom(preset)), '.ecaGlblOauth-meta.xml'))
    const newer = ['isDPopEnabled', 'isMtlsEnabled', 'isNamedUserJwtEnabled']
    const switches = elementTable.filter(
      ({ file, kind, element }) => file === 'globalOauth' && /boolean|negated/.test(kind) && !element.includes('.'),
    )
    for (const { element } of switches) if (!newer.includes(element)) expect(global).toHaveProperty(element)
    expect(global).toMatchObject({ isCodeCredFlowEnabled: 'false', isRefreshTokenRotationEnabled: 'true', isPkceRequired: 'true' })
    expect(global['isEnforceRefreshTokenTTL']).toBe(String(preset === 'partner-mandate'))
  })

  it('leaves the headless flow out where an org refuses it', () => {
    const files = appFiles(madeFrom('as-guide', { extras: { codeCredentialsPostOnly: true } }), { withoutCodeAndCredentials: true })
    expect(files.map(({ content }) => content).join('')).not.toMatch(/<isCodeCred/)
  })

  it('keeps what can carry a key out of version control and never writes one', () => {
    const files = appFiles(madeFrom('hardened'))
    expect(ending(files, '.gitignore')?.content).toContain('extlClntAppGlobalOauthSets/')
    for (const { path, content } of files) if (path.endsWith('.xml')) expect(content).not.toMatch(/consumerKey|consumerSecret/)
  })

  it('says where sf logs in', () => {
    expect(ending(appFiles(madeFrom('as-guide')), 'sfdx-project.json')?.content).toContain('"https://test.salesforce.com"')
    expect(ending(appFiles(madeFrom('as-guide'), { orgKind: 'production' }), 'sfdx-project.json')?.content).toContain(
      '"https://login.salesforce.com"',
    )
  })

  it('escapes texts and orders elements by the alphabet', () => {
    const app = ending(appFiles(madeFrom('hardened', { label: 'R&D <Sync>', apiName: 'RD' })), 'RD.eca-meta.xml')?.content ?? ''
    expect(app).toContain('<label>R&amp;D &lt;Sync&gt;</label>')
    for (const { content, path } of appFiles(madeFrom('partner-mandate')).filter((file) => file.path.endsWith('-meta.xml'))) {
      const names = [...content.matchAll(/^ {4}<(\w+)>/gm)].map((match) => match[1] ?? '')
      expect(names, path).toEqual(names.toSorted())
    }
  })

  it('has every element once in its tables', () => {
    const names = [...elementTable, ...listElementTable].map(({ file, element }) => `${file} ${element}`)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('parseAppFiles', () => {
  it.each(presets)('reads back what $name writes', ({ name }) => {
    const options = madeFrom(name)
    const files = appFiles(options)
    expect(parseAppFiles(files).options).toEqual(options)
    expect(appFiles(options)).toEqual(files)
  })

  it('reads back any app, from a project and from a zip', () => {
    fc.assert(
      fc.property(arbitraryAppInput, (input) => {
        const checked = checkAppOptions(input)
        if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
        expect(parseAppFiles(appFiles(checked.options)).options).toEqual(checked.options)
        const zip = unzipSync(deployZip(checked.options))
        const files = Object.entries(zip).map(([path, bytes]) => ({ path, content: strFromU8(bytes) }))
        expect(parseAppFiles(files).options).toEqual(checked.options)
      }),
      { numRuns: 60 },
    )
  })

  const files = appFiles(madeFrom('as-guide'))
  const changed = (part: string, change: (content: string) => string): AppFile[] =>
    files.map((file) => (file.path.includes(part) ? { ...file, content: change(file.content) } : file))

  it.each<[string, AppFile[], string, RegExp]>([
    ['no app', files.filter(({ path }) => !path.includes('.eca-')), 'refused', /no External Client App/],
    [
      'no global settings',
      files.filter(({ path }) => !path.includes('.ecaGlblOauth')),
      'refused',
      /ExtlClntAppGlobalOauthSettings file is missing/,
    ],
    ['no OAuth settings', files.filter(({ path }) => !path.includes('.ecaOauth-')), 'refused', /ExtlClntAppOauthSettings file is missing/],
    ['no policies', files.filter(({ path }) => !path.includes('.ecaOauthPlcy')), 'warning', /365 days/],
    ['another app named', changed('.ecaOauth-', (text) => text.replace('>Acme_Sync<', '>Other<')), 'refused', /does not name the app/],
    ['a wrong enum', changed('.eca-', (text) => text.replace('>Local<', '>Packageable<')), 'refused', /not one of the values/],
    [
      'a lower-case policy',
      changed('.ecaOauthPlcy', (text) => text.replace('>Infinite<', '>infinite<')),
      'refused',
      /refreshTokenPolicyType: .*policy/,
    ],
    ['an unknown scope', changed('.ecaOauth-', (text) => text.replace('Api,', 'ChatterApi,')), 'refused', /not a scope/],
    [
      'a secret',
      changed('.ecaGlblOauth', (text) => text.replace('    <label>', '    <consumerSecret>S3CRET</consumerSecret>\n    <label>')),
      'refused',
      /rotate/,
    ],
    [
      'a key',
      changed('.ecaGlblOauth', (text) => text.replace('    <label>', '    <consumerKey>3MVG9x</consumerKey>\n    <label>')),
      'warning',
      /consumer key/,
    ],
    [
      'an element in the wrong file',
      changed('.ecaPlcy', (text) => text.replace('<startPage>', '<ipRelaxation>ENFORCE</ipRelaxation><startPage>')),
      'warning',
      /does not know/,
    ],
    [
      'a switched-off app',
      changed('.ecaPlcy', (text) => text.replace('<isEnabled>true', '<isEnabled>false')),
      'warning',
      /isEnabled: .*does not keep/,
    ],
    [
      'a doubled element',
      changed('.ecaGlblOauth', (text) => text.replace('<label>', '<isPkceRequired>false</isPkceRequired><label>')),
      'refused',
      /more than once/,
    ],
    ['half a file', changed('.ecaGlblOauth', (text) => text.slice(0, 200)), 'refused', /not well-formed/],
    [
      'a wrong root',
      changed('.ecaGlblOauth', (text) => text.replaceAll('ExtlClntAppGlobalOauthSettings', 'ConnectedApp')),
      'refused',
      /root element/,
    ],
    ['two apps', [...files, ...appFiles(madeFrom('as-guide', { apiName: 'Other' }))], 'refused', /2 apps/],
    ['two files of a type', [...files, ...files.filter(({ path }) => path.includes('.ecaOauth-'))], 'refused', /two files/],
  ])('says what is wrong with %s', (_name, given, severity, says) => {
    const parsed = parseAppFiles(given)
    const said = parsed.problems
      .filter((problem) => problem.severity === severity)
      .map(({ element, reason, fix }) => `${element}: ${reason} ${fix}`)
    expect(said.join('\n')).toMatch(says)
    expect(parsed.options === undefined).toBe(severity === 'refused')
    expect(JSON.stringify(parsed.problems)).not.toMatch(/S3CRET|3MVG9x/)
  })

  it('passes over what a retrieve adds', () => {
    const retrieved = changed('.ecaPlcy', (text) =>
      text.replace('<isEnabled>', '<isCanvasPluginEnabled>false</isCanvasPluginEnabled><isEnabled>'),
    )
    expect(parseAppFiles(retrieved)).toEqual(parseAppFiles(files))
    const canvas = changed('.ecaPlcy', (text) =>
      text.replace('<isEnabled>', '<isCanvasPluginEnabled>true</isCanvasPluginEnabled><isEnabled>'),
    )
    expect(parseAppFiles(canvas).problems.map(({ element }) => element)).toContain('isCanvasPluginEnabled')
  })

  it('picks one of several apps by name', () => {
    const both = [...files, ...appFiles(madeFrom('hardened', { apiName: 'Other' }))]
    expect(parseAppFiles(both, { apiName: 'Other' }).options).toEqual(madeFrom('hardened', { apiName: 'Other' }))
  })

  it('never throws, whatever the files hold', () => {
    const names = files.map(({ path }) => path)
    const content = fc.oneof(
      fc.string(),
      fc.constantFrom(...files.map((file) => file.content)),
      fc.string().map((text) => `<ExternalClientApplication>${text}</ExternalClientApplication>`),
    )
    const given = fc.array(fc.record({ path: fc.constantFrom(...names, 'x', ''), content }), { maxLength: 6 })
    fc.assert(
      fc.property(given, (hostile) => Array.isArray(parseAppFiles(hostile).problems)),
      { numRuns: 200 },
    )
  })
})

describe('deployZip', () => {
  it('holds the files in the layout of the Metadata API, the same bytes each time', () => {
    const options = madeFrom('as-guide', { tokenIpRanges: undefined })
    const zip = deployZip(options)
    expect(Object.keys(unzipSync(zip))).toEqual([
      'unpackaged/package.xml',
      'unpackaged/externalClientApps/Acme_Sync.eca',
      'unpackaged/extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth',
      'unpackaged/extlClntAppOauthSettings/Acme_Sync_oauth.ecaOauth',
      'unpackaged/extlClntAppOauthPolicies/Acme_Sync_oauthPlcy.ecaOauthPlcy',
      'unpackaged/extlClntAppPolicies/Acme_Sync_plcy.ecaPlcy',
    ])
    expect(deployZip(options)).toEqual(zip)
    expect(Object.keys(unzipSync(deployZip(options, { folder: '' })))).toContain('externalClientApps/Acme_Sync.eca')
  })

  it('gives an app its former credentials', () => {
    const zip = unzipSync(deployZip(madeFrom('as-guide'), { consumerKey: '3MVG9.former_key', consumerSecret: 'F'.repeat(64) }))
    const global = strFromU8(zip['unpackaged/extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth'] ?? new Uint8Array())
    expect(global).toContain('<consumerKey>3MVG9.former_key</consumerKey>\n    <consumerSecret>FFFF')
    expect(() => deployZip(madeFrom('as-guide'), { consumerKey: '<x>' })).toThrow(/consumer key/)
    expect(() => deployZip(madeFrom('as-guide'), { consumerSecret: 'two words' })).toThrow(/^(?!.*two words)/)
  })
})
