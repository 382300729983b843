import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apiNameFault } from './api-name.ts'
import { acme, arbitraryAppInput } from './app-options-for-tests.ts'
import { apiNameFromLabel, checkAppOptions } from './app-options.ts'
import type { AppOptions } from './app-options.ts'
import { elementTable, listElementTable } from './element-table.ts'
import { isPrivateAddress, ipRangeSize } from './ip-ranges.ts'
import { applyPreset, presets } from './presets.ts'
import { metadataElementOf, setupLabelOf, setupLabels } from './setup-labels.ts'

const problemsOf = (input: unknown, orgKind?: 'sandbox' | 'scratch' | 'production'): string[] => {
  const checked = checkAppOptions(input, { orgKind })
  return checked.ok ? [] : checked.problems.map(({ field, reason }) => `${field}: ${reason}`)
}
const warningsOf = (input: unknown): string[] => checkAppOptions(input).warnings.map(({ field, reason }) => `${field}: ${reason}`)

describe('apiNameFault', () => {
  it.each([
    'A',
    'Acme',
    'Acme_Sync',
    'acme_sync_2',
    'A1',
    'A_1',
    'a',
    'Z9',
    'CamelCase',
    'x'.repeat(40),
    'Acme_Sync_UAT',
    'A_b_C_d',
    'ACME',
  ])('takes %s', (name) => {
    expect(apiNameFault(name)).toBeUndefined()
  })

  it.each([
    ['', /empty/],
    [' ', /space/],
    ['Acme Sync', /space/],
    ['Acme\tSync', /space/],
    ['Acme\nSync', /space/],
    ['Acme\u00A0Sync', /space/],
    ['Acme-Sync', /only letters/],
    ['Acme.Sync', /only letters/],
    ['Acme/Sync', /only letters/],
    ['../Acme', /only letters/],
    ['Acme\\Sync', /only letters/],
    ['Acmé', /only letters/],
    ['Äcme', /only letters/],
    ['アプリ', /only letters/],
    ['Аcme', /only letters/],
    ['Acme\u200B', /only letters/],
    ['Acme<', /only letters/],
    ['Acme&', /only letters/],
    ['Acme$', /only letters/],
    ['Acme!', /only letters/],
    ["O'Neil", /only letters/],
    ['Acme:Sync', /only letters/],
    ['Acme\0', /only letters/],
    ['1Acme', /begin with a letter/],
    ['2', /begin with a letter/],
    ['_Acme', /begin with a letter/],
    ['_', /begin with a letter/],
    ['Acme_', /end with an underscore/],
    ['Acme__', /end with an underscore/],
    ['Acme__Sync', /two underscores/],
    ['ns__Acme', /two underscores/],
    ['Acme___c', /two underscores/],
    ['Acme__c', /two underscores/],
    ['x'.repeat(41), /41 characters/],
    [`A${'_b'.repeat(20)}`, /41 characters/],
  ])('refuses %j', (name, why) => {
    expect(apiNameFault(name)).toMatch(why)
  })
})

describe('apiNameFromLabel', () => {
  it.each([
    ['Acme Sync', 'Acme_Sync'],
    ['Acme  Sync', 'Acme_Sync'],
    [' Acme – Sync! ', 'Acme_Sync'],
    ['Acme_Sync', 'Acme_Sync'],
    ['Größe', 'Gro_e'],
    ['Café', 'Cafe'],
    ['2nd App', 'X2nd_App'],
    ['アプリ', 'App'],
    ['', 'App'],
    ['a'.repeat(60), 'a'.repeat(40)],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
  ])('makes of %j %s', (label, name) => {
    expect(apiNameFromLabel(label)).toBe(name)
  })

  it('always makes a name that is accepted', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 20 })),
        (label) => apiNameFault(apiNameFromLabel(label)) === undefined,
      ),
    )
  })
})

