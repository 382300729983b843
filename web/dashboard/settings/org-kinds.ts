/** Kinds of Salesforce org (`api/environment.ts`) in words. */
import type { SettingsChange } from './use-save-settings.ts'

export type OrgKind = NonNullable<SettingsChange['refused_org_kinds']>[number]

export const ORG_KINDS: readonly (readonly [kind: OrgKind, name: string, about: string])[] = [
  ['production', 'Production', 'Real data of a customer'],
  ['sandbox', 'Sandbox', 'A copy of a production org'],
  ['developer', 'Developer Edition', 'Free orgs, for one developer'],
  ['scratch', 'Scratch org', 'Made by a program, for at most 30 days'],
  ['trailhead', 'Trailhead playground', 'For learning'],
  ['trial', 'Trial', 'Ends unless it is bought'],
  ['demo', 'Demo', 'Of Salesforce’s own people and partners'],
  ['patch', 'Patch org', 'Where partners mend packages'],
  ['unknown', 'Not recognised', 'The server could not tell'],
]
