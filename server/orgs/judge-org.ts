/** Whether an org may be connected through an integration: its kind against the provider's environment, and against what the environment forbids. */
import { environmentMismatch, NAME_OF_KIND, type OrgKind } from '@hawser/salesforce/org.ts'
import { toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'
import type { Provider } from '#providers/provider.ts'
import type { OrgFacts } from './org-facts.ts'

export interface OrgRules {
  /** What happens to an org of another kind than the provider's. */
  wrongOrgKind: 'refuse' | 'warn'
  /** Kinds that nobody may connect in this environment. */
  refusedOrgKinds: readonly OrgKind[]
}

export type OrgVerdict =
  | { verdict: 'fits' }
  /** `message` is one sentence for the engineer; `diagnosis` is that of an issue, or of the failed sign-in. */
  | { verdict: 'warn' | 'refuse'; message: string; diagnosis: Diagnosis }

export function judgeOrg(provider: Provider, facts: OrgFacts, rules: OrgRules): OrgVerdict {
  const { kind } = facts
  if (rules.refusedOrgKinds.includes(kind)) {
    const message = `This is ${NAME_OF_KIND[kind]}; this environment does not take orgs of this kind.`
    return { verdict: 'refuse', message, diagnosis: refusedKind(facts) }
  }
  if (provider.environment === undefined) return { verdict: 'fits' }
  const mismatch = environmentMismatch(provider.environment === 'sandbox' ? 'salesforce-sandbox' : 'salesforce', kind)
  if (!mismatch) return { verdict: 'fits' }
  const diagnosis = toDiagnosis(mismatch.row, evidenceOf(facts))
  return { verdict: rules.wrongOrgKind, message: mismatch.message, diagnosis }
}

function refusedKind(facts: OrgFacts): Diagnosis {
  const found = NAME_OF_KIND[facts.kind]
  const row = {
    id: 'org-kind-refused',
    where: 'token',
    class: 'user',
    title: `The sign-in ended in ${found}, which this environment does not take`,
    cause: `The environment’s refused_org_kinds names "${facts.kind}".`,
    fix: [
      'If such orgs were meant to be kept out, let the user sign in to another org.',
      `Else take "${facts.kind}" out of the environment’s refused_org_kinds, or connect this org in another environment.`,
    ],
    endUserText: `You signed in to ${found}, and orgs of this kind cannot be connected here. Please try again and sign in to another org. If your browser picks the wrong org by itself, open your link in a private window.`,
    confidence: 'V',
    source: facts.kind_certain ? 'the org’s own record' : 'our own check of the instance URL',
  } as const
  return toDiagnosis(row, evidenceOf(facts))
}

function evidenceOf({ org_id, kind, kind_certain, instance_url }: OrgFacts): Diagnosis['evidence'] {
  return { org_id, kind, kind_certain, instance_url }
}
