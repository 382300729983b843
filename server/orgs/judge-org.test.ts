import { describe, expect, it } from 'vitest'
import type { Provider } from '#providers/provider.ts'
import { anotherOrg } from './another-org.ts'
import { judgeOrg } from './judge-org.ts'
import type { OrgFacts } from './org-facts.ts'

const provider = (environment?: 'production' | 'sandbox') => ({ name: 'x', ...(environment ? { environment } : {}) }) as Provider
const facts = (kind: OrgFacts['kind']) =>
  ({ org_id: '00Dxx0000001gPLEAY', kind, kind_certain: true, instance_url: 'https://acme.my.salesforce.com' }) as OrgFacts
const rules = { wrongOrgKind: 'refuse', refusedOrgKinds: [] } as const

describe('an org of the wrong kind', () => {
  it('is refused, or warned of, as the integration says', () => {
    expect(judgeOrg(provider('sandbox'), facts('developer'), rules)).toMatchObject({
      verdict: 'refuse',
      message: 'This is a Developer Edition org; use the `salesforce` integration.',
      diagnosis: { code: 'wrong-org-kind', evidence: { org_id: '00Dxx0000001gPLEAY', kind: 'developer', kind_certain: true } },
    })
    expect(judgeOrg(provider('sandbox'), facts('developer'), { ...rules, wrongOrgKind: 'warn' })).toMatchObject({ verdict: 'warn' })
  })

  it.each([
    ['the fitting one', provider('production'), 'trial'],
    ['an unknown one', provider('sandbox'), 'unknown'],
    ['any through a provider of both', provider(), 'sandbox'],
  ] as const)('is not %s', (_name, one, kind) => expect(judgeOrg(one, facts(kind), rules)).toEqual({ verdict: 'fits' }))

  it('that the environment refuses is refused everywhere, in plain words for the person', () => {
    for (const one of [provider(), provider('sandbox'), provider('production')]) {
      const judged = judgeOrg(one, facts('sandbox'), { wrongOrgKind: 'warn', refusedOrgKinds: ['sandbox'] })
      expect(judged).toMatchObject({ verdict: 'refuse', diagnosis: { code: 'org-kind-refused', actor: 'end_user' } })
      expect(judged.verdict === 'refuse' && judged.diagnosis.end_user_text).not.toMatch(/[`_*]|environment|integration|token/)
    }
  })
})

describe('another org', () => {
  const seen = (org_id: string, host: string) => ({ org_id, instance_url: `https://${host}` })
  const [ONE, TWO] = ['00Dxx0000001gPLEAY', '00Dxx0000009zzzEAA']

  it('is named with both hosts', () => {
    const diagnosis = anotherOrg(seen(ONE, 'acme.my.salesforce.com'), seen(TWO, 'globex.my.salesforce.com'))
    expect(diagnosis).toMatchObject({ code: 'another-org', evidence: { old_org_id: ONE, new_org_id: TWO } })
    expect(diagnosis?.end_user_text).toContain('globex.my.salesforce.com')
    expect(anotherOrg(seen(ONE, 'acme.my.salesforce.com'), seen(TWO, 'acme.my.salesforce.com'))).toMatchObject({ code: 'another-org' })
  })

  it('is not the same one at a new address, nor a refreshed sandbox, nor one that is not known', () => {
    expect(anotherOrg(seen(ONE, 'old.my.salesforce.com'), seen(ONE.slice(0, 15), 'new.my.salesforce.com'))).toBeUndefined()
    const sandbox = 'acme--uat.sandbox.my.salesforce.com'
    expect(anotherOrg(seen(ONE, sandbox), seen(TWO, sandbox))).toBeUndefined()
    expect(anotherOrg({}, seen(TWO, sandbox))).toBeUndefined()
    expect(anotherOrg(seen(ONE, sandbox), { instance_url: `https://${sandbox}` })).toBeUndefined()
  })
})