describe('checkAppOptions', () => {
  it('fills in the name, the distribution and the scopes, and nothing else', () => {
    const expected: AppOptions = { ...acme, apiName: 'Acme_Sync', distribution: 'Local', scopes: ['api', 'refresh_token'], flows: {} }
    expect(checkAppOptions(acme)).toEqual({ ok: true, options: expected, warnings: [] })
  })

  it('gives back what it gave', () => {
    fc.assert(
      fc.property(arbitraryAppInput, (input) => {
        const once = checkAppOptions(input)
        if (!once.ok) throw new Error(JSON.stringify(once.problems))
        expect(checkAppOptions(once.options)).toEqual(once)
      }),
      { numRuns: 100 },
    )
  })

  it('puts in order: trims, drops what is empty, knows metadata tokens, takes each once', () => {
    const checked = checkAppOptions({
      ...acme,
      label: '  Acme Sync ',
      contactPhone: ' ',
      infoUrl: null,
      scopes: ['Api', 'RefreshToken', 'api', 'SemanticLayer'],
      flows: ['device'],
      profiles: [],
      extras: {},
    })
    expect(checked).toMatchObject({
      ok: true,
      options: {
        label: 'Acme Sync',
        scopes: ['api', 'refresh_token', 'SemanticLayer'],
        flows: { device: true, codeAndCredentials: false },
      },
    })
    if (checked.ok)
      for (const absent of ['contactPhone', 'infoUrl', 'profiles', 'extras']) expect(checked.options).not.toHaveProperty(absent)
  })

  it.each<[string, object | null | string, RegExp]>([
    ['nothing', null, /not an object/],
    ['a text', 'x', /not an object/],
    ['no label', { label: undefined }, /^label: .*needed/],
    ['no email', { contactEmail: '' }, /^contactEmail: .*needed/],
    ['a bad email', { contactEmail: 'someone' }, /^contactEmail: .*not an email/],
    ['two emails', { contactEmail: 'a@b.co, c@d.co' }, /^contactEmail: .*not an email/],
    ['a line break in a name', { label: 'Acme\nSync' }, /^label: .*line break/],
    ['a control character', { description: 'a\u0001b' }, /^description: .*control character/],
    ['half a character', { description: 'a\uD800' }, /^description: .*control character/],
    ['a number for a text', { label: 7 }, /^label: .*not a text/],
    ['a huge text', { description: 'x'.repeat(20_000) }, /^description: .*too long/],
    ['an option that does not exist', { clientSecret: 'hunter2' }, /1 options that do not exist/],
    ['a bad API name', { apiName: 'a b' }, /^apiName: /],
    ['no callback', { callbackUrls: [] }, /^callbackUrls: There is no/],
    ['an http callback', { callbackUrls: ['http://api.example.com/cb'] }, /^callbackUrls: .*http/],
    ['a look-alike of localhost', { callbackUrls: ['http://localhost.example.com/cb'] }, /^callbackUrls: .*http/],
    ['a relative callback', { callbackUrls: ['/oauth/callback'] }, /^callbackUrls: .*not a complete URL/],
    ['a callback with a space', { callbackUrls: ['https://a.example/c b'] }, /^callbackUrls: .*not a complete URL/],
    ['a callback with a fragment', { callbackUrls: ['https://a.example/cb#x'] }, /^callbackUrls: .*fragment/],
    ['a callback with an empty fragment', { callbackUrls: ['https://a.example/cb#'] }, /^callbackUrls: .*fragment/],
    ['a callback with a wildcard', { callbackUrls: ['https://*.example.com/cb'] }, /^callbackUrls: .*(wildcard|complete)/],
    ['a callback with a user', { callbackUrls: ['https://u:p@a.example/cb'] }, /^callbackUrls: .*user name/],
    ['a script as callback', { callbackUrls: ['javascript:alert(1)'] }, /^callbackUrls: .*scheme/],
    ['too long callbacks', { callbackUrls: [1, 2, 3].map((n) => `https://a.example/${'x'.repeat(700)}${n}`) }, /^callbackUrls: .*2000/],
    ['a callback that is no list', { callbackUrls: 'https://a.example' }, /^callbackUrls: .*not a list/],
    ['an unknown scope', { scopes: ['everything'] }, /^scopes: .*not a scope/],
    ['no scope', { scopes: [] }, /^scopes: There is no scope/],
    ['an unknown flow', { flows: ['implicit'] }, /^flows: /],
    ['a flow that is no boolean', { flows: { device: 'yes' } }, /^flows\.device: /],
    ['a wrong enum', { ipRelaxation: 'ENFORCE' }, /^ipRelaxation: /],
    ['Packageable', { distribution: 'Packageable' }, /^distribution: /],
    ['a flag that is a text', { pkce: 'true' }, /^pkce: /],
    ['half a refresh token policy', { refreshTokens: { policy: 'lifetime', period: 3 } }, /^refreshTokens: .*not complete/],
    [
      'a policy with a period it cannot have',
      { refreshTokens: { policy: 'infinite', period: 3, unit: 'days' } },
      /^refreshTokens\.period: /,
    ],
    ['a fractional session', { sessionTimeoutMinutes: 1.5 }, /^sessionTimeoutMinutes: /],
    ['a comma in a profile', { profiles: ['a, b'] }, /^profiles: .*comma/],
    ['a range that is no address', { tokenIpRanges: [{ start: '10.0.0.0/8', end: '10.0.0.1' }] }, /^tokenIpRanges: .*not an IP address/],
    ['a range of two families', { tokenIpRanges: [{ start: '203.0.113.1', end: '2001:db8::1' }] }, /^tokenIpRanges: .*IPv4/],
    ['a range backwards', { tokenIpRanges: [{ start: '203.0.113.9', end: '203.0.113.1' }] }, /^tokenIpRanges: .*before it begins/],
    ['too many addresses', { tokenIpRanges: [{ start: '203.0.113.0', end: '203.0.114.0' }] }, /^tokenIpRanges: .*256 addresses/],
    ['half a range', { tokenIpRanges: [{ start: '203.0.113.1' }] }, /^tokenIpRanges\[0\]\.end: .*needed/],
    [
      'too many ranges',
      { tokenIpRanges: Array.from({ length: 129 }, (_, n) => ({ start: `203.0.113.${n}`, end: `203.0.113.${n}` })) },
      /128 ranges/,
    ],
    ['a private key', { extras: { certificate: '-----BEGIN PRIVATE KEY-----' } }, /^extras\.certificate: .*private key/],
    ['an extra that does not exist', { extras: { consumerSecret: 'hunter2' } }, /^extras: .*do not exist/],
    [
      'an attribute twice',
      { extras: { customAttributes: [1, 2].map(() => ({ key: 'k', formula: 'f' })) } },
      /^extras\.customAttributes: .*twice/,
    ],
    ['a logo that is a script', { logoUrl: 'javascript:alert(1)' }, /^logoUrl: /],
  ])('refuses %s', (_name, change, why) => {
    const problems = problemsOf(change === null || typeof change === 'string' ? change : { ...acme, ...change })
    expect(problems.join('\n')).toMatch(new RegExp(why.source, 'm'))
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it('keeps to Local in sandboxes and scratch orgs', () => {
    const packaged = { ...acme, distribution: 'Packaged' }
    expect(problemsOf(packaged, 'sandbox')).toEqual(['distribution: An app made in a sandbox can only be Local.'])
    expect(problemsOf(packaged, 'scratch')).toEqual(['distribution: An app made in a scratch org can only be Local.'])
    expect(problemsOf(packaged, 'production')).toEqual([])
    expect(warningsOf(packaged).join()).toMatch(/^distribution/)
  })

  it.each<[string, object, RegExp]>([
    ['no refresh token', { scopes: ['api'] }, /^scopes: Without refresh_token/],
    ['a policy of zero', { refreshTokens: { policy: 'zero' } }, /^refreshTokens/],
    ['PKCE off', { pkce: false }, /^pkce/],
    ['a callback on 127.0.0.1', { callbackUrls: ['http://127.0.0.1/cb'] }, /^callbackUrls/],
    ['a scheme of its own', { callbackUrls: ['myapp://oauth'] }, /^callbackUrls/],
    ['private addresses', { tokenIpRanges: [{ start: '10.0.0.1', end: '10.0.0.1' }] }, /^tokenIpRanges/],
    ['pre-approval of nobody', { permittedUsers: 'AdminApprovedPreAuthorized' }, /^permittedUsers/],
    ['profiles for everybody', { profiles: ['Standard User'] }, /^permittedUsers/],
    ['a long label', { label: 'x'.repeat(81) }, /^label: This is longer than 80/],
    ['a JWT switch', { extras: { namedUserJwt: true } }, /^extras\.namedUserJwt/],
    ['a session of a week', { sessionTimeoutMinutes: 10_080 }, /^sessionTimeoutMinutes/],
  ])('warns about %s', (_name, change, why) => {
    expect(problemsOf({ ...acme, ...change })).toEqual([])
    expect(warningsOf({ ...acme, ...change }).join('\n')).toMatch(new RegExp(why.source, 'm'))
  })

  it('takes http for localhost without a word, and IPv6', () => {
    const input = {
      ...acme,
      callbackUrls: ['http://localhost:1717/OauthRedirect'],
      tokenIpRanges: [{ start: '2001:db8::1', end: '2001:db8::ff' }],
    }
    expect(checkAppOptions(input)).toMatchObject({ ok: true, warnings: [] })
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (input) => typeof checkAppOptions(input).ok === 'boolean'))
    const fields = fc.constantFrom(
      ...Object.keys({ ...acme, scopes: 1, flows: 1, refreshTokens: 1, tokenIpRanges: 1, extras: 1, permissionSets: 1 }),
    )
    fc.assert(fc.property(fields, fc.anything(), (field, value) => typeof checkAppOptions({ ...acme, [field]: value }).ok === 'boolean'))
  })
})

