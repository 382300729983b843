/** How the dashboard calls what is wrong, and who can end it. */
import type { Reply } from '../api/call.ts'

export type Issue = Reply<'listIssues'>['issues'][number]
export type Diagnosis = NonNullable<Issue['diagnosis']>

export const issueKindWords: Record<string, string> = {
  refresh_failed: 'The sign-in no longer works',
  interrupted_refresh: 'A refresh was interrupted',
  instance_url_refused: 'The instance URL was refused',
  sandbox_refreshed: 'The sandbox was refreshed',
  sandbox_refresh_suspected: 'The sandbox may have been refreshed',
  approval_evicted: 'A newer sign-in pushed this one out',
  approvals_used_up: 'Sign-ins of this user are nearly used up',
  wrong_org_kind: 'The wrong kind of org',
}

export function titleOf({ diagnosis, kind }: Pick<Issue, 'diagnosis' | 'kind'>): string {
  return diagnosis?.title ?? issueKindWords[kind] ?? kind
}

/** Short, for a badge; and what it asks of whom. */
export const actorWords: Record<Diagnosis['actor'], readonly [who: string, sentence: string]> = {
  developer: ['You', 'You can end this yourself.'],
  customer_admin: ['Their administrator', 'Their administrator has to act: send them the steps.'],
  end_user: ['Their user', 'The person who connected has to act: send them a reconnect link.'],
  salesforce: ['Salesforce', 'Salesforce has to end this; nobody else can.'],
  provider: ['The provider', 'The provider has to end this; nobody else can.'],
  hawser: ['Hawser', 'This is a fault of Hawser itself. Please report it.'],
}

export const confidenceWords: Record<Diagnosis['confidence'], string> = {
  V: 'documented by the vendor',
  'V-obs': 'seen on a live org',
  M: 'commonly known',
  '?': 'a guess',
}
