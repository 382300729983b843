import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acmeSync, deployZip, GLOBAL, HEADER, metadataXml, OAUTH } from './app-files-fixture.ts'
import { readPackage } from './read-package.ts'

const OWN = '<externalClientApplication>Acme_Sync</externalClientApplication>'

const read = (elements: string) =>
  readPackage(deployZip({ [GLOBAL]: metadataXml('ExtlClntAppGlobalOauthSettings', `${OWN}${elements}`) })).components[0]

describe('a package', () => {
  it('is its manifest, its version, and the fields of its files in their types', () => {
    const found = readPackage(deployZip(acmeSync()))
    expect([found.apiVersion, found.problems, found.components.map((one) => one.problems)]).toEqual([66, [], [[], [], [], [], []]])
    expect(found.components.map((one) => one.fullName)).toEqual([
      'Acme_Sync',
      'Acme_Sync_glbloauth',
      'Acme_Sync_oauth',
      'Acme_Sync_oauthPlcy',
      'Acme_Sync_plcy',
    ])
    expect(found.components[2]?.fields).toEqual({
      commaSeparatedOauthScopes: 'Api, RefreshToken',
      externalClientApplication: 'Acme_Sync',
      label: 'Acme_Sync_oauth',
    })
    expect(found.components[1]?.fields['isPkceRequired']).toBe(true)
  })

  it('reads entities, comments, CDATA, white space and a byte order mark as XML does', () => {
    const label = (content: string) => read(`<label>${content}</label>`)?.fields['label']
    expect([label('R &amp; D &#64; &#x41;'), label('<![CDATA[a < b]]>'), label('  x  '), label('a<!-- c -->b')]).toEqual([
      'R & D @ A',
      'a < b',
      'x',
      'ab',
    ])
    const withMark = readPackage(deployZip({ [HEADER]: `\uFEFF${acmeSync()[HEADER]}` }))
    expect(withMark.components[0]?.problems).toEqual([])
  })

  it('takes an empty element for an absent one', () => {
    expect(read('<callbackUrl/><isPkceRequired></isPkceRequired>')?.fields).toEqual({ externalClientApplication: 'Acme_Sync' })
  })

  it('says what is wrong in one file: twice the same, text where a group belongs, what the version does not know', () => {
    const problems = (elements: string) => read(elements)?.problems.map((one) => one.problem)
    expect(problems('<label>a</label><label>b</label>')).toEqual([
      'Element label is duplicated at this location in type ExtlClntAppGlobalOauthSettings',
    ])
    expect(problems('<label><b>a</b></label>')?.[0]).toContain('{http://soap.sforce.com/2006/04/metadata}b invalid')
    const old = deployZip({
      'package.xml': metadataXml(
        'Package',
        '<types><members>*</members><name>ExtlClntAppGlobalOauthSettings</name></types><version>64.0</version>',
      ),
      [GLOBAL]: metadataXml('ExtlClntAppGlobalOauthSettings', `${OWN}<isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>`),
    })
    expect(readPackage(old).components[0]?.problems[0]?.problem).toContain('isNamedUserJwtEnabled invalid at this location')
    expect(read('<isNamedUserJwtEnabled>true</isNamedUserJwtEnabled>')?.problems).toEqual([])
  })

  it('never throws, whatever the bytes and the files hold', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^<[a-zA-Z_:]{1,12}( a="[^"<]*")?>[^<]{0,20}<\/?[a-zA-Z_:]{0,12}>$/),
      fc.constantFrom(
        '<__proto__/>',
        '<constructor>1</constructor>',
        '<toString/>',
        '<!DOCTYPE a [<!ENTITY b "&b;">]><a>&b;</a>',
        '<a>&nope;</a>',
        '<?xml?>',
      ),
    )
    fc.assert(
      fc.property(text, text, fc.boolean(), (one, other, wrapped) => {
        const content = wrapped ? metadataXml('ExtlClntAppOauthSettings', one) : one
        expect(readPackage(deployZip({ [OAUTH]: content, 'destructiveChanges.xml': other })).components).toHaveLength(1)
        readPackage(deployZip({ 'package.xml': other, [OAUTH]: content }))
      }),
      { numRuns: 100 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readPackage(Buffer.from(bytes))))
    const zip = deployZip(acmeSync())
    fc.assert(
      fc.property(fc.nat(zip.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(zip)
        broken[at] = byte
        readPackage(broken)
      }),
    )
  })
})