describe('ipRangeSize', () => {
  it.each([
    ['203.0.113.0', '203.0.113.255', 256n],
    ['::1', '::1', 1n],
    ['2001:db8::', '2001:db8:0:0:0:0:0:ffff', 65536n],
    ['0.0.0.0', '255.255.255.255', 4294967296n],
    ['010.0.0.1', '10.0.0.1', 'address'],
    ['1.2.3', '1.2.3.4', 'address'],
    ['256.0.0.1', '256.0.0.1', 'address'],
    ['1::2::3', '1::2', 'address'],
    ['1:2:3:4:5:6:7', '::', 'address'],
    ['fe80::1%eth0', 'fe80::1', 'address'],
    [':', ':', 'address'],
  ])('%s to %s', (start, end, size) => {
    expect(ipRangeSize({ start, end })).toBe(size)
  })

  it.each([
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['100.64.0.1', true],
    ['fd00::1', true],
    ['::1', true],
    ['2001:db8::1', false],
    ['203.0.113.7', false],
  ])('knows whether %s is private', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected)
  })
})

describe('presets', () => {
  it('adds overrides member by member', () => {
    const made = applyPreset('hardened', {
      ...acme,
      flows: { device: true },
      extras: { startUrl: 'https://a.example/' },
      description: undefined,
    })
    expect(made).toMatchObject({
      ok: true,
      options: {
        description: 'Acme Sync integration',
        flows: { device: true, codeAndCredentials: false },
        extras: { startUrl: 'https://a.example/', introspectAllTokens: false },
      },
    })
  })

  it('refuses partner-mandate without one of its controls', () => {
    const ranges = { tokenIpRanges: [{ start: '203.0.113.7', end: '203.0.113.7' }] }
    const missing = (overrides: object): string[] => {
      const made = applyPreset('partner-mandate', { ...acme, ...overrides })
      return made.ok ? [] : made.problems.map(({ field }) => field)
    }
    expect(missing(ranges)).toEqual([])
    expect(missing({})).toEqual(['tokenIpRanges'])
    expect(missing({ tokenIpRanges: [] })).toEqual(['tokenIpRanges'])
    expect(missing({ ...ranges, pkce: false, rotation: false, idleLimit: false })).toEqual(['pkce', 'rotation', 'idleLimit'])
  })

  it('says what each costs, in a sentence', () => {
    for (const { costs } of presets) expect(costs).toMatch(/^[A-Z][^.]{20,}\.$/)
  })
})

describe('setup labels', () => {
  it('has one for every option of the guide, and every option an element', () => {
    const fields = [...elementTable, ...listElementTable].map(({ field }) => field).filter((field) => !field.startsWith('extras.'))
    expect(setupLabels.map(({ field }) => field).toSorted()).toEqual([...new Set([...fields, 'apiName', 'refreshTokens'])].toSorted())
    for (const { field } of setupLabels) expect(metadataElementOf(field)).toMatch(/^Ext\w+\.\w+$/)
    expect(setupLabelOf('pkce')?.label).toMatch(/^Require Proof Key/)
    expect(metadataElementOf('pkce')).toBe('ExtlClntAppGlobalOauthSettings.isPkceRequired')
  })
})
