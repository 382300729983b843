import { describe, expect, it } from 'vitest'
import { environmentMismatch, orgKindFrom } from './org.ts'
import { orgChange } from './org-change.ts'

const TRIAL_END = '2027-01-01T00:00:00.000+0000'

describe('orgKindFrom', () => {
  it.each([
    [{ IsSandbox: true, TrialExpirationDate: null, OrganizationType: 'Enterprise Edition' }, undefined, 'sandbox'],
    [{ IsSandbox: true, TrialExpirationDate: TRIAL_END }, undefined, 'scratch'],
    [{ IsSandbox: false, TrialExpirationDate: null, OrganizationType: 'Enterprise Edition' }, undefined, 'production'],
    [{ IsSandbox: false, TrialExpirationDate: null, OrganizationType: 'Developer Edition' }, undefined, 'developer'],
    [{ IsSandbox: false, OrganizationType: 'Developer Edition' }, 'x.trailblaze.my.salesforce.com', 'trailhead'],
    [{ IsSandbox: false, TrialExpirationDate: TRIAL_END, OrganizationType: 'Enterprise Edition' }, undefined, 'trial'],
    [{ IsSandbox: false }, 'x.patch.my.salesforce.com', 'patch'],
    // The row outranks the host.
    [{ IsSandbox: false, OrganizationType: 'Enterprise Edition' }, 'acme--uat.sandbox.my.salesforce.com', 'production'],
  ])('believes the Organization row %o', (organization, instanceHost, kind) => {
    expect(orgKindFrom({ organization, instanceHost })).toEqual({ kind, basis: 'organization', certain: true })
  })

  it.each([
    ['acme--uat.sandbox.my.salesforce.com', 'sandbox', true],
    ['x.scratch.my.salesforce.com', 'scratch', true],
    ['x-dev-ed.develop.my.salesforce.com', 'developer', true],
    ['x.free.my.salesforce.com', 'trial', true],
    ['acme.my.salesforce.com', 'production', false],
    ['acme--uat.my.salesforce.com', 'sandbox', false],
  ])('reads the instance host %s before the login host', (instanceHost, kind, certain) => {
    expect(orgKindFrom({ instanceHost, loginHost: 'test.salesforce.com' })).toEqual({ kind, basis: 'instance_host', certain })
  })

  it('falls back to the login host, then the identity host', () => {
    const unknownHost = { instanceHost: 'na12.salesforce.com' }
    expect(orgKindFrom({ ...unknownHost, loginHost: 'test.salesforce.com' })).toEqual({
      kind: 'sandbox',
      basis: 'login_host',
      certain: false,
    })
    expect(orgKindFrom({ loginHost: 'acme--uat.sandbox.my.salesforce.com' })).toEqual({
      kind: 'sandbox',
      basis: 'login_host',
      certain: true,
    })
    expect(orgKindFrom({ identityHost: 'test.salesforce.com' })).toEqual({ kind: 'sandbox', basis: 'identity_host', certain: false })
  })

  it('takes login.salesforce.com for no proof at all', () => {
    const nothing = { kind: 'unknown', basis: 'none', certain: false }
    expect(orgKindFrom({ loginHost: 'login.salesforce.com', identityHost: 'login.salesforce.com' })).toEqual(nothing)
    expect(orgKindFrom({ identityHost: 'acme--uat.sandbox.my.salesforce.com' })).toEqual(nothing)
    expect(orgKindFrom({})).toEqual(nothing)
  })
})

describe('environmentMismatch', () => {
  it.each(['production', 'developer', 'trailhead', 'trial', 'demo', 'patch'] as const)('sends %s to salesforce', (kind) => {
    expect(environmentMismatch('salesforce', kind)).toBeUndefined()
    expect(environmentMismatch('salesforce-sandbox', kind)?.message).toContain('use the `salesforce` integration')
  })

  it.each(['sandbox', 'scratch'] as const)('sends %s to salesforce-sandbox', (kind) => {
    expect(environmentMismatch('salesforce-sandbox', kind)).toBeUndefined()
    expect(environmentMismatch('salesforce', kind)?.message).toContain('use the `salesforce-sandbox` integration')
  })

  it('names the kind and says nothing where nothing is known', () => {
    expect(environmentMismatch('salesforce-sandbox', 'developer')?.message).toBe(
      'This is a Developer Edition org; use the `salesforce` integration.',
    )
    expect(environmentMismatch('salesforce-sandbox', 'unknown')).toBeUndefined()
    expect(environmentMismatch('salesforce', 'unknown')).toBeUndefined()
  })

  it.each([
    ['salesforce', 'sandbox', 'a sandbox', 'your production org'],
    ['salesforce-sandbox', 'developer', 'a Developer Edition org', 'your sandbox'],
  ] as const)('tells who signed in through %s to %s what it was, and where to go', (provider, kind, found, place) => {
    const { row } = environmentMismatch(provider, kind)!
    expect(row.endUserText).toContain(`You signed in to ${found}`)
    expect(row.endUserText).toContain(`sign in to ${place}`)
    expect(row.endUserText).toContain('private window')
    expect(row.endUserText).not.toMatch(/integration|provider|`/)
    expect(row.fix.join(' ')).toContain(provider === 'salesforce' ? 'salesforce-sandbox' : 'provider salesforce.')
  })
})

describe('orgChange', () => {
  const OLD = '00D5g000004abCd'
  const NEW = '00D5g000004abCe'
  const sandbox = 'acme--uat.sandbox.my.salesforce.com'

  it.each([
    [sandbox, OLD, sandbox, `${OLD}EAI`, 'same'],
    [sandbox, OLD, 'renamed--uat.sandbox.my.salesforce.com', OLD, 'same'],
    [sandbox, OLD, sandbox, NEW, 'sandbox_refreshed'],
    ['ACME--UAT.sandbox.my.salesforce.com', OLD, sandbox, NEW, 'sandbox_refreshed'],
    ['acme--uat.cs42.my.salesforce.com', OLD, 'acme--uat.cs42.my.salesforce.com', NEW, 'sandbox_refreshed'],
    [sandbox, OLD, 'acme--qa.sandbox.my.salesforce.com', NEW, 'another_org'],
    ['acme.my.salesforce.com', OLD, 'acme.my.salesforce.com', NEW, 'another_org'],
    ['cs42.salesforce.com', OLD, 'cs42.salesforce.com', NEW, 'another_org'],
    ['na12.salesforce.com', OLD, 'na12.salesforce.com', NEW, 'another_org'],
  ])('%s %s then %s %s: %s', (oldHost, oldId, newHost, newId, expected) => {
    expect(orgChange({ orgId: oldId, instanceHost: oldHost }, { orgId: newId, instanceHost: newHost })).toBe(expected)
  })
})
