import { orgChange } from '@hawser/salesforce/org-change.ts'
import { toDiagnosis, type Diagnosis } from '#diagnosis/diagnose.ts'

/**
 * A reconnect that ended in another org than the connection's: its diagnosis. Undefined for the same org, for a sandbox that was refreshed (the same
 * host, a new id), and where one of the two is not known. `config`: `org_id` and `instance_url` of a connection.
 */
export function anotherOrg(stored: Record<string, unknown>, fresh: Record<string, unknown>): Diagnosis | undefined {
  const [before, now] = [seenIn(stored), seenIn(fresh)]
  if (!before || !now || orgChange(before, now) !== 'another_org') return undefined
  const row = {
    id: 'another-org',
    where: 'token',
    class: 'user',
    title: 'The sign-in ended in another org than the connection’s',
    cause: `The connection leads to ${before.instanceHost}, the user signed in to ${now.instanceHost}. Usually the browser still had a session in the other org.`,
    fix: [
      'Let the user try again and sign in to the connection’s org, best with its My Domain.',
      'If the other org is meant, make a new connection for it: what you keep of the old org (ids, cursors) does not fit there.',
      'To move this connection all the same, open the reconnect session with accept_other_org: true.',
    ],
    endUserText: `You signed in to another Salesforce org (${now.instanceHost}) than the one this connection belongs to (${before.instanceHost}). Please try again and sign in there. If your browser picks the wrong org by itself, open your link in a private window.`,
    confidence: 'V',
    source: 'our own check of the token answer',
  } as const
  return toDiagnosis(row, {
    ...{ old_org_id: before.orgId, new_org_id: now.orgId },
    ...{ old_host: before.instanceHost, new_host: now.instanceHost },
  })
}

function seenIn({ org_id: orgId, instance_url: url }: Record<string, unknown>): { orgId: string; instanceHost: string } | undefined {
  if (typeof orgId !== 'string' || typeof url !== 'string' || !URL.canParse(url)) return undefined
  return { orgId, instanceHost: new URL(url).host }
}
